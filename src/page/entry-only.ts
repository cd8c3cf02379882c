import type { Bottleneck, CallPath, SampledTrace, Summary, WaitFor } from '../summary.js';
import { timeAt, keyOf } from '../sampled-times.js';

type Named = Parameters<typeof keyOf>[0];

/** A summary as far as its pictures tell of one entry point alone: the ranking, the call paths and the traces. */
export function onlyEntry(summary: Summary, entry: string): Summary {
  const { bottlenecks, latency, entryPoints = [], pictures } = summary;
  if (pictures === undefined) return summary;
  const ofEntry = (each: Named) => keyOf(each) === entry;
  const sample = pictures.sample.filter(ofEntry);
  const callPaths = pathsBelow(pictures.callPaths, entry);
  const all = callPaths.reduce((sum, { criticalSeconds }) => sum + criticalSeconds, 0);
  const rows = new Map(bottlenecks.map((row) => [keyOf(row), row]));
  const found = [...sumByRow(callPaths)].flatMap(([key, sums]) => {
    const row = rows.get(key);
    return row === undefined ? [] : [rowOf(row, sums, all, sample)];
  });
  const size = (row: Bottleneck) => row.savingSeconds ?? row.criticalSeconds;
  const totalSeconds = entryPoints.find(ofEntry)?.totalSeconds ?? all;
  return {
    ...summary,
    latency: { ...latency, totalSeconds },
    bottlenecks: found
      .sort((a, b) => size(b) - size(a))
      .map((row, at) => ({ ...row, rank: at + 1 })),
    pictures: { ...pictures, sample, callPaths, traces: pictures.traces.filter(ofEntry) },
  };
}

/** The paths that begin with this entry point; those in which another service calls it, if none does. */
function pathsBelow(paths: readonly CallPath[], entry: string): CallPath[] {
  const isTop = ({ parent }: CallPath) => parent === undefined;
  const isOne = (path: CallPath) => path.means === undefined && keyOf(path) === entry;
  const hasTop = paths.some((path) => isTop(path) && isOne(path));
  const kept: CallPath[] = [];
  const places = new Map<number, number>();
  paths.forEach((path, at) => {
    const above = places.get(path.parent ?? -1);
    const begins = above === undefined && isOne(path) && (isTop(path) || !hasTop);
    if (above === undefined && !begins) return;
    places.set(at, kept.length);
    kept.push({ ...path, parent: above ?? -1 });
  });
  return kept;
}

/** What the paths have of one row. */
interface RowSums {
  criticalSeconds: number;
  selfSeconds: number;
  costUsd: number;
  calls: number;
  idleSeconds: number;
  readonly waits: Map<string, WaitFor>;
}

function sumByRow(paths: readonly CallPath[]): Map<string, RowSums> {
  const sums = new Map<string, RowSums>();
  const sumsOf = (row: Named) => {
    const key = keyOf(row);
    const none = { criticalSeconds: 0, selfSeconds: 0, costUsd: 0, calls: 0, idleSeconds: 0 };
    const found = sums.get(key) ?? { ...none, waits: new Map<string, WaitFor>() };
    sums.set(key, found);
    return found;
  };
  for (const path of paths) {
    const { name, service, means, calls, criticalSeconds, selfSeconds, costUsd = 0 } = path;
    const row = sumsOf(path);
    row.criticalSeconds += criticalSeconds;
    row.selfSeconds += selfSeconds;
    row.costUsd += costUsd;
    if (means === undefined) row.calls += calls;
    if (means === 'idle' || means === 'backoff') row.idleSeconds += criticalSeconds;
    const caller = paths[path.parent ?? -1];
    if (means !== 'wait' || caller === undefined) continue;
    const { waits } = sumsOf(caller);
    const seconds = criticalSeconds + (waits.get(keyOf(path))?.seconds ?? 0);
    waits.set(keyOf(path), { row: name, service, seconds });
  }
  return sums;
}

function rowOf(
  row: Bottleneck,
  sums: RowSums,
  all: number,
  sample: readonly SampledTrace[],
): Bottleneck {
  const { waits, costUsd, idleSeconds, criticalSeconds, ...figures } = sums;
  const { savingSeconds: saves, costUsd: cost, idleSeconds: idle, ...rest } = row;
  const key = keyOf(row);
  // A sampled trace tells only of the rows that change it most.
  const isTold = sample.some(({ rows }) => rows.some((it) => keyOf(it) === key));
  const saved = sample.reduce(
    (sum, trace) => sum + trace.weight * (trace.seconds - timeAt(trace, key, 0)),
    0,
  );
  return {
    ...rest,
    ...figures,
    criticalSeconds,
    criticalShare: all > 0 ? criticalSeconds / all : 0,
    ...(saves === undefined || !isTold
      ? {}
      : { savingSeconds: Math.min(Math.max(saved, 0), criticalSeconds) }),
    ...(cost === undefined ? {} : { costUsd }),
    ...(idle === undefined ? {} : { idleSeconds }),
    waitsFor: [...waits.values()].sort((a, b) => b.seconds - a.seconds),
  };
}

/** The keys of the entry points that a page can be narrowed to: none if there is only one. */
export function entriesToChoose({ entryPoints = [], pictures }: Summary): ReadonlySet<string> {
  const known = new Set(pictures?.callPaths.map(keyOf));
  const keys = entryPoints.map(keyOf).filter((key) => known.has(key));
  return new Set(entryPoints.length > 1 ? keys : []);
}
