import { finishReasonsOf } from '../cost/response.js';
import { isUnreadStream } from '../cost/usage.js';
import { fields, isObject, items, pick, text, type Fields } from '../fields.js';
import { defined } from '../sums.js';

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
    ...defined({ id: text(call_id, toolCallId, toolUseId, id), name: text(name, toolName) }),
    arguments: asText(input ?? args ?? rest.arguments),
  };
}

function toolResult(result: unknown): MessagePart {
  const { id, tool_use_id, tool_call_id, toolCallId, toolUseId, call_id, ...rest } = fields(result);
  return {
    type: 'tool_call_response',
    ...defined({ id: text(tool_use_id, tool_call_id, toolCallId, toolUseId, call_id, id) }),
    response: asText(rest.content ?? rest.output ?? rest.result ?? rest.response),
  };
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  const texts = items(value).map((item) => fields(item).text ?? item);
  if (texts.length > 0 && texts.every((item) => typeof item === 'string')) return texts.join('');
  const json: unknown = JSON.stringify(value);
  return typeof json === 'string' ? json : '';
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

/** Data of another shape becomes a message of the user, as JSON. May throw what a getter throws. */
export function inputMessages(input: unknown): Message[] {
  if (typeof input === 'string') return [said('user', input)];
  if (Array.isArray(input)) return input.map(messageOf);
  const request = fields(input);
  const asked = request.messages ?? request.input ?? request.contents ?? request.prompt;
  if (asked === undefined) return [said('user', asText(input))];
  const first =
    request.system ?? request.instructions ?? pick(request, ['config', 'systemInstruction']);
  const system = partsOf(fields(first).parts ?? first);
  const messages = inputMessages(asked);
  return system.length === 0 ? messages : [{ role: 'system', parts: system }, ...messages];
}

/** May throw what a getter throws. */
export function outputMessages(response: unknown): Message[] {
  if (typeof response === 'string') return [said('assistant', response)];
  if (isUnreadStream(response)) return [];
  const { choices, candidates, content } = fields(response);
  if (Array.isArray(choices)) {
    return choices.map((choice) => {
      const { message, text: words } = fields(choice);
      const parts =
        message === undefined ? partsOf(words) : messageOf({ role: '', ...fields(message) }).parts;
      return answer(parts, fields(choice).finish_reason);
    });
  }
  if (Array.isArray(candidates)) {
    return candidates.map((candidate) =>
      answer(partsOf(pick(candidate, ['content', 'parts'])), fields(candidate).finishReason),
    );
  }
  const [reason = fields(response).stopReason] = finishReasonsOf(response);
  const parts = content === undefined ? otherParts(response) : partsOf(content);
  return parts.length === 0 ? [] : [answer(parts, reason)];
}

export function answer(parts: readonly MessagePart[], finishReason: unknown): Message {
  return { role: 'assistant', parts, ...defined({ finish_reason: text(finishReason) }) };
}

function otherParts(response: unknown): MessagePart[] {
  const { text: words, toolCalls, output } = fields(response);
  if (Array.isArray(output)) return output.flatMap((item) => messageOf(item).parts);
  return [
    ...partsOf(pick(output, ['message', 'content'])),
    ...partsOf(text(words)),
    ...items(toolCalls).map(toolCall),
  ];
}

function messageOf(message: unknown): Message {
  if (typeof message === 'string') return said('user', message);
  const { role, content, parts, tool_calls, tool_call_id, refusal, type } = fields(message);
  if (tool_call_id !== undefined) return { role: 'tool', parts: [toolResult(message)] };
  const calls = items(tool_calls).map(toolCall);
  const all = [...partsOf(content ?? parts), ...partsOf(refusal), ...calls];
  if (typeof role === 'string') return { role, parts: all };
  if (typeof type !== 'string') return said('user', asText(message));
  // OpenAI's responses have tool calls and their results between the messages.
  return { role: type.endsWith('_output') ? 'tool' : 'assistant', parts: partsOf(message) };
}

function said(role: string, content: string): Message {
  return { role, parts: partsOf(content) };
}
