import type OpenAI from 'openai';
import {
  eventFrame,
  piecesOf,
  type Answer,
  type LlmRequest,
  type NamedEvent,
  type Reply,
  type ToolCall,
} from './http.js';

type Part = OpenAI.Responses.ResponseOutputText;
type MessageItem = OpenAI.Responses.ResponseOutputMessage & { content: [Part] };
type CallItem = OpenAI.Responses.ResponseFunctionToolCall & { id: string };
type Item = MessageItem | CallItem;
/** The client adds `output_text`. */
type FromServer = Omit<OpenAI.Responses.Response, 'output_text'>;
type Event = OpenAI.Responses.ResponseStreamEvent;
/** Events are numbered when all of them are known. */
type WithoutNumber<E> = E extends Event ? Omit<E, 'sequence_number'> : never;
type Unnumbered = WithoutNumber<Event>;

/** The usage that a response has by default. */
export const responsesUsage = {
  input_tokens: 1_000,
  input_tokens_details: { cached_tokens: 400, cache_write_tokens: 0 },
  output_tokens: 100,
  output_tokens_details: { reasoning_tokens: 20 },
  total_tokens: 1_100,
};

/** Answers a request to the responses API. */
export function createResponse(body: LlmRequest['body'], reply: Reply, number: number): Answer {
  const begun = {
    id: `resp_${number}`,
    object: 'response',
    created_at: 1_767_225_600,
    model: reply.model ?? String(body.model),
    status: 'in_progress',
    output: [],
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
  } satisfies FromServer;
  const { item, events } = outputOf(reply, number);
  const usage = reply.usage ?? responsesUsage;
  const whole = { ...begun, status: 'completed', output: [item], usage };

  let count = 0;
  const frames = (unnumbered: readonly NamedEvent[]) =>
    unnumbered.map((event) => eventFrame({ ...event, sequence_number: count++ }));
  const opening = frames([
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...events.opening,
  ]);
  const content = frames(events.content);
  const closing = frames([
    ...events.closing,
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: whole },
  ]);
  return { whole, stream: { opening, content, closing } };
}

function outputOf(reply: Reply, number: number): { item: Item; events: ItemEvents } {
  if ('answer' in reply) {
    const item = messageItem(reply.answer, number);
    return { item, events: messageEvents(item) };
  }
  const item = callItem(reply.toolCall, number);
  return { item, events: callEvents(item) };
}

function messageItem(text: string, number: number): MessageItem {
  const id = `msg_${number}`;
  const part: Part = { type: 'output_text', text, annotations: [], logprobs: [] };
  return { id, type: 'message', role: 'assistant', status: 'completed', content: [part] };
}

function callItem(toolCall: ToolCall, number: number): CallItem {
  return {
    id: `fc_${number}`,
    call_id: `call_${number}`,
    type: 'function_call',
    status: 'completed',
    name: toolCall.name,
    arguments: JSON.stringify(toolCall.arguments),
  };
}

/** What streams between the first events of a response and the last two. */
interface ItemEvents {
  readonly opening: Unnumbered[];
  readonly content: Unnumbered[];
  readonly closing: Unnumbered[];
}

function messageEvents(item: MessageItem): ItemEvents {
  const [part] = item.content;
  const { text } = part;
  const at = { item_id: item.id, output_index: 0, content_index: 0 };
  return {
    opening: [
      added({ ...item, status: 'in_progress', content: [] }),
      { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
    ],
    content: piecesOf(text).map((delta) => ({
      type: 'response.output_text.delta',
      ...at,
      delta,
      logprobs: [],
    })),
    closing: [
      { type: 'response.output_text.done', ...at, text, logprobs: [] },
      { type: 'response.content_part.done', ...at, part },
    ],
  };
}

function callEvents(item: CallItem): ItemEvents {
  const { name, arguments: whole } = item;
  const at = { item_id: item.id, output_index: 0 };
  return {
    opening: [added({ ...item, status: 'in_progress', arguments: '' })],
    content: piecesOf(whole).map((delta) => ({
      type: 'response.function_call_arguments.delta',
      ...at,
      delta,
    })),
    closing: [{ type: 'response.function_call_arguments.done', ...at, name, arguments: whole }],
  };
}

function added(item: OpenAI.Responses.ResponseOutputItem): Unnumbered {
  return { type: 'response.output_item.added', output_index: 0, item };
}
