import { groupBy, OTHER } from '../bounded.js';
import type { PictureTrace } from '../pictures.js';
import type { EntryPoint } from '../summary.js';

/** Of so many entry points, those with most time, some traces are drawn. */
const MAX_ENTRY_POINTS = 5;
const SLOWEST = 2;

/** What traces are chosen by. */
export type Choosable = Pick<PictureTrace, 'traceId' | 'name' | 'service' | 'seconds'>;

export interface Chosen<T> {
  readonly trace: T;
  readonly why: PictureTrace['why'];
}

/** Chooses of the entry points with most time the slowest traces, and of the others the one nearest to the median. */
export function chooseTraces<T extends Choosable>(
  traces: readonly T[],
  entryPoints: readonly EntryPoint[],
): Chosen<T>[] {
  const byEntry = groupBy(traces, keyOf);
  return entryPoints
    .filter(({ name }) => name !== OTHER)
    .toSorted((a, b) => b.totalSeconds - a.totalSeconds || (keyOf(a) < keyOf(b) ? -1 : 1))
    .slice(0, MAX_ENTRY_POINTS)
    .flatMap((entry) => {
      const slowest = (byEntry.get(keyOf(entry)) ?? []).toSorted(bySeconds);
      const [typical] = slowest.splice(SLOWEST).toSorted(byDistance(entry.p50Seconds));
      return [
        ...slowest.map((trace) => ({ trace, why: 'slowest' as const })),
        ...(typical === undefined ? [] : [{ trace: typical, why: 'typical' as const }]),
      ];
    });
}

/** The most useful first: of each entry point its slowest, then those near the middle of all, by turns. */
export function byUse<T extends Choosable>(
  traces: readonly T[],
  middleOf: (entry: T) => number,
): T[] {
  const ranks = new Map<T, number>();
  for (const same of groupBy(traces, keyOf).values()) {
    const slowest = same.toSorted(bySeconds);
    const others = slowest.splice(SLOWEST).toSorted(byDistance(middleOf(same[0]!)));
    [...slowest, ...others].forEach((trace, rank) => ranks.set(trace, rank));
  }
  return traces.toSorted((a, b) => ranks.get(a)! - ranks.get(b)! || bySeconds(a, b));
}

function keyOf({ service, name }: Pick<Choosable, 'service' | 'name'>): string {
  return `${service}\n${name}`;
}

function bySeconds(a: Choosable, b: Choosable): number {
  return b.seconds - a.seconds || (a.traceId < b.traceId ? -1 : 1);
}

function byDistance(seconds: number) {
  const distance = (trace: Choosable) => Math.abs(trace.seconds - seconds);
  return (a: Choosable, b: Choosable) => distance(a) - distance(b) || bySeconds(a, b);
}
