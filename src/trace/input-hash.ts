import * as semconv from '../semconv.js';
import { MAX_NAME_LENGTH } from './short-name.js';
import type { SpanFacts } from './span-record.js';

/** What a model calls a tool with. */
const TOOL_INPUT_NAMES = [
  'gen_ai.tool.call.arguments',
  'ai.toolCall.args',
  'traceloop.entity.input',
] as const;
/** Prefixes of attributes with the input and the settings of a model. Only a hash of them is kept. */
const INPUT_PREFIXES = [
  semconv.GEN_AI_INPUT_MESSAGES,
  'gen_ai.system_instructions',
  'gen_ai.tool.definitions',
  'gen_ai.request.',
  'gen_ai.prompt.',
  'ai.prompt',
  'ai.value',
  'ai.settings.',
  'llm.input_messages.',
  'llm.invocation_parameters',
  'llm.prompts.',
  'llm.request.functions.',
  'llm.tools.',
  'embedding.embeddings.',
  'input.value',
  'langfuse.observation.input',
  'langfuse.observation.model.',
  ...TOOL_INPUT_NAMES,
] as const;
/** One of them is there where an input was recorded. */
const INPUTS: ReadonlySet<string> = new Set([
  semconv.GEN_AI_INPUT_MESSAGES,
  'gen_ai.prompt.0.content',
  'ai.prompt.messages',
  'ai.prompt',
  'ai.value',
  'ai.values',
  'llm.input_messages.0.message.content',
  'llm.prompts.0.prompt.text',
  'embedding.embeddings.0.embedding.text',
  'input.value',
  'langfuse.observation.input',
  ...TOOL_INPUT_NAMES,
]);

/** Longer inputs get no hash: reading them costs too much, and a part would make different inputs the same. */
export const MAX_INPUT_LENGTH = 200_000;

/**
 * Returns the span's own hash of what an LLM call asked, or one of the input that an instrumentation
 * recorded, with model, operation and settings; of a tool's call one of what it was called with.
 */
export function readInputHash(
  attributes: Readonly<Record<string, unknown>>,
  { llmCall }: SpanFacts,
): string | undefined {
  const given = attributes[semconv.HOTSPAN_LLM_INPUT_HASH];
  if (typeof given === 'string' && given !== '') {
    return given.length > MAX_NAME_LENGTH ? fnv1a([given]) : given;
  }
  if (!hasInput(attributes)) return undefined;
  const operation = attributes[semconv.GEN_AI_OPERATION_NAME];
  const model = llmCall?.requestModel ?? llmCall?.model;
  const parts = [[llmCall?.provider, model, operation].map(String).join('\n')];
  let length = 0;
  const isInput = (key: string) => INPUT_PREFIXES.some((prefix) => key.startsWith(prefix));
  // Sorted, because they may have been recorded in another order.
  for (const key of Object.keys(attributes).filter(isInput).sort()) {
    const text = textOf(attributes[key]);
    length += key.length + (text?.length ?? Infinity);
    if (text === undefined || length > MAX_INPUT_LENGTH) return undefined;
    // The lengths keep apart what follows each other.
    parts.push(`\n${key} ${text.length}\n`, text);
  }
  return fnv1a(parts);
}

/** There are fewer attributes than names of inputs, and mostly no input. */
function hasInput(attributes: Readonly<Record<string, unknown>>): boolean {
  for (const name in attributes) {
    if (INPUTS.has(name) && attributes[name] !== undefined) return true;
  }
  return false;
}

/** Undefined for what cannot be written as text. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/**
 * FNV-1a with 64 bits (Fowler, Noll and Vo) over UTF-16 code units, in two halves, because JavaScript is slow
 * at 64-bit integers. No protection against those who want two texts to look the same.
 */
export function fnv1a(parts: readonly string[]): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const text of parts) {
    for (let at = 0; at < text.length; at += 1) {
      // The prime is 2 ** 40 + 0x1b3: times 2 ** 40 moves the low half 8 bits up in the high one.
      low = (low ^ text.charCodeAt(at)) >>> 0;
      const product = low * 0x1b3;
      high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
      low = product >>> 0;
    }
  }
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('');
}
