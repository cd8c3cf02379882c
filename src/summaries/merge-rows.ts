import { defined, sumOf } from '../sums.js';
import { groupBounded, Largest, OTHER, type Group } from '../bounded.js';
import { Quantiles, type Durations } from '../durations.js';
import { quantileSeconds, SLOWEST_PER_ROW } from '../ranking/row.js';
import type { Bottleneck, SlowSpan } from '../summary.js';

const NANOS = 1e9;

/** What a summary says of how long a number of spans took. */
interface Timing {
  readonly p50Seconds: number;
  readonly p95Seconds: number;
  readonly p99Seconds: number;
  readonly maxSeconds: number;
  readonly durations?: Durations;
}

/** All of them as one row for each service and name; the rows beyond `maxRows` share one, `(other)`. */
export function mergeRows(
  rows: readonly Bottleneck[],
  maxRows: number,
  latencySeconds: number,
): Bottleneck[] {
  const otherKey = rowKey({ service: '', name: OTHER });
  const groups = groupBounded(rows, maxRows, otherKey, rowKey, (row) => row.criticalSeconds);
  return groups.map((group) => mergeGroup(group, latencySeconds));
}

/** What makes a row: its service and name. */
export function rowKey({ service, name }: Pick<Bottleneck, 'service' | 'name'>): string {
  return `${service}\n${name}`;
}

function mergeGroup({ items, isOther }: Group<Bottleneck>, latencySeconds: number): Bottleneck {
  const [first] = items;
  const sum = (pick: (row: Bottleneck) => number) => sumOf(items, pick) ?? 0;
  const sumIfKnown = (pick: (row: Bottleneck) => number | undefined) => sumOf(items, pick);
  const criticalSeconds = sum((row) => row.criticalSeconds);
  return {
    rank: 0,
    name: isOther ? OTHER : first!.name,
    service: isOther ? '' : first!.service,
    calls: sum((row) => row.calls),
    errors: sum((row) => row.errors),
    totalSeconds: sum((row) => row.totalSeconds),
    selfSeconds: sum((row) => row.selfSeconds),
    criticalSeconds,
    criticalShare: latencySeconds > 0 ? criticalSeconds / latencySeconds : 0,
    ...defined({ savingSeconds: savingOf(items) }),
    ...mergeTimings(items, (row) => row.calls),
    ...defined({
      costUsd: sumIfKnown((row) => row.costUsd),
      totalCostUsd: sumIfKnown((row) => row.totalCostUsd),
      inputTokens: sumIfKnown((row) => row.inputTokens),
      outputTokens: sumIfKnown((row) => row.outputTokens),
      attempts: sumIfKnown((row) => row.attempts),
      retries: sumIfKnown((row) => row.retries),
      wastedSeconds: sumIfKnown((row) => row.wastedSeconds),
      wastedCostUsd: sumIfKnown((row) => row.wastedCostUsd),
    }),
    slowest: slowestOf(
      items.flatMap(({ slowest }) => slowest),
      SLOWEST_PER_ROW,
    ),
  };
}

/** Where a saving is not known, it is taken to be the same share of the critical time as elsewhere. */
function savingOf(rows: readonly Bottleneck[]): number | undefined {
  const known = rows.filter(({ savingSeconds }) => savingSeconds !== undefined);
  const saving = sumOf(known, (row) => row.savingSeconds);
  const critical = sumOf(known, (row) => row.criticalSeconds) ?? 0;
  if (saving === undefined || critical <= 0 || known.length === rows.length) return saving;
  return (saving / critical) * (sumOf(rows, (row) => row.criticalSeconds) ?? 0);
}

/**
 * The quantiles of all together. Where `durations` are missing they are estimated from the quantiles
 * that are there, and missing in the result too: what is estimated is not passed on as what was seen.
 */
export function mergeTimings<T extends Timing>(
  timings: readonly T[],
  countOf: (timing: T) => number,
): Timing {
  const all = new Quantiles();
  let isComplete = true;
  for (const timing of timings) {
    const { durations } = timing;
    if (durations === undefined) addEstimate(all, timing, countOf(timing));
    else all.merge(Quantiles.fromJson(durations));
    if (durations === undefined && countOf(timing) > 0) isComplete = false;
  }
  const { durations, ...quantiles } = quantileSeconds(all);
  return isComplete ? { ...quantiles, durations } : quantiles;
}

/** As many values as there were, so that p50, p95, p99 and the maximum of these are those given. */
function addEstimate(all: Quantiles, timing: Timing, count: number): void {
  const { p50Seconds, p95Seconds, p99Seconds, maxSeconds } = timing;
  let added = 0;
  const addUpTo = (rank: number, seconds: number) => {
    if (rank > added) all.add(seconds * NANOS, rank - added);
    added = Math.max(added, rank);
  };
  addUpTo(Math.ceil(0.5 * count), p50Seconds);
  addUpTo(Math.ceil(0.95 * count), p95Seconds);
  addUpTo(Math.min(Math.ceil(0.99 * count), count - 1), p99Seconds);
  addUpTo(count, maxSeconds);
}

/** The `limit` slowest, ties by their ids, so that the order in which they come does not matter. */
export function slowestOf<T extends SlowSpan>(spans: readonly T[], limit: number): T[] {
  const idOf = ({ traceId, spanId }: T) => `${traceId}\n${spanId}`;
  const largest = new Largest<T>(limit, ({ seconds }) => seconds);
  for (const span of [...spans].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))) largest.offer(span);
  return [...largest.list()];
}
