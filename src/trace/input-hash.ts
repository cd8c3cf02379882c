import {
  GEN_AI_OPERATION_NAME,
  HOTSPAN_LLM_INPUT_HASH,
  INPUT_NAMES,
  INPUT_PREFIXES,
} from '../semconv.js';
import { Fnv1a } from './fnv.js';
import type { SpanFacts } from './span-record.js';

type Attributes = Readonly<Record<string, unknown>>;

/** Longer inputs get no hash: reading them costs too much, and a part would make different inputs the same. */
export const MAX_INPUT_LENGTH = 200_000;

/**
 * Returns a hash of what an LLM call asked: the span's own, or one of the input that an instrumentation
 * recorded, with model, operation and settings. Undefined when there is none, or when it is longer than
 * {@link MAX_INPUT_LENGTH} characters. Never throws.
 *
 * @param facts of the same call; other numbers of input tokens are other inputs, whatever was recorded
 */
export function readInputHash(attributes: Attributes, facts: SpanFacts): string | undefined {
  const given = attributes[HOTSPAN_LLM_INPUT_HASH];
  if (typeof given === 'string' && given !== '') return given;
  if (!INPUT_NAMES.some((name) => attributes[name] !== undefined)) return undefined;
  const { llmCall, inputTokens } = facts;
  const operation = attributes[GEN_AI_OPERATION_NAME];
  const model = llmCall?.requestModel ?? llmCall?.model;
  const asked = [llmCall?.provider, model, operation, inputTokens];
  const hash = new Fnv1a();
  hash.add(asked.map(String).join('\n'));
  let length = 0;
  // Sorted, because they may have been recorded in another order.
  for (const key of Object.keys(attributes).filter(isInput).sort()) {
    const text = textOf(attributes[key]);
    length += key.length + (text?.length ?? Infinity);
    if (text === undefined || length > MAX_INPUT_LENGTH) return undefined;
    // The lengths keep apart what follows each other.
    hash.add(`\n${key} ${text.length}\n`).add(text);
  }
  return hash.digest();
}

function isInput(key: string): boolean {
  return INPUT_PREFIXES.some((prefix) => key.startsWith(prefix));
}

/** Undefined for what cannot be written as text. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  try {
    // Lists of OpenTelemetry are of strings, numbers or booleans.
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
