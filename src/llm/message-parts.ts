import { fields, text } from '../fields.js';

/** A part of a message, as the GenAI conventions have it; every text in it is a string. */
export interface MessagePart {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly content?: string;
  readonly arguments?: string;
  readonly response?: string;
}

/** A message to a model, or of one. */
export interface Message {
  readonly role: string;
  readonly parts: readonly MessagePart[];
  readonly finish_reason?: string;
}

/**
 * The parts of a message's content: a text, a part, or a list of them, as OpenAI, Anthropic, Google,
 * Bedrock or the AI SDK have it. Of images, files and what is not known only the type is kept.
 */
export function partsOf(content: unknown): MessagePart[] {
  if (content === undefined || content === null || content === '') return [];
  return Array.isArray(content) ? content.flatMap(partsOf) : [partOf(content)];
}

/** A tool call as OpenAI's chat has it: `{ id, function: { name, arguments } }`. */
export function functionCall(call: unknown): MessagePart {
  const { id, function: asked } = fields(call);
  const { name, arguments: args } = fields(asked);
  return toolCall(id, name, args);
}

/** A tool that a model wants to be called. */
export function toolCall(id: unknown, name: unknown, args: unknown): MessagePart {
  return { type: 'tool_call', ...named(id, name), arguments: asText(args) };
}

/** What a tool answered. */
export function toolResponse(id: unknown, response: unknown): MessagePart {
  return { type: 'tool_call_response', ...named(id, undefined), response: asText(response) };
}

/** A text as it is, other data as its JSON; a list of texts as one. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  const items: unknown[] = Array.isArray(value) ? value : [];
  const texts = items.map((item) => fields(item).text ?? item);
  if (texts.length > 0 && texts.every((item) => typeof item === 'string')) return texts.join('');
  const json: unknown = JSON.stringify(value);
  return typeof json === 'string' ? json : '';
}

function partOf(part: unknown): MessagePart {
  if (typeof part === 'string') return { type: 'text', content: part };
  const { type, text: words, thinking, thought, refusal } = fields(part);
  if (typeof thinking === 'string') return { type: 'reasoning', content: thinking };
  const isThought = thought === true || type === 'reasoning';
  if (typeof words === 'string') return { type: isThought ? 'reasoning' : 'text', content: words };
  if (typeof refusal === 'string') return { type: 'text', content: refusal };
  return toolPart(fields(part)) ?? { type: text(type) ?? 'unknown' };
}

function toolPart(part: Readonly<Record<string, unknown>>): MessagePart | undefined {
  const { type, id, name, call_id } = part;
  switch (type) {
    case 'tool_use': // Anthropic
      return toolCall(id, name, part.input);
    case 'tool_result':
      return toolResponse(part.tool_use_id, part.content);
    case 'tool-call': // The AI SDK
      return toolCall(part.toolCallId, part.toolName, part.input ?? part.args);
    case 'tool-result':
      return toolResponse(part.toolCallId, part.output ?? part.result);
    case 'function_call': // OpenAI's responses
      return toolCall(call_id, name, part.arguments);
    case 'function_call_output':
      return toolResponse(call_id, part.output);
  }
  const { functionCall: asked, functionResponse: told, toolUse, toolResult } = part;
  if (asked !== undefined)
    return toolCall(fields(asked).id, fields(asked).name, fields(asked).args);
  if (told !== undefined) return toolResponse(fields(told).id, fields(told).response);
  if (toolUse !== undefined) {
    const { toolUseId, name: tool, input } = fields(toolUse);
    return toolCall(toolUseId, tool, input);
  }
  if (toolResult === undefined) return undefined;
  return toolResponse(fields(toolResult).toolUseId, fields(toolResult).content);
}

function named(id: unknown, name: unknown): { readonly id?: string; readonly name?: string } {
  const [knownId, knownName] = [text(id), text(name)];
  return {
    ...(knownId === undefined ? {} : { id: knownId }),
    ...(knownName === undefined ? {} : { name: knownName }),
  };
}
