import type { CountedRow } from '../ranking/counted.js';
import type { EntryPointFigures } from '../ranking/entry-points.js';
import type { Model } from '../ranking/model-calls.js';
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
    'hotspan.critical_time',
    SECONDS,
    'Time in which everything waited for this row.',
    ({ criticalSeconds }) => criticalSeconds,
  ),
  counter(
    'hotspan.saving',
    SECONDS,
    'Estimate of how much shorter traces would have been without this row’s work.',
    ({ savingSeconds }) => savingSeconds,
  ),
  counter(
    'hotspan.waiting_time',
    SECONDS,
    'Time in which this row waited for other rows.',
    ({ waitingSeconds }) => waitingSeconds,
  ),
  counter(
    'hotspan.self_time',
    SECONDS,
    'Time of this row’s spans in which no span inside them ran.',
    ({ row }) => row.selfNanos / NANOS,
  ),
  counter(
    'hotspan.total_time',
    SECONDS,
    'Time of this row’s spans.',
    ({ row }) => row.totalNanos / NANOS,
  ),
  counter(
    'hotspan.wasted_time',
    SECONDS,
    'Time of failed attempts, and of the waits between attempts.',
    ({ row }) => row.wastedSeconds,
  ),
  counter('hotspan.cost', USD, 'Cost of calls of models.', ({ row }) => row.cost.value),
  counter(
    'hotspan.wasted_cost',
    USD,
    'Cost of failed attempts.',
    ({ row }) => row.wastedCost.value,
  ),
  counter('hotspan.calls', CALLS, 'Spans of this row.', ({ row }) => row.calls),
  counter('hotspan.errors', '{error}', 'Spans that ended with an error.', ({ row }) => row.errors),
  counter('hotspan.retries', '{attempt}', 'Attempts after the first.', ({ row }) => row.retries),
  counter(
    'hotspan.input_tokens',
    TOKENS,
    'Input tokens, with cached ones.',
    ({ row }) => row.inputTokens.value,
  ),
  counter(
    'hotspan.output_tokens',
    TOKENS,
    'Output tokens, with reasoning.',
    ({ row }) => row.outputTokens.value,
  ),
];

export const OF_ENTRY_POINTS: readonly Counter<EntryPointFigures>[] = [
  counter(
    'hotspan.entry_point.cost',
    USD,
    'Cost of calls of models inside local roots.',
    ({ cost }) => cost.value,
  ),
];

export const OF_MODELS: readonly Counter<Model>[] = [
  counter('hotspan.model.calls', CALLS, 'Calls of this model.', ({ calls }) => calls),
  counter('hotspan.model.errors', '{error}', 'Calls that failed.', ({ errors }) => errors),
  counter('hotspan.model.cost', USD, 'Cost of calls.', ({ cost }) => cost.value),
  counter(
    'hotspan.model.unpriced_calls',
    CALLS,
    'Calls whose tokens are known and whose price is not.',
    ({ unpriced }) => unpriced,
  ),
  counter(
    'hotspan.model.input_tokens',
    TOKENS,
    'Input tokens, with cached ones.',
    ({ inputTokens }) => inputTokens,
  ),
  counter(
    'hotspan.model.output_tokens',
    TOKENS,
    'Output tokens, with reasoning.',
    ({ outputTokens }) => outputTokens,
  ),
];
