import { isObject } from '../fields.js';

/** Where the events of a stream keep what is new in them. A text directly in one of these is content, too. */
const AROUND: ReadonlySet<string> = new Set([
  ...['choices', 'delta', 'message', 'candidates', 'content', 'parts', 'content_block', 'item'],
  ...['data', 'chunk', 'step', 'start', 'contentBlockStart', 'contentBlockDelta'],
  ...['additional_kwargs', 'outputs', 'token'],
  // Of Gemini's live sessions.
  ...['serverContent', 'modelTurn', 'outputTranscription', 'toolCall'],
]);

/** What an answer is made of, by all its names. */
const CONTENT: ReadonlySet<string> = new Set([
  ...['text', 'textDelta', 'outputText', 'output_text', 'completion', 'generation', 'refusal'],
  ...['thinking', 'reasoning', 'reasoning_content', 'reasoningContent', 'reasoning_details'],
  ...['summary', 'redactedContent', 'tool_plan', 'toolPlan'],
  ...['tool_calls', 'toolCalls', 'tool_call_chunks', 'function_call', 'functionCall', 'toolUse'],
  ...['functionCalls', 'tool_call_delta', 'toolCallDelta', 'argsTextDelta'],
  ...['partial_json', 'arguments', 'args', 'input', 'executableCode'],
  ...['audio', 'transcript', 'image', 'images', 'inlineData', 'file', 'b64_json'],
  ...['partial_image_b64'],
]);

/** Of what opens a call of a tool, which may have no arguments. */
const CALL = /(?:^tool-call|^tool-input-start|tool_use|_call)$/;
/** What the user says in a realtime session comes back in events of its own. */
const OTHERS = /^(?:error$|conversation\.)/;
/** What labels content is none by itself. */
const LABELS: ReadonlySet<string> = new Set(['id', 'type', 'index', 'role', 'format']);

/**
 * Whether an item of a stream has something of the answer: text, reasoning, a refusal, a call of a tool,
 * audio or a picture. Items that open a message, keep a connection alive, or tell usage have nothing.
 */
export function hasContent(item: unknown): boolean {
  if (typeof item === 'string') return item !== '';
  if (Array.isArray(item)) return item.some(hasContent);
  if (!isObject(item)) return false;
  const { type, role, error, response, done } = item;
  if (error != null || role === 'user') return false;
  if (isText(type) && OTHERS.test(type)) return false;
  if (isText(type) && CALL.test(type)) return true;
  // Ollama's; elsewhere it is an object that tells of the request.
  if (typeof done === 'boolean' && isText(response)) return true;
  return Object.entries(item).some(
    ([key, value]) =>
      (CONTENT.has(key) && isFilled(value)) || (AROUND.has(key) && hasContent(value)),
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isFilled(value: unknown): boolean {
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
  if (!isObject(value)) return isText(value);
  return Object.entries(value).some(([key, inner]) => !LABELS.has(key) && isFilled(inner));
}
