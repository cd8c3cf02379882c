import { crc32 } from 'node:zlib';

/** The same answer as several APIs send it: three words, 1,000 tokens in, 100 out. */
export interface SentAnswer {
  readonly type: string;
  readonly bytes: Buffer;
  readonly finish: string;
  readonly model?: string;
}

const words = ['It', ' is ', 'Zürich'];
const events = (items: readonly unknown[], end = '\n') =>
  Buffer.from(items.map((item) => `data: ${JSON.stringify(item)}${end}${end}`).join(''));

const chunk = (delta: object, more: object = {}) => ({
  id: 'c1',
  model: 'gpt-4o',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
  usage: null,
});
const usage = { prompt_tokens: 1_000, completion_tokens: 100 };
const chat = [
  chunk({ role: 'assistant', content: '' }),
  ...words.map((content) => chunk({ content })),
  chunk({}, { finish_reason: 'stop' }),
  { ...chunk({}), choices: [], usage },
];

const message = [
  {
    type: 'message_start',
    message: { id: 'c1', model: 'claude', usage: { input_tokens: 1_000, output_tokens: 1 } },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ...words.map((text) => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text },
  })),
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 100 } },
  { type: 'message_stop' },
];

const contents = words.map((text, index) => ({
  modelVersion: 'gemini',
  candidates: [
    { content: { parts: [{ text }] }, ...(index === 2 ? { finishReason: 'STOP' } : {}) },
  ],
  usageMetadata: { promptTokenCount: 1_000, candidatesTokenCount: index === 2 ? 100 : index },
}));

const ollama = [
  ...words.map((content) => ({ model: 'llama', message: { content }, done: false })),
  { model: 'llama', done: true, done_reason: 'stop', prompt_eval_count: 1_000, eval_count: 100 },
];

const converse = [
  ...words.map((text) => ['contentBlockDelta', { delta: { text } }] as const),
  ['messageStop', { stopReason: 'end_turn' }] as const,
  ['metadata', { usage: { inputTokens: 1_000, outputTokens: 100 } }] as const,
];

/** What a model sends through Bedrock, in base64, with Bedrock's own count at its end. */
const invoked = message.map((item) => {
  const metrics = { inputTokenCount: 1_000, outputTokenCount: 100 };
  const last = { ...item, 'amazon-bedrock-invocationMetrics': metrics };
  const json = JSON.stringify(item.type === 'message_stop' ? last : item);
  return ['chunk', { bytes: Buffer.from(json).toString('base64') }] as const;
});

export const STREAMS: Readonly<Record<string, SentAnswer>> = {
  'server-sent events': {
    type: 'text/event-stream; charset=utf-8',
    bytes: Buffer.concat([events(chat), Buffer.from('data: [DONE]\n\n')]),
    finish: 'stop',
    model: 'gpt-4o',
  },
  'server-sent events with the line ends of Windows, and without their type': {
    type: '',
    bytes: events(contents, '\r\n'),
    finish: 'STOP',
    model: 'gemini',
  },
  'events of messages': {
    type: 'text/event-stream',
    bytes: events(message),
    finish: 'end_turn',
    model: 'claude',
  },
  'JSON in lines': {
    type: 'application/x-ndjson',
    bytes: Buffer.from(ollama.map((item) => `${JSON.stringify(item)}\n`).join('')),
    finish: 'stop',
    model: 'llama',
  },
  'the binary events of Bedrock': {
    type: 'application/vnd.amazon.eventstream',
    bytes: Buffer.concat(converse.map(([type, payload]) => binaryEvent(type, payload))),
    finish: 'end_turn',
  },
  'binary events of a model': {
    type: 'application/vnd.amazon.eventstream',
    bytes: Buffer.concat(invoked.map(([type, payload]) => binaryEvent(type, payload))),
    finish: 'end_turn',
    model: 'claude',
  },
};

export const WHOLE: Readonly<Record<string, SentAnswer>> = {
  'a whole answer': {
    type: 'application/json',
    bytes: Buffer.from(
      JSON.stringify({ ...chunk({}, { finish_reason: 'stop', message: { content: 'x' } }), usage }),
    ),
    finish: 'stop',
    model: 'gpt-4o',
  },
  'a list': {
    type: 'application/json; charset=UTF-8',
    bytes: Buffer.from(JSON.stringify(contents, null, 2)),
    finish: 'STOP',
    model: 'gemini',
  },
};

function binaryEvent(type: string, payload: object): Buffer {
  const body = Buffer.from(JSON.stringify(payload));
  const headers = Buffer.concat(
    [
      [':event-type', type],
      [':content-type', 'application/json'],
    ].map(([name = '', value = '']) => {
      const sizes = Buffer.from([7, value.length >> 8, value.length & 255]);
      return Buffer.concat([
        Buffer.from([name.length]),
        Buffer.from(name),
        sizes,
        Buffer.from(value),
      ]);
    }),
  );
  const start = Buffer.alloc(8);
  start.writeUInt32BE(16 + headers.length + body.length, 0);
  start.writeUInt32BE(headers.length, 4);
  const checksum = (bytes: Buffer) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    return sum;
  };
  const message = Buffer.concat([start, checksum(start), headers, body]);
  return Buffer.concat([message, checksum(message)]);
}
