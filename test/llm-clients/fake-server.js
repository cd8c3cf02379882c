/** A server with the APIs of several providers, on loopback: every answer has the same usage, if no other is set. */
import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import { createServer as createServer2 } from 'node:http2';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

const WORDS = ['It', ' is', ' Paris'];
const TEXT = WORDS.join('');
const PROMPT = 1_000;
const OUTPUT = 100;
const ARGUMENTS = '{"city":"Paris"}';

/** By the end of the path: the whole answer, the items of its stream, and how they are written. */
const APIS = [
  [/\/chat\/completions$/, chatCompletion, events],
  [/\/responses$/, response, events],
  [/\/embeddings$/, embeddings],
  [/\/messages$/, message, events],
  [/:(?:streamG|g)enerateContent$/, content, events],
  [/\/v2\/chat$/, cohereChat, events],
  [/\/api\/chat$/, ollamaChat, lines],
  [/\/converse(?:-stream)?$/, converse, eventStream],
  [/\/invoke(?:-with-response-stream)?$/, invoked, eventStream],
];

/**
 * Starts it. `failures` is how many of the next requests it refuses with the status `refusedWith`. `usages` has
 * what the next answers used, by API (`chat`, `responses`, `embeddings`,
 * `messages`, `gemini`); `models` has the model that answers, by the one that was asked. Answers
 * have ids of their own if `isNumbered`. `answered` lists the model and the usage of each answer.
 */
export async function startServer() {
  const state = {
    failures: 0,
    refusedWith: 429,
    requests: 0,
    usages: {},
    models: {},
    isNumbered: false,
    answered: [],
  };
  const onRequest = (request, reply) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => void answer(state, request, JSON.parse(body || '{}'), reply));
  };
  const servers = [createServer(onRequest), createServer2(onRequest)];
  for (const server of servers) {
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
  }
  const [url, http2Url] = servers.map((server) => `http://127.0.0.1:${server.address().port}`);
  return Object.assign(state, {
    url,
    http2Url,
    close: () => servers.forEach((server) => server.close()),
  });
}

async function answer(state, request, asked, reply) {
  const [path] = request.url.split('?');
  const [, make, write] = APIS.find(([pattern]) => pattern.test(path)) ?? [];
  if (make === undefined) {
    reply.writeHead(404);
    reply.end();
    return;
  }
  state.requests += 1;
  if (state.failures > 0) {
    state.failures -= 1;
    const headers = { 'content-type': 'application/json', 'retry-after-ms': '5' };
    reply.writeHead(state.refusedWith, { ...headers, 'x-amzn-errortype': 'ThrottlingException' });
    reply.end(JSON.stringify({ error: { message: 'slow down' }, message: 'slow down' }));
    return;
  }
  const [, inPath] = /models\/([\w.-]+):/.exec(path) ?? [];
  const asking = inPath ?? asked.model;
  const model = state.models[asking] ?? asking;
  const { whole, items } = make(
    { ...asked, model },
    state.usages,
    state.isNumbered ? state.requests : 1,
  );
  state.answered.push({ model, usage: whole.usage ?? whole.usageMetadata });
  const isStream = asked.stream === true || /stream/.test(path) || isOllamaStream(path, asked);
  if (isStream) await write(reply, items);
  else {
    reply.writeHead(200, { 'content-type': 'application/json' });
    reply.end(JSON.stringify(whole));
  }
}

/** Ollama streams unless it is told not to. */
function isOllamaStream(path, { stream }) {
  return path.endsWith('/api/chat') && stream !== false;
}

async function send(reply, type, parts) {
  reply.writeHead(200, { 'content-type': type });
  for (const part of parts) {
    reply.write(part);
    await setImmediate();
  }
  reply.end();
}

function events(reply, items) {
  const eventOf = (item) => {
    const name = item.type === undefined ? '' : `event: ${item.type}\n`;
    return `${name}data: ${typeof item === 'string' ? item : JSON.stringify(item)}\n\n`;
  };
  return send(reply, 'text/event-stream', items.map(eventOf));
}

function lines(reply, items) {
  const parts = items.map((item) => `${JSON.stringify(item)}\n`);
  return send(reply, 'application/x-ndjson', parts);
}

function eventStream(reply, items) {
  return send(reply, 'application/vnd.amazon.eventstream', items.map(binaryMessage));
}

function binaryMessage(item) {
  const [[type, payload]] = Object.entries(item);
  const header = (name, value) => {
    const bytes = Buffer.alloc(4 + name.length + value.length);
    bytes.writeUInt8(name.length, 0);
    bytes.write(name, 1);
    bytes.writeUInt8(7, 1 + name.length);
    bytes.writeUInt16BE(value.length, 2 + name.length);
    bytes.write(value, 4 + name.length);
    return bytes;
  };
  const headers = Buffer.concat([
    header(':message-type', 'event'),
    header(':event-type', type),
    header(':content-type', 'application/json'),
  ]);
  const body = Buffer.from(JSON.stringify(payload));
  const start = Buffer.alloc(12);
  start.writeUInt32BE(16 + headers.length + body.length, 0);
  start.writeUInt32BE(headers.length, 4);
  start.writeUInt32BE(crc32(start.subarray(0, 8)), 8);
  const message = Buffer.concat([start, headers, body]);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(message));
  return Buffer.concat([message, end]);
}

/** The tool to ask for: the first of a request that has no result of one yet. */
function wantedTool({ tools: [tool] = [], messages, input, contents }) {
  const said = JSON.stringify(messages ?? input ?? contents);
  if (/"(?:tool|tool_result|function_call_output|functionResponse)"/.test(said)) return undefined;
  return (tool?.function ?? tool?.functionDeclarations?.[0] ?? tool)?.name;
}

function chatCompletion(asked, usages, number) {
  const { model, stream_options: options } = asked;
  const usage = usages.chat ?? {
    prompt_tokens: PROMPT,
    completion_tokens: OUTPUT,
    total_tokens: PROMPT + OUTPUT,
  };
  const head = { id: `chatcmpl-${number}`, created: 1_767_225_600, model };
  const choice = { index: 0, logprobs: null };
  const chunk = (delta, finish_reason = null) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ ...choice, delta, finish_reason }],
  });
  const last = { ...chunk({}), choices: [], usage };
  const name = wantedTool(asked);
  const call = { id: 'call_1', type: 'function', function: { name, arguments: ARGUMENTS } };
  const message =
    name === undefined
      ? { message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }
      : {
          message: { role: 'assistant', content: null, tool_calls: [call] },
          finish_reason: 'tool_calls',
        };
  return {
    whole: { ...head, object: 'chat.completion', choices: [{ ...choice, ...message }], usage },
    items: [
      chunk({ role: 'assistant', content: '' }),
      ...WORDS.map((content) => chunk({ content })),
      chunk({}, 'stop'),
      ...(options?.include_usage === false ? [] : [last]),
      '[DONE]',
    ],
  };
}

function response(asked, usages, number) {
  const { model } = asked;
  const usage = usages.responses ?? {
    input_tokens: PROMPT,
    output_tokens: OUTPUT,
    total_tokens: PROMPT + OUTPUT,
  };
  const head = {
    id: `resp_${number}`,
    object: 'response',
    created_at: 1,
    model,
    error: null,
    tools: [],
  };
  const part = { type: 'output_text', text: TEXT, annotations: [] };
  const item = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [part],
  };
  const name = wantedTool(asked);
  const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', status: 'completed' };
  const output = name === undefined ? item : { ...call, name, arguments: ARGUMENTS };
  const whole = { ...head, status: 'completed', output: [output], usage };
  const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const events = [
    { type: 'response.created', response: { ...head, status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
    { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
    ...WORDS.map((delta) => ({ type: 'response.output_text.delta', ...at, delta })),
    { type: 'response.output_text.done', ...at, text: TEXT },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: whole },
  ];
  return { whole, items: events.map((event, number) => ({ ...event, sequence_number: number })) };
}

function embeddings({ model, input, encoding_format: format }, usages) {
  const vector = [0.25, 0.5];
  const embedding =
    format === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector;
  const usage = usages.embeddings ?? { prompt_tokens: PROMPT };
  const data = [input].flat().map((_, index) => ({
    object: 'embedding',
    index,
    embedding,
  }));
  return { whole: { object: 'list', data, model, usage } };
}

function message(asked, usages = {}, number = 1) {
  const { model } = asked;
  const usage = usages.messages ?? { input_tokens: PROMPT, output_tokens: OUTPUT };
  const head = {
    id: `msg_${number}`,
    type: 'message',
    role: 'assistant',
    model,
    stop_sequence: null,
  };
  const delta = { stop_reason: 'end_turn', stop_sequence: null };
  const begun = {
    ...head,
    content: [],
    stop_reason: null,
    usage: { ...usage, output_tokens: 1 },
  };
  const name = wantedTool(asked);
  const text = { content: [{ type: 'text', text: TEXT }], ...delta };
  const input = JSON.parse(ARGUMENTS);
  const call = {
    content: [{ type: 'tool_use', id: 'toolu_1', name, input }],
    stop_reason: 'tool_use',
  };
  return {
    whole: { ...head, ...(name === undefined ? text : call), usage },
    items: [
      { type: 'message_start', message: begun },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      ...WORDS.map((text) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text },
      })),
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta, usage: { output_tokens: usage.output_tokens } },
      { type: 'message_stop' },
    ],
  };
}

function content(asked, usages, number) {
  const head = { responseId: `r${number}`, modelVersion: asked.model };
  const usageMetadata = usages.gemini ?? {
    promptTokenCount: PROMPT,
    candidatesTokenCount: OUTPUT,
    totalTokenCount: PROMPT + OUTPUT,
  };
  const chunk = (text, more = {}) => ({
    ...head,
    candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...more }],
    usageMetadata,
  });
  const end = { finishReason: 'STOP' };
  const name = wantedTool(asked);
  const parts = [{ functionCall: { name, args: JSON.parse(ARGUMENTS) } }];
  const call = { content: { role: 'model', parts } };
  return {
    whole: chunk(TEXT, name === undefined ? end : { ...call, ...end }),
    items: [...WORDS.slice(0, -1).map((word) => chunk(word)), chunk(WORDS.at(-1), end)],
  };
}

function cohereChat() {
  const counts = { input_tokens: PROMPT, output_tokens: OUTPUT };
  const usage = { billed_units: counts, tokens: counts };
  const part = { type: 'text', text: TEXT };
  return {
    whole: {
      id: 'c1',
      finish_reason: 'COMPLETE',
      message: { role: 'assistant', content: [part] },
      usage,
    },
    items: [
      { id: 'c1', type: 'message-start', delta: { message: { role: 'assistant', content: [] } } },
      { type: 'content-start', index: 0, delta: { message: { content: { ...part, text: '' } } } },
      ...WORDS.map((text) => ({
        type: 'content-delta',
        index: 0,
        delta: { message: { content: { text } } },
      })),
      { type: 'content-end', index: 0 },
      { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage } },
    ],
  };
}

function ollamaChat({ model }) {
  const head = { model, created_at: '2026-01-01T00:00:00Z' };
  const counts = { prompt_eval_count: PROMPT, eval_count: OUTPUT };
  const end = { done: true, done_reason: 'stop', ...counts };
  const chunk = (text, more) => ({
    ...head,
    message: { role: 'assistant', content: text },
    ...more,
  });
  return {
    whole: chunk(TEXT, end),
    items: [...WORDS.map((word) => chunk(word, { done: false })), chunk('', end)],
  };
}

function converse() {
  const usage = { inputTokens: PROMPT, outputTokens: OUTPUT, totalTokens: PROMPT + OUTPUT };
  const metrics = { latencyMs: 1 };
  return {
    whole: {
      output: { message: { role: 'assistant', content: [{ text: TEXT }] } },
      stopReason: 'end_turn',
      usage,
      metrics,
    },
    items: [
      { messageStart: { role: 'assistant' } },
      ...WORDS.map((text) => ({ contentBlockDelta: { contentBlockIndex: 0, delta: { text } } })),
      { contentBlockStop: { contentBlockIndex: 0 } },
      { messageStop: { stopReason: 'end_turn' } },
      { metadata: { usage, metrics } },
    ],
  };
}

/** What the model itself answers, in the stream as bytes. */
function invoked() {
  const { whole, items } = message({ model: 'claude' });
  const bytesOf = (item) => Buffer.from(JSON.stringify(item)).toString('base64');
  return { whole, items: items.map((item) => ({ chunk: { bytes: bytesOf(item) } })) };
}
