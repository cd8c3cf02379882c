import { readUsages } from '../cost/usage.js';
import { fields, isObject, parseJson, type Fields } from '../fields.js';
import * as semconv from '../semconv.js';
import { defined, sumOf } from '../sums.js';
import type { SpanFacts } from './span-record.js';

type Attributes = Readonly<Record<string, unknown>>;
export type Figures = Pick<
  SpanFacts,
  | 'inputTokens'
  | 'outputTokens'
  | 'cacheReadTokens'
  | 'cacheWriteTokens'
  | 'reasoningTokens'
  | 'costUsd'
>;

/** Figures take some hundred characters. */
const MAX_LENGTH = 10_000;

/**
 * Returns the figures that some tools write as JSON in one attribute: Langfuse all of them, LangSmith the
 * parts that were cached.
 */
export function readJsonFigures(attributes: Attributes): Figures {
  const usage = parsed(attributes[semconv.LANGFUSE_USAGE]);
  if (usage !== undefined) {
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } =
      readUsages([usage]).usage;
    const costUsd = costOf(fields(parsed(attributes[semconv.LANGFUSE_COST])));
    const tokens = {
      inputTokens,
      outputTokens,
      cacheReadTokens,
      cacheWriteTokens,
      reasoningTokens,
    };
    return defined({ ...tokens, costUsd });
  }
  const input = fields(parsed(attributes[semconv.LANGSMITH_INPUT_DETAILS]));
  const output = fields(parsed(attributes[semconv.LANGSMITH_OUTPUT_DETAILS]));
  return defined({
    cacheReadTokens: figureOf(input.cache_read),
    cacheWriteTokens: figureOf(input.cache_creation),
    reasoningTokens: figureOf(output.reasoning),
  });
}

/** Langfuse's own total, or what it says of the parts. */
function costOf({ total, ...parts }: Fields): number | undefined {
  return figureOf(total) ?? sumOf(Object.values(parts), figureOf);
}

function parsed(text: unknown): Fields | undefined {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return undefined;
  const value = parseJson(text);
  return isObject(value) ? value : undefined;
}

function figureOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
