import type { SampledRow, SampledTrace } from './pictures.js';
import { sumOf } from './sums.js';

/** What may take less time: the own work of a row, or its failed tries. */
export interface Change {
  readonly name: string;
  readonly service: string;
  /** `true` for the failed attempts of its operations, and the waits before further ones. */
  readonly isTries?: boolean;
}

const TRIES_OF = '\u0000';

/** Names a row everywhere on the page, and a change: that of a row’s work is named as the row is. */
export function keyOf({ name, service, isTries = false }: Change): string {
  return `${isTries ? TRIES_OF : ''}${service}\n${name}`;
}

export function changeOfKey(key: string): Change {
  const isTries = key.startsWith(TRIES_OF);
  const [service = '', ...name] = key.slice(isTries ? TRIES_OF.length : 0).split('\n');
  return { name: name.join('\n'), service, ...(isTries ? { isTries } : {}) };
}

/** What changes a trace, with how long it would take then. */
export function* changesIn({
  rows,
  failedTries = [],
}: SampledTrace): Generator<readonly [change: Change, seconds: SampledRow['seconds']]> {
  for (const { name, service, seconds } of rows) yield [{ name, service }, seconds];
  for (const { name, service, seconds } of failedTries) {
    yield [{ name, service, isTries: true }, seconds];
  }
}

/** How long a trace would take if what the key names took `factor` (0 to 1) of its time. */
export function timeAt(trace: SampledTrace, key: string, factor: number): number {
  const { name, service, isTries = false } = changeOfKey(key);
  const rows = isTries ? (trace.failedTries ?? []) : trace.rows;
  const known = rows.find((row) => row.name === name && row.service === service);
  if (known === undefined) return trace.seconds;
  const points = [...known.seconds, trace.seconds];
  const at = Math.min(Math.max(factor, 0), 1) * (points.length - 1);
  const below = Math.min(Math.floor(at), points.length - 2);
  return points[below]! + (at - below) * (points[below + 1]! - points[below]!);
}

interface Weighted {
  readonly seconds: number;
  readonly weight: number;
}

/** The time that `share` of all do not exceed. */
export function weightedQuantile(values: readonly Weighted[], share: number): number {
  const rising = [...values].sort((a, b) => a.seconds - b.seconds);
  const wanted = share * (sumOf(rising, ({ weight }) => weight) ?? 0) * (1 - 1e-9);
  let before = 0;
  for (const { seconds, weight } of rising) {
    before += weight;
    if (before >= wanted) return seconds;
  }
  return rising.at(-1)?.seconds ?? 0;
}

/** What a change would bring, at most. */
export interface LatencyChange {
  /** Of all traces that the sample stands for. */
  readonly savedSeconds: number;
  /** The entry point that would get most shorter together. */
  readonly entry: string;
  /** Its p95. */
  readonly p95: readonly [now: number, then: number];
}

/** What it would bring if what the key names took no time; `undefined` where the sample does not tell. */
export function latencyWithout(
  sample: readonly SampledTrace[],
  key: string,
): LatencyChange | undefined {
  const entries = new Map<string, { now: SampledTrace[]; then: Weighted[]; saved: number }>();
  let savedSeconds = 0;
  for (const trace of sample) {
    const { weight, seconds } = trace;
    const of = keyOf(trace);
    const entry = entries.get(of) ?? { now: [], then: [], saved: 0 };
    const after = timeAt(trace, key, 0);
    entry.now.push(trace);
    entry.then.push({ seconds: after, weight });
    entry.saved += weight * (seconds - after);
    savedSeconds += weight * (seconds - after);
    entries.set(of, entry);
  }
  const [most] = [...entries.values()].sort((a, b) => b.saved - a.saved);
  if (most === undefined || !(most.saved > 0)) return undefined;
  const p95 = [weightedQuantile(most.now, 0.95), weightedQuantile(most.then, 0.95)] as const;
  return { savedSeconds, entry: most.now[0]!.name, p95 };
}
