import type OpenAI from 'openai';
import {
  dataFrame,
  piecesOf,
  startServer,
  type Answer,
  type Frames,
  type LlmRequest,
  type LlmServer,
  type Protocol,
  type Reply,
  type Script,
} from './http.js';
import { createResponse } from './openai-responses.js';

type Body = LlmRequest['body'];
type Chunk = OpenAI.ChatCompletionChunk;
type Choice = Chunk['choices'][number];

/** The usage that a chat completion has by default. */
export const chatUsage = {
  prompt_tokens: 1_000,
  completion_tokens: 100,
  total_tokens: 1_100,
  prompt_tokens_details: { cached_tokens: 400 },
  completion_tokens_details: { reasoning_tokens: 20 },
};

/** The usage that embeddings have by default. */
export const embeddingsUsage = { prompt_tokens: 8, total_tokens: 8 };

/** What every text is embedded as. 32 bits hold it exactly, so base64 does not change it. */
export const embedding: readonly number[] = [0.25, -0.5, 1];

const errorTypes: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  429: 'rate_limit_error',
};

const protocol: Protocol = {
  basePath: '/v1',
  endpoints: {
    '/v1/chat/completions': chatCompletion,
    '/v1/responses': createResponse,
    '/v1/embeddings': embeddings,
  },
  error: (status) => {
    const type = errorTypes[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error');
    return { error: { message: `Refused with ${status}`, type, param: null, code: null } };
  },
};

/**
 * Starts a server that speaks OpenAI's chat completions, responses and embeddings APIs. Its `url`
 * ends in `/v1`, as `openai` and `@ai-sdk/openai` want it.
 */
export function startOpenAi(script: Script = [{ answer: 'Paris' }]): Promise<LlmServer> {
  return startServer(protocol, script);
}

function chatCompletion(body: Body, reply: Reply, number: number): Answer {
  const head = {
    id: `chatcmpl-${number}`,
    created: 1_767_225_600,
    model: reply.model ?? String(body.model),
  };
  const usage = reply.usage ?? chatUsage;
  const { message, finishReason } = chatMessage(reply, number);
  const completion = {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: finishReason, logprobs: null }],
  } satisfies OpenAI.ChatCompletion;

  const options = body.stream_options as OpenAI.ChatCompletionStreamOptions | undefined;
  const withUsage = options?.include_usage === true;
  const frame = (choices: Choice[]) => {
    const chunk = { ...head, object: 'chat.completion.chunk', choices } satisfies Chunk;
    return dataFrame(withUsage ? { ...chunk, usage: choices.length === 0 ? usage : null } : chunk);
  };
  const { opening, content } = chatDeltas(message);
  const delta = (part: Choice['delta']) => frame([{ index: 0, delta: part, finish_reason: null }]);
  const stream: Frames = {
    opening: opening.map(delta),
    content: content.map(delta),
    closing: [
      frame([{ index: 0, delta: {}, finish_reason: finishReason }]),
      ...(withUsage ? [frame([])] : []),
      'data: [DONE]\n\n',
    ],
  };
  return { whole: { ...completion, usage }, stream };
}

function chatMessage(reply: Reply, number: number) {
  const message = { role: 'assistant' as const, refusal: null };
  if ('answer' in reply) {
    return { message: { ...message, content: reply.answer }, finishReason: 'stop' as const };
  }
  const { name } = reply.toolCall;
  const call: OpenAI.ChatCompletionMessageFunctionToolCall = {
    id: `call_${number}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(reply.toolCall.arguments) },
  };
  return {
    message: { ...message, content: null, tool_calls: [call] },
    finishReason: 'tool_calls' as const,
  };
}

/** The first frames have a role and the name of a tool, but nothing of the content. */
function chatDeltas(message: ReturnType<typeof chatMessage>['message']) {
  const first = { role: 'assistant' as const };
  if (!('tool_calls' in message)) {
    const content = piecesOf(message.content).map((piece) => ({ content: piece }));
    return { opening: [{ ...first, content: '' }], content };
  }
  const [call] = message.tool_calls;
  const { name, arguments: whole } = call!.function;
  const begun = { index: 0, ...call!, function: { name, arguments: '' } };
  const content = piecesOf(whole).map((piece) => ({
    tool_calls: [{ index: 0, function: { arguments: piece } }],
  }));
  return { opening: [{ ...first, content: null, tool_calls: [begun] }], content };
}

function embeddings(body: Body, reply: Reply): Answer {
  const vector =
    body.encoding_format === 'base64'
      ? Buffer.from(Float32Array.from(embedding).buffer).toString('base64')
      : embedding;
  const { input } = body;
  // A list of numbers is one text in tokens.
  const texts = Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1;
  const data = Array.from({ length: texts }, (_, index) => ({
    object: 'embedding',
    index,
    embedding: vector,
  }));
  const model = reply.model ?? String(body.model);
  return { whole: { object: 'list', data, model, usage: reply.usage ?? embeddingsUsage } };
}
