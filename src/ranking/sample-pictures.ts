import { getOrMake } from '../bounded.js';
import type { PictureTrace, SampledTrace } from '../pictures.js';
import { byUse, chooseTraces } from '../pictures/choose-traces.js';
import { fitSpans } from '../pictures/fit-spans.js';
import { pictureSpan } from '../pictures/kept-span.js';
import type { TracePicture } from '../pictures/picture-trace.js';
import {
  bySlowness,
  sampledTrace,
  type AboutTrace,
  type FoundSavings,
  type RowKeys,
} from '../pictures/sampled-trace.js';
import type { EntryPoint } from '../summary.js';
import { defined } from '../sums.js';
import { rowOfKey } from '../trace/row-names.js';

const NANOS = 1e9;
/** The most spans to keep of all sampled traces, in some 7 MB. There are a third less once there were more. */
const MAX_SPANS_KEPT = 9_000;
const SPANS_LEFT = 6_000;

/** A trace of a sample, as far as it is known. */
export interface Pictured {
  about?: AboutTrace;
  picture?: TracePicture | undefined;
}

type Weighted<T> = readonly (readonly [trace: T, weight: number])[];

/** Gives up the pictures that will hardly be drawn, where there are too many to keep. */
export function limitPictures(sample: Weighted<Pictured>): void {
  let spans = 0;
  for (const [{ picture }] of sample) spans += picture?.spans.length ?? 0;
  if (spans <= MAX_SPANS_KEPT) return;
  const middles = new Map<string, number>();
  const middleOf = (entry: string) => getOrMake(middles, entry, () => middleOfEntry(sample, entry));
  const all = choosable(sample, (key) => key);
  let left = SPANS_LEFT;
  for (const { of } of byUse(all, (each) => middleOf(each.of.about!.entry))) {
    left -= of.picture!.spans.length;
    if (left < 0) of.picture = undefined;
  }
}

/** How long the one in the middle of the traces of an entry point took, in seconds. */
function middleOfEntry(sample: Weighted<Pictured>, entry: string): number {
  const own = sample
    .flatMap(([{ about }, weight]) =>
      about?.entry === entry ? [{ nanos: about.entryNanos, weight }] : [],
    )
    .sort((a, b) => a.nanos - b.nanos);
  let left = own.reduce((sum, { weight }) => sum + weight, 0) / 2;
  const middle = own.find(({ weight }) => (left -= weight) <= 0);
  return (middle?.nanos ?? 0) / NANOS;
}

/** The traces of which there is a picture, by what they are chosen by. */
function choosable<T extends Pictured>(sample: Weighted<T>, currentKey: RowKeys['currentKey']) {
  return sample.flatMap(([of]) => {
    if (of.about === undefined || of.picture === undefined) return [];
    const { traceId, entry, entryNanos } = of.about;
    return [{ traceId, ...rowOfKey(currentKey(entry)), seconds: entryNanos / NANOS, of }];
  });
}

/** Returns the traces to draw. */
export function drawnTraces(
  sample: Weighted<Pictured>,
  entryPoints: readonly EntryPoint[],
  currentKey: RowKeys['currentKey'],
): PictureTrace[] {
  const chosen = chooseTraces(choosable(sample, currentKey), entryPoints);
  const traces = chosen.map(({ trace: { of, ...named }, why }) => {
    const { startEpochSeconds, costUsd } = of.about!;
    const { spans, leftOut } = of.picture!;
    return {
      ...named,
      why,
      startEpochSeconds,
      ...defined({ costUsd }),
      spans: spans.map((span) => pictureSpan(span, currentKey)),
      ...(leftOut > 0 ? { leftOut } : {}),
    };
  });
  return fitSpans(traces);
}

/** Returns how long each trace of the sample would take with less work, the slowest first. */
export function sampledTraces<T extends Pictured>(
  sample: Weighted<T>,
  foundOf: (of: T) => FoundSavings,
  names: RowKeys,
): SampledTrace[] {
  const traces = sample.flatMap(([of, weight]) =>
    of.about === undefined ? [] : [sampledTrace(of.about, weight, foundOf(of), names)],
  );
  return traces.sort(bySlowness);
}
