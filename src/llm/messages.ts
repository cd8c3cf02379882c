import { fields, pick, text } from '../fields.js';
import { finishReasonsOf } from '../cost/response.js';
import { isUnreadStream } from '../cost/usage.js';
import {
  asText,
  functionCall,
  partsOf,
  toolCall,
  toolResponse,
  type Message,
  type MessagePart,
} from './message-parts.js';

/**
 * What a model was asked: a text, a list of messages, or a request as OpenAI, Anthropic, Google,
 * Bedrock or the AI SDK take it. Other data is the user's message, as JSON. May throw what a getter
 * throws.
 */
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

/** What a model answered; none of a response that is not known. May throw what a getter throws. */
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

/** A message of the model. */
export function answer(parts: readonly MessagePart[], finishReason: unknown): Message {
  const reason = text(finishReason);
  return {
    role: 'assistant',
    parts,
    ...(reason === undefined ? {} : { finish_reason: reason }),
  };
}

/** OpenAI's responses, Bedrock's, and what is like the results of the AI SDK. */
function otherParts(response: unknown): MessagePart[] {
  const { text: words, toolCalls, output } = fields(response);
  if (Array.isArray(output)) return output.flatMap((item) => messageOf(item).parts);
  const calls = Array.isArray(toolCalls) ? toolCalls : [];
  return [
    ...partsOf(pick(output, ['message', 'content'])),
    ...(typeof words === 'string' ? partsOf(words) : []),
    ...calls.map((call) => {
      const { toolCallId, toolName, input, args } = fields(call);
      return toolCall(toolCallId, toolName, input ?? args);
    }),
  ];
}

function messageOf(message: unknown): Message {
  if (typeof message === 'string') return said('user', message);
  const { role, content, parts, tool_calls, tool_call_id, refusal, type } = fields(message);
  if (tool_call_id !== undefined) {
    return { role: 'tool', parts: [toolResponse(tool_call_id, content)] };
  }
  const calls = Array.isArray(tool_calls) ? tool_calls.map(functionCall) : [];
  const known = [...partsOf(content ?? parts), ...partsOf(refusal), ...calls];
  if (typeof role === 'string') return { role, parts: known };
  if (typeof type !== 'string') return said('user', asText(message));
  // OpenAI's responses have tool calls and their results between the messages.
  const isAnswer = type.endsWith('_output');
  return { role: isAnswer ? 'tool' : 'assistant', parts: partsOf(message) };
}

function said(role: string, content: string): Message {
  return { role, parts: partsOf(content) };
}
