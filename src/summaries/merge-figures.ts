import { defined, sumOf } from '../sums.js';
import { Quantiles, type Durations } from '../durations.js';
import { firstTokenSeconds, quantileSeconds } from '../ranking/row.js';
import type { FigureName, Part, Parts, Values, Whole } from './figure.js';
import { figuresIn } from './figures.js';

const NANOS = 1e9;

type FiguresOf<P extends Part> = Pick<
  Parts[P],
  Extract<keyof Parts[P], FigureName | 'durations' | 'firstTokens'>
>;
type Mergeable = Values & { readonly durations?: Durations; readonly firstTokens?: Durations };

export function mergeFigures<P extends Part>(
  part: P,
  parts: readonly FiguresOf<P>[],
  whole: Whole,
): FiguresOf<P> {
  const items: readonly Mergeable[] = parts;
  const figures = figuresIn(part);
  const sums: Values = Object.fromEntries(
    figures.map(([name, figure]) => {
      const none = figure.in[part] === 'always' ? 0 : undefined;
      return [name, sumOf(items, (item) => item[name]) ?? none];
    }),
  );
  const merged = figures.map(([name, { merge }]) => [
    name,
    // Those of `firstTokens` follow, where they are known.
    merge === 'firstTokens'
      ? undefined
      : typeof merge === 'function'
        ? merge(items, sums, whole)
        : sums[name],
  ]);
  const hasDurations = figures.some(([, { merge }]) => merge === 'durations');
  const hasFirstTokens = figures.some(([, { merge }]) => merge === 'firstTokens');
  return {
    ...defined(Object.fromEntries(merged) as Values),
    ...(hasDurations ? mergeDurations(items) : {}),
    ...(hasFirstTokens ? mergeFirstTokens(items) : {}),
  } as FiguresOf<P>;
}

/**
 * Computes the quantiles of all together. Where `durations` are missing, they are estimated from the
 * quantiles, and are missing in the result as well: estimates are not passed on as measurements.
 */
function mergeDurations(items: readonly Mergeable[]) {
  const all = new Quantiles();
  let isComplete = true;
  for (const item of items) {
    const count = item.calls ?? item.count ?? 0;
    if (item.durations !== undefined) {
      all.merge(Quantiles.fromJson(item.durations));
    } else if (count > 0) {
      isComplete = false;
      addEstimate(all, item, count);
    }
  }
  const { durations, ...quantiles } = quantileSeconds(all);
  return isComplete ? { ...quantiles, durations } : quantiles;
}

function mergeFirstTokens(items: readonly Mergeable[]) {
  const all = new Quantiles();
  for (const { firstTokens } of items) {
    if (firstTokens !== undefined) all.merge(Quantiles.fromJson(firstTokens));
  }
  return firstTokenSeconds(all);
}

/** Adds `count` values whose p50, p95, p99 and maximum are those given. */
function addEstimate(all: Quantiles, quantiles: Values, count: number): void {
  const { p50Seconds = 0, p95Seconds = 0, p99Seconds = 0, maxSeconds = 0 } = quantiles;
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
