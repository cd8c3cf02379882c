import type { Bottleneck, Summary } from '../summary.js';

/** Less of all time is not worth an experiment. */
const MIN_SHARE = 0.02;
const DEFAULT_ROWS = 3;

/** What of a row's self time is work: not its waits for other rows, not idle, not the delays that were put in. */
export function ownSeconds(row: Bottleneck, delaySeconds: number): number {
  const { selfSeconds, waitsFor = [], idleSeconds = 0 } = row;
  const waits = waitsFor.reduce((sum, { seconds }) => sum + seconds, 0);
  return Math.max(0, selfSeconds - waits - idleSeconds - delaySeconds);
}

/** Chooses the rows that would bring most, of those that can be made slower. */
export function chooseRows(
  { bottlenecks, latency }: Summary,
  canBeSlowed: (row: string) => boolean,
): string[] {
  const gain = ({ savingSeconds, criticalSeconds }: Bottleneck) => savingSeconds ?? criticalSeconds;
  return bottlenecks
    .filter((row) => canBeSlowed(row.name) && gain(row) > MIN_SHARE * latency.totalSeconds)
    .sort((a, b) => gain(b) - gain(a))
    .slice(0, DEFAULT_ROWS)
    .map(({ name }) => name);
}
