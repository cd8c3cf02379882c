import { OTHER } from '../bounded.js';
import { mergeCallPaths } from '../pictures/merge-paths.js';
import type { CallPath, Summary } from '../summary.js';
import { changesOf, comparedOf, type FigureChange } from './compare.js';
import type { Subject } from './figure.js';
import { rowKey } from './merge-rows.js';

/**
 * One box of the flame graph, before and after: a row where it was called by those above it, as in `CallPath`. Its
 * figures are its own, without those of its children, and 0 on a side that does not have it.
 */
export interface PathDiff extends Pick<CallPath, 'name' | 'service' | 'parent' | 'means'> {
  /** Over all paths, the sides add up to the mean latency of a trace. */
  readonly criticalSecondsPerTrace: FigureChange;
  readonly callsPerTrace: { readonly before: number; readonly after: number };
}

const CRITICAL = comparedOf('row').filter(({ name }) => name === 'criticalSecondsPerTrace');

/** What one side has of a path. */
interface Amount {
  criticalSeconds: number;
  calls: number;
}

/** Returns the call paths of both; `undefined` if one of them has none, or no trace. */
export function diffPaths(before: Summary, after: Summary): PathDiff[] | undefined {
  const sides = [before, after].map(({ pictures, latency }) => ({
    paths: pictures?.callPaths ?? [],
    traces: latency.count,
  }));
  if (sides.some(({ paths, traces }) => paths.length === 0 || traces === 0)) return undefined;
  const all = mergeCallPaths(sides.map(({ paths, traces }) => perTrace(paths, traces)));
  const [old, now] = sides.map(({ paths }) => amountsIn(all, paths)) as [Amount[], Amount[]];
  const subjectsOf = (amounts: readonly Amount[], traces: number) =>
    amounts.map((amount, at) => subjectOf(amount, amounts[all[at]!.parent ?? -1], traces));
  const [olds, nows] = [
    subjectsOf(old, before.latency.count),
    subjectsOf(now, after.latency.count),
  ];
  const changes = changesOf(
    CRITICAL,
    olds.map((subject, at) => [subject, nows[at]!]),
  );
  return all.map(({ name, service, parent, means }, at) => ({
    ...{ name, service },
    ...(parent === undefined ? {} : { parent }),
    ...(means === undefined ? {} : { means }),
    criticalSecondsPerTrace: changes[at]!.criticalSecondsPerTrace,
    callsPerTrace: {
      before: old[at]!.calls / before.latency.count,
      after: now[at]!.calls / after.latency.count,
    },
  }));
}

/** So that the longer run does not decide alone which paths there is room for. */
function perTrace(paths: readonly CallPath[], traces: number): CallPath[] {
  return paths.map((path) => ({
    ...path,
    calls: path.calls / traces,
    criticalSeconds: path.criticalSeconds / traces,
    selfSeconds: path.selfSeconds / traces,
  }));
}

/** What a side has of each of all paths; what there was no room for is in the nearest `(other)`. */
function amountsIn(all: readonly CallPath[], side: readonly CallPath[]): Amount[] {
  const keyOf = (above: number, path: Pick<CallPath, 'name' | 'service' | 'means'>) =>
    `${above}\n${path.means ?? ''}\n${rowKey(path)}`;
  const known = new Map(all.map((path, at) => [keyOf(path.parent ?? -1, path), at]));
  const amounts = all.map((): Amount => ({ criticalSeconds: 0, calls: 0 }));
  const places: number[] = [];
  for (const path of side) {
    const above = places[path.parent ?? -1] ?? -1;
    const place = known.get(keyOf(above, path)) ?? known.get(keyOf(above, OTHERS)) ?? above;
    places.push(place);
    const amount = amounts[place];
    if (amount === undefined) continue;
    amount.criticalSeconds += path.criticalSeconds;
    amount.calls += path.calls;
  }
  return amounts;
}

const OTHERS = { name: OTHER, service: '' };

/** A wait has no calls: it is of as many events as what waited. */
function subjectOf(amount: Amount, above: Amount | undefined, traces: number): Subject {
  const { criticalSeconds } = amount;
  const calls = amount.calls > 0 ? amount.calls : (above?.calls ?? 0);
  return {
    side: 'row',
    values: { criticalSeconds, calls },
    ...{ traces, calls, successes: calls, unpriced: 0, durations: undefined },
  };
}
