import { fnv32 } from '../hash.js';
import type { PictureSpan, Pictures, SampledTrace } from '../pictures.js';
import { chooseTraces } from '../pictures/choose-traces.js';
import { fitSpans } from '../pictures/fit-spans.js';
import type { EntryPoint } from '../summary.js';
import { defined, sumOf } from '../sums.js';
import { bySlowness } from '../pictures/sampled-trace.js';

const SLOWEST = 20;
const OTHERS = 100;

/** What is drawn of single traces, chosen from those of all summaries. */
type OfTraces = Pick<Pictures, 'sample' | 'traces'>;

export function mergeTraces(
  all: readonly OfTraces[],
  entryPoints: readonly EntryPoint[] = [],
): OfTraces {
  const traces = chooseTraces(
    all.flatMap((each) => each.traces),
    entryPoints,
  );
  return {
    sample: mergeSample(all.flatMap((each) => each.sample)),
    traces: fitSpans(traces.map(({ trace, why }) => ({ ...trace, why }))),
  };
}

/**
 * Keeps the slowest, and of the others so many, each as probably as the traces that it stands for: sums over them
 * stay right on average. Which ones does not depend on the order of the summaries.
 */
function mergeSample(all: readonly SampledTrace[]): SampledTrace[] {
  const sorted = all.toSorted(bySlowness);
  if (sorted.length <= SLOWEST + OTHERS) return sorted;
  const slowest = sorted.filter(({ weight }) => weight === 1).slice(0, SLOWEST);
  const taken = new Set(slowest);
  const others = sorted.filter((trace) => !taken.has(trace));
  return [...slowest, ...chooseByWeight(others)].sort(bySlowness);
}

/** Systematic sampling (Madow, "On the theory of systematic sampling, II", 1949), in the order of a hash. */
function chooseByWeight(traces: readonly SampledTrace[]): SampledTrace[] {
  const step = (sumOf(traces, ({ weight }) => weight) ?? 0) / OTHERS;
  const shuffled = traces
    .map((trace) => ({ trace, hash: hashOf(trace) }))
    .sort((a, b) => a.hash - b.hash || bySlowness(a.trace, b.trace));
  let next = step / 2;
  let seen = 0;
  const chosen: SampledTrace[] = [];
  for (const { trace } of shuffled) {
    seen += trace.weight;
    const hits = Math.max(0, Math.ceil((seen - next) / step));
    next += hits * step;
    if (hits > 0) chosen.push({ ...trace, weight: hits * step });
  }
  return chosen;
}

function hashOf({ traceId, service, name }: SampledTrace): number {
  return fnv32(`${traceId}\n${service}\n${name}`) >>> 0;
}

interface Named {
  readonly service: string;
  readonly name: string;
}

/** Gives rows the names that they have where all summaries are one. */
export function renameInTraces(
  { sample, traces }: OfTraces,
  rename: <T extends Named>(named: T) => T,
): OfTraces {
  const renameWait = (wait: NonNullable<PictureSpan['waits']>[number]) => {
    const { name, service } = wait;
    return name === undefined || service === undefined
      ? wait
      : { ...wait, ...rename({ name, service }) };
  };
  const renameSpan = (span: PictureSpan): PictureSpan => {
    const { name, service, row = name, waits } = span;
    const { name: now } = rename({ service, name: row });
    const renamedRow = now === row ? span : { ...span, row: now };
    return waits === undefined ? renamedRow : { ...renamedRow, waits: waits.map(renameWait) };
  };
  return {
    sample: sample.map(({ failedTries, ...trace }) => ({
      ...rename(trace),
      rows: trace.rows.map(rename),
      ...defined({ failedTries: failedTries?.map(rename) }),
    })),
    traces: traces.map((trace) => ({ ...rename(trace), spans: trace.spans.map(renameSpan) })),
  };
}
