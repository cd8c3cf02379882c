import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type OpenAI from 'openai';
import { composeAnswer, composeQueries } from './answer-writer.js';
import { countUsage, promptOf } from './prompt-usage.js';
import { seededRandom } from './random.js';

/** A running server. */
export interface OpenAiServer {
  /** The `baseURL` for a client. */
  readonly url: string;
  /** Ends every connection. */
  close(): Promise<void>;
}

type Params = OpenAI.ChatCompletionCreateParams;

/** The requests that fail, counted from 1. They are the same in every run. */
const RATE_LIMITED_PLAN = 2;
const HANGING_ANSWER = 3;

/**
 * Starts a local server with OpenAI's chat completions API that is as slow as a real model. If a request
 * offers tools, it answers with tool calls, otherwise with a stream of sentences from the prompt. It
 * refuses one request with status 429 and never answers another.
 */
export async function startOpenAiServer(): Promise<OpenAiServer> {
  const model = standInModel();
  const server = createServer((request, response) => {
    const connection = new AbortController();
    response.on('close', () => connection.abort());
    text(request)
      .then((body) => {
        const path = `${request.method ?? ''} ${request.url ?? ''}`;
        if (path !== 'POST /v1/chat/completions') {
          sendError(response, 404, 'Not found');
          return undefined;
        }
        const params = JSON.parse(body) as Params;
        const answer = params.tools === undefined ? model.streamAnswer : model.callTools;
        return answer(params, response, connection.signal);
      })
      .catch((error: unknown) => {
        if (connection.signal.aborted) return;
        sendError(response, error instanceof SyntaxError ? 400 : 500, String(error));
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${port}/v1`, close };
}

/** Returns the two kinds of answers. Both stop with an `AbortError` when the client is `gone`. */
function standInModel() {
  const random = seededRandom(2);
  const usageOf = countUsage();
  let plans = 0;
  let answers = 0;

  const callTools = async (params: Params, response: ServerResponse, gone: AbortSignal) => {
    plans += 1;
    if (plans === RATE_LIMITED_PLAN) {
      response.setHeader('retry-after', '1').setHeader('retry-after-ms', '400');
      sendError(response, 429, 'Rate limit reached');
      return;
    }
    await delay(150 + 150 * random(), undefined, { signal: gone });
    const toolCalls = composeQueries(lastMessageOf(params)).map(toolCall);
    const usage = usageOf(promptOf(params), JSON.stringify(toolCalls));
    const message = { role: 'assistant', content: null, refusal: null, tool_calls: toolCalls };
    const choices = [{ index: 0, message, finish_reason: 'tool_calls', logprobs: null }];
    const completion = { ...head(`plan-${plans}`, 'chat.completion', params), choices, usage };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(completion));
  };

  const streamAnswer = async (params: Params, response: ServerResponse, gone: AbortSignal) => {
    answers += 1;
    const id = `answer-${answers}`;
    const answer = composeAnswer(lastMessageOf(params));
    const usage = usageOf(promptOf(params), answer);
    // The client has to give up.
    if (answers === HANGING_ANSWER) await once(response, 'close');
    await delay(200 + 150 * random(), undefined, { signal: gone });
    response.setHeader('content-type', 'text/event-stream');
    const send = (choices: readonly unknown[], more = {}) => {
      const chunk = { ...head(id, 'chat.completion.chunk', params), choices, ...more };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    };
    // Each piece is about as long as a token.
    for (const content of answer.match(/\s*\S{1,6}/g) ?? []) {
      await delay(2 + 6 * random(), undefined, { signal: gone });
      send([{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }]);
    }
    send([{ index: 0, delta: {}, finish_reason: 'stop' }]);
    if (params.stream_options?.include_usage === true) send([], { usage });
    response.end('data: [DONE]\n\n');
  };

  return { callTools, streamAnswer };
}

function head(id: string, object: string, { model }: Params) {
  return { id: `chatcmpl-${id}`, object, created: Math.floor(Date.now() / 1000), model };
}

function lastMessageOf({ messages }: Params): string {
  const content = messages.at(-1)?.content;
  return typeof content === 'string' ? content : '';
}

function toolCall(query: string, index: number): OpenAI.ChatCompletionMessageFunctionToolCall {
  const call = { name: 'search_documents', arguments: JSON.stringify({ query }) };
  return { id: `call_${index + 1}`, type: 'function', function: call };
}

function sendError(response: ServerResponse, status: number, message: string): void {
  // After a stream has started, closing the connection is the only way to signal an error.
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type: 'error', param: null, code: null } }));
}
