import type Anthropic from '@anthropic-ai/sdk';
import {
  eventFrame,
  piecesOf,
  startServer,
  type Answer,
  type LlmRequest,
  type LlmServer,
  type Protocol,
  type Reply,
  type Script,
} from './http.js';

/** Text without sources comes without the field for them, whatever the client's type says. */
type Block = Omit<Anthropic.TextBlock, 'citations'> | Anthropic.ToolUseBlock;
type Delta = Anthropic.TextDelta | Anthropic.InputJSONDelta;

/** The usage that a message has by default. Its input tokens are those without any caching. */
export const messagesUsage = {
  input_tokens: 100,
  cache_creation_input_tokens: 200,
  cache_read_input_tokens: 400,
  cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 0 },
  output_tokens: 50,
  service_tier: 'standard',
};

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

const protocol: Protocol = {
  basePath: '',
  endpoints: { '/v1/messages': message },
  error: (status) => {
    const type = errorTypes[status] ?? 'api_error';
    return { type: 'error', error: { type, message: `Refused with ${status}` } };
  },
};

/**
 * Starts a server that speaks Anthropic's messages API. Its `url` is as `@anthropic-ai/sdk` wants
 * it; `@ai-sdk/anthropic` wants `/v1` at its end.
 */
export function startAnthropic(script: Script = [{ answer: 'Paris' }]): Promise<LlmServer> {
  return startServer(protocol, script);
}

function message(body: LlmRequest['body'], reply: Reply, number: number): Answer {
  const usage = reply.usage ?? messagesUsage;
  const block = contentBlock(reply, number);
  const begun = {
    id: `msg_${number}`,
    type: 'message',
    role: 'assistant',
    model: reply.model ?? String(body.model),
    content: [],
    container: null,
    diagnostics: null,
    stop_details: null,
    stop_reason: null,
    stop_sequence: null,
  } satisfies Omit<Anthropic.Message, 'usage'>;
  const end = {
    stop_reason: block.type === 'text' ? 'end_turn' : 'tool_use',
    stop_sequence: null,
  };

  const { empty, deltas } = streamed(block);
  // The figures of the last event are totals; the first one has but a token of output.
  const message = { ...begun, usage: { ...usage, output_tokens: 1 } };
  const stream = {
    opening: [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: empty },
      { type: 'ping' },
    ].map(eventFrame),
    content: deltas.map((delta) => eventFrame({ type: 'content_block_delta', index: 0, delta })),
    closing: [
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: end, usage },
      { type: 'message_stop' },
    ].map(eventFrame),
  };
  return { whole: { ...begun, ...end, content: [block], usage }, stream };
}

function contentBlock(reply: Reply, number: number): Block {
  if ('answer' in reply) return { type: 'text', text: reply.answer };
  const { name, arguments: input } = reply.toolCall;
  return { type: 'tool_use', id: `toolu_${number}`, name, input, caller: { type: 'direct' } };
}

/** A block as it begins, and what fills it. */
function streamed(block: Block): { empty: Block; deltas: Delta[] } {
  if (block.type === 'text') {
    const deltas = piecesOf(block.text).map((text) => ({ type: 'text_delta' as const, text }));
    return { empty: { ...block, text: '' }, deltas };
  }
  const deltas = piecesOf(JSON.stringify(block.input)).map((piece) => ({
    type: 'input_json_delta' as const,
    partial_json: piece,
  }));
  return { empty: { ...block, input: {} }, deltas };
}
