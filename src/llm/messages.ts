import { finishReasonsOf } from '../cost/response.js';
import { isUnreadStream } from '../cost/usage.js';
import { fields, items, pick, text } from '../fields.js';
import {
  asText,
  known,
  partsOf,
  toolCall,
  toolResult,
  type Message,
  type MessagePart,
} from './message-parts.js';

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
  return { role: 'assistant', parts, ...known({ finish_reason: text(finishReason) }) };
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
