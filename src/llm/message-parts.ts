import { fields, isObject, items, text, type Fields } from '../fields.js';

/** A part of a message, as in the GenAI conventions; every text in it is a string. */
export interface MessagePart {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly content?: string;
  readonly arguments?: string;
  readonly response?: string;
}

export interface Message {
  readonly role: string;
  readonly parts: readonly MessagePart[];
  readonly finish_reason?: string;
}

/** Reads the content of a message. Of images, files and unknown parts only the type is kept. */
export function partsOf(content: unknown): MessagePart[] {
  if (content === undefined || content === null || content === '') return [];
  return Array.isArray(content) ? content.flatMap(partsOf) : [partOf(content)];
}

/** OpenAI's chat has name and arguments in `function`. */
export function toolCall(call: unknown): MessagePart {
  const { function: asked, ...own } = fields(call);
  const { id, call_id, toolCallId, toolUseId, name, toolName, input, args, ...rest } = {
    ...own,
    ...fields(asked),
  } as Fields;
  return {
    type: 'tool_call',
    ...known({ id: text(call_id, toolCallId, toolUseId, id), name: text(name, toolName) }),
    arguments: asText(input ?? args ?? rest.arguments),
  };
}

export function toolResult(result: unknown): MessagePart {
  const { id, tool_use_id, tool_call_id, toolCallId, toolUseId, call_id, ...rest } = fields(result);
  return {
    type: 'tool_call_response',
    ...known({ id: text(tool_use_id, tool_call_id, toolCallId, toolUseId, call_id, id) }),
    response: asText(rest.content ?? rest.output ?? rest.result ?? rest.response),
  };
}

/** Returns a text as it is, other data as JSON, a list of texts as one text. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  const texts = items(value).map((item) => fields(item).text ?? item);
  if (texts.length > 0 && texts.every((item) => typeof item === 'string')) return texts.join('');
  const json: unknown = JSON.stringify(value);
  return typeof json === 'string' ? json : '';
}

export function known<Key extends string>(all: Record<Key, string | undefined>) {
  const entries = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Record<Key, string>>;
}

/** The types of tool calls and results: Anthropic's, the AI SDK's, those of OpenAI's responses. */
const CALLS: readonly unknown[] = ['tool_use', 'tool-call', 'function_call'];
const RESULTS: readonly unknown[] = ['tool_result', 'tool-result', 'function_call_output'];

function partOf(part: unknown): MessagePart {
  if (typeof part === 'string') return { type: 'text', content: part };
  const { type, text: words, thinking, thought, refusal } = fields(part);
  if (typeof thinking === 'string') return { type: 'reasoning', content: thinking };
  const isThought = thought === true || type === 'reasoning';
  if (typeof words === 'string') return { type: isThought ? 'reasoning' : 'text', content: words };
  if (typeof refusal === 'string') return { type: 'text', content: refusal };
  // Google's, and Bedrock's.
  const { functionCall, functionResponse, toolUse, toolResult: told } = fields(part);
  const call = functionCall ?? toolUse ?? (CALLS.includes(type) ? part : undefined);
  if (isObject(call)) return toolCall(call);
  const result = functionResponse ?? told ?? (RESULTS.includes(type) ? part : undefined);
  return isObject(result) ? toolResult(result) : { type: text(type) ?? 'unknown' };
}
