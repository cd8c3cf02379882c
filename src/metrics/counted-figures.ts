import type { CountedRow } from '../ranking/counted.js';
import type { EntryPointFigures } from '../ranking/entry-points.js';
import type { Model } from '../ranking/model-calls.js';
import { METRICS } from '../semconv.js';
import type { Counter } from './counters.js';

const NANOS = 1e9;
const SECONDS = 's';
const USD = '{USD}';
const CALLS = '{call}';
const TOKENS = '{token}';

function counter<T>(
  name: string,
  unit: string,
  description: string,
  of: Counter<T>['of'],
): Counter<T> {
  return { name, unit, description, of };
}

export const OF_ROWS: readonly Counter<CountedRow>[] = [
  counter(
    METRICS.criticalTime,
    SECONDS,
    'Time in which everything waited for this row.',
    ({ criticalSeconds }) => criticalSeconds,
  ),
  counter(
    METRICS.saving,
    SECONDS,
    'Estimate of how much shorter traces would have been without this row’s work.',
    ({ savingSeconds }) => savingSeconds,
  ),
  counter(
    METRICS.waitingTime,
    SECONDS,
    'Time in which this row waited for other rows.',
    ({ waitingSeconds }) => waitingSeconds,
  ),
  counter(
    METRICS.selfTime,
    SECONDS,
    'Time of this row’s spans in which no span inside them ran.',
    ({ row }) => row.selfNanos / NANOS,
  ),
  counter(
    METRICS.totalTime,
    SECONDS,
    'Time of this row’s spans.',
    ({ row }) => row.totalNanos / NANOS,
  ),
  counter(
    METRICS.wastedTime,
    SECONDS,
    'Time of failed attempts, and of the waits between attempts.',
    ({ row }) => row.wastedSeconds,
  ),
  counter(METRICS.cost, USD, 'Cost of calls of models.', ({ row }) => row.cost.value),
  counter(METRICS.wastedCost, USD, 'Cost of failed attempts.', ({ row }) => row.wastedCost.value),
  counter(METRICS.calls, CALLS, 'Spans of this row.', ({ row }) => row.calls),
  counter(METRICS.errors, '{error}', 'Spans that ended with an error.', ({ row }) => row.errors),
  counter(METRICS.retries, '{attempt}', 'Attempts after the first.', ({ row }) => row.retries),
  counter(
    METRICS.inputTokens,
    TOKENS,
    'Input tokens, with cached ones.',
    ({ row }) => row.inputTokens.value,
  ),
  counter(
    METRICS.outputTokens,
    TOKENS,
    'Output tokens, with reasoning.',
    ({ row }) => row.outputTokens.value,
  ),
];

export const OF_ENTRY_POINTS: readonly Counter<EntryPointFigures>[] = [
  counter(
    METRICS.entryPointCost,
    USD,
    'Cost of calls of models inside local roots.',
    ({ cost }) => cost.value,
  ),
];

export const OF_MODELS: readonly Counter<Model>[] = [
  counter(METRICS.modelCalls, CALLS, 'Calls of this model.', ({ calls }) => calls),
  counter(METRICS.modelErrors, '{error}', 'Calls that failed.', ({ errors }) => errors),
  counter(METRICS.modelCost, USD, 'Cost of calls.', ({ cost }) => cost.value),
  counter(
    METRICS.modelUnpriced,
    CALLS,
    'Calls whose tokens are known and whose price is not.',
    ({ unpriced }) => unpriced,
  ),
  counter(
    METRICS.modelInputTokens,
    TOKENS,
    'Input tokens, with cached ones.',
    ({ inputTokens }) => inputTokens,
  ),
  counter(
    METRICS.modelOutputTokens,
    TOKENS,
    'Output tokens, with reasoning.',
    ({ outputTokens }) => outputTokens,
  ),
];
