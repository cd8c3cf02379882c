import { getOrMake } from '../bounded.js';

/** Entry points beyond these share one. */
const MAX_ENTRIES = 20;

interface Sums {
  count: number;
  seconds: number;
  delaySeconds: number;
}

/** The requests that began in one period, by entry point. */
export class Requests {
  readonly byEntry = new Map<string, Sums>();

  add(entry: string, seconds: number, delaySeconds: number): void {
    const isFull = this.byEntry.size >= MAX_ENTRIES && !this.byEntry.has(entry);
    const key = isFull ? '' : entry;
    const sums = getOrMake(this.byEntry, key, () => ({ count: 0, seconds: 0, delaySeconds: 0 }));
    sums.count += 1;
    sums.seconds += seconds;
    sums.delaySeconds += delaySeconds;
  }
}

/** Two periods that follow each other, in either order. */
export interface PairOfPeriods {
  readonly slowed: Requests;
  readonly normal: Requests;
}

/** Seconds of a request per second of delay, and the 95 % interval of that. */
export interface Effect {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
}

export const MIN_PAIRS = 5;

/**
 * Compares the periods of each pair with each other, so that what changes slowly (load, caches) cancels out. The
 * slope is a ratio of two means; its interval is Student's of what each pair lies off it.
 */
export function effectOf(pairs: readonly PairOfPeriods[]): Effect | undefined {
  const differences = pairs.flatMap((pair) => differenceOf(pair) ?? []);
  const count = differences.length;
  const seconds = differences.reduce((sum, each) => sum + each.seconds, 0);
  const delaySeconds = differences.reduce((sum, each) => sum + each.delaySeconds, 0);
  if (count < MIN_PAIRS || delaySeconds <= 0) return undefined;
  const slope = seconds / delaySeconds;
  const squares = differences.reduce(
    (sum, each) => sum + (each.seconds - slope * each.delaySeconds) ** 2,
    0,
  );
  const meanDelay = delaySeconds / count;
  const standardError = Math.sqrt(squares / (count - 1) / count) / meanDelay;
  const half = studentQuantile(count - 1) * standardError;
  return { slope, low: slope - half, high: slope + half, pairs: count };
}

/** Of requests of one kind with each other: which kinds came in which period is chance. */
function differenceOf({ slowed, normal }: PairOfPeriods): Omit<Sums, 'count'> | undefined {
  const sum = { count: 0, seconds: 0, delaySeconds: 0 };
  for (const [entry, on] of slowed.byEntry) {
    const off = normal.byEntry.get(entry);
    if (off === undefined) continue;
    const weight = on.count + off.count;
    sum.count += weight;
    sum.seconds += weight * (on.seconds / on.count - off.seconds / off.count);
    sum.delaySeconds += weight * (on.delaySeconds / on.count - off.delaySeconds / off.count);
  }
  if (sum.count === 0) return undefined;
  return { seconds: sum.seconds / sum.count, delaySeconds: sum.delaySeconds / sum.count };
}

/** The 97.5 % quantile of Student's t: within 0.3 % from 4 degrees of freedom on (Abramowitz and Stegun, 26.7.5). */
function studentQuantile(degrees: number): number {
  const z = 1.959964;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3;
}
