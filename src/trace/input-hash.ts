import {
  GEN_AI_OPERATION_NAME,
  HOTSPAN_LLM_INPUT_HASH,
  INPUT_NAMES,
  INPUT_PREFIXES,
} from '../semconv.js';
import { Fnv1a } from './fnv.js';
import type { SpanFacts } from './span-record.js';

type Attributes = Readonly<Record<string, unknown>>;

/**
 * Longer inputs get no hash: reading them would cost the process too much, and the hash of a part
 * would call different inputs the same.
 */
export const MAX_INPUT_LENGTH = 200_000;

/**
 * A hash of what an LLM call asked: as the span has it, or else of the input that an instrumentation
 * recorded, with model, operation and settings. Undefined when there is none, or it is longer than
 * {@link MAX_INPUT_LENGTH} characters. Never throws. O(the length of the input).
 *
 * @param facts of the same call; other numbers of input tokens are other inputs, whatever was recorded
 */
export function readInputHash(attributes: Attributes, facts: SpanFacts): string | undefined {
  const given = attributes[HOTSPAN_LLM_INPUT_HASH];
  if (typeof given === 'string' && given !== '') return given;
  if (!INPUT_NAMES.some((name) => attributes[name] !== undefined)) return undefined;
  const { llmCall, inputTokens } = facts;
  const operation = attributes[GEN_AI_OPERATION_NAME];
  const asked = [
    llmCall?.provider,
    llmCall?.requestModel ?? llmCall?.model,
    operation,
    inputTokens,
  ];
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
