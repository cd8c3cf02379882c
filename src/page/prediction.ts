import { timeAt, weightedQuantile, keyOf } from '../sampled-times.js';
import type { SampledTrace } from '../summary.js';

/** The sampled traces of one entry point. */
export interface EntrySample {
  readonly key: string;
  readonly name: string;
  readonly service: string;
  readonly traces: readonly SampledTrace[];
  /** How many traces they stand for. */
  readonly count: number;
  /** The known cost of these, divided by their number. */
  readonly costUsd?: number;
}

const sum = (figures: readonly number[]) => figures.reduce((all, figure) => all + figure, 0);

/** The sample by entry point, those with most time first. */
export function entriesOf(sample: readonly SampledTrace[]): EntrySample[] {
  const groups = new Map<string, SampledTrace[]>();
  for (const trace of sample) {
    const key = keyOf(trace);
    const group = groups.get(key) ?? [];
    group.push(trace);
    groups.set(key, group);
  }
  const timeOf = ({ traces }: EntrySample) => sum(traces.map((it) => it.weight * it.seconds));
  const entries = [...groups].map(([key, traces]): EntrySample => {
    const { name, service } = traces[0]!;
    const count = sum(traces.map(({ weight }) => weight));
    const isPriced = traces.some(({ costUsd }) => costUsd !== undefined);
    const cost = sum(traces.map(({ costUsd = 0, weight }) => costUsd * weight));
    return { key, name, service, traces, count, ...(isPriced ? { costUsd: cost / count } : {}) };
  });
  return entries.sort((a, b) => timeOf(b) - timeOf(a));
}

/** How many traces are in one stretch of time: unmoved, moved here, and moved away from here. */
export interface DotBin {
  still: number;
  moved: number;
  gone: number;
}

/** The most traces in one bin, now or then; at least 1. */
export function tallest(bins: readonly DotBin[]): number {
  return bins.reduce(
    (most, { still, moved, gone }) => Math.max(most, still + Math.max(moved, gone)),
    1,
  );
}

/** An entry point now, and as it would be. */
export interface Prediction {
  /** What each trace would take, in their order. */
  readonly then: readonly number[];
  /** In which bin each trace is, and would be. */
  readonly columns: readonly (readonly [now: number, then: number])[];
  readonly bins: readonly DotBin[];
  readonly half: readonly [now: number, then: number];
  readonly p95: readonly [now: number, then: number];
  readonly savedSeconds: number;
}

/**
 * @param change see `keyOf`
 * @param maxSeconds where the last of the `count` bins ends
 */
export function predict(
  { traces }: EntrySample,
  change: string,
  factor: number,
  count: number,
  maxSeconds: number,
): Prediction {
  const bins = Array.from({ length: count }, (): DotBin => ({ still: 0, moved: 0, gone: 0 }));
  const columnOf = (seconds: number) =>
    Math.max(Math.min(Math.floor((seconds / maxSeconds) * count), count - 1), 0);
  const columns: (readonly [number, number])[] = [];
  const then = traces.map((trace) => {
    const { seconds, weight } = trace;
    const after = timeAt(trace, change, factor);
    const [from, to] = [columnOf(seconds), columnOf(after)];
    columns.push([from, to]);
    if (from === to) bins[from]!.still += weight;
    else {
      bins[from]!.gone += weight;
      bins[to]!.moved += weight;
    }
    return { seconds: after, weight };
  });
  const both = (share: number) =>
    [weightedQuantile(traces, share), weightedQuantile(then, share)] as const;
  const saved = traces.map(({ seconds, weight }, at) => weight * (seconds - then[at]!.seconds));
  return {
    ...{ bins, columns, half: both(0.5), p95: both(0.95), savedSeconds: sum(saved) },
    then: then.map(({ seconds }) => seconds),
  };
}

/** Round numbers on an axis from 0 to `most`: at most `count` steps. */
export function ticksTo(most: number, count: number): number[] {
  if (!(most > 0)) return [0];
  const least = most / count;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 2.5, 5, 10].map((it) => it * power).find((it) => it >= least * 0.9999)!;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, at) => at * step);
}
