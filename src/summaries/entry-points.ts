import { Quantiles } from '../durations.js';
import { quantileSeconds } from '../ranking/row.js';
import { sumOf } from '../sums.js';
import type { EntryPoint, Summary } from '../summary.js';

/** Entry points with less of the time are none that users wait for: health checks, start-up, DNS. */
const MIN_SHARE = 0.01;
/** Where those with more have less than this together, none is left out. */
const MIN_TOGETHER = 0.5;

/** The latency of what users waited for, and what was left out of it. */
export interface MainLatency extends Pick<
  Summary['latency'],
  'count' | 'p50Seconds' | 'p95Seconds' | 'maxSeconds'
> {
  readonly leftOut: readonly EntryPoint[];
}

/** Returns the latency without the entry points that have less than 1 % of the time. */
export function mainLatency({ latency, entryPoints = [] }: Summary): MainLatency {
  const isMain = ({ totalSeconds }: EntryPoint) => totalSeconds >= MIN_SHARE * latency.totalSeconds;
  const main = entryPoints.filter(isMain);
  const leftOut = entryPoints.filter((point) => !isMain(point));
  const together = sumOf(main, ({ totalSeconds }) => totalSeconds) ?? 0;
  const isKnown = main.every(({ durations }) => durations !== undefined);
  const isMost = together >= MIN_TOGETHER * latency.totalSeconds;
  if (leftOut.length === 0 || !isKnown || !isMost) return { ...latency, leftOut: [] };
  const all = new Quantiles();
  for (const { durations } of main) all.merge(Quantiles.fromJson(durations!));
  return { ...quantileSeconds(all), count: all.count, leftOut };
}
