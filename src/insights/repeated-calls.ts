import { plural, formatSaving } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { BySegment, quoted, type Finding, type InsightSource } from './finding.js';

/** Inputs that are remembered; the oldest is forgotten first. */
export const MAX_REMEMBERED = 10_000;
const MIN_REPEATS = 2;
const NANOS = 1e9;

class Repeats {
  /** Calls whose input is known. */
  calls = 0;
  repeats = 0;
  savedNanos = 0;
  savedUsd = 0;

  constructor(readonly id: number) {}
}

/** The dearest of the calls with one input so far. */
interface Dearest {
  nanos: number;
  usd: number;
}

/**
 * LLM calls that asked what an earlier one had asked. Of the calls with one input all but the dearest
 * are what a cache would have saved.
 */
export class RepeatedCalls implements InsightSource {
  #nextId = 0;
  readonly #segments: BySegment<Repeats>;
  /** By segment and input. */
  readonly #remembered = new Map<string, Dearest>();

  constructor(rowOf: RowOf) {
    this.#segments = new BySegment(rowOf, () => new Repeats((this.#nextId += 1)));
  }

  /** Adds an LLM call that a model answered. */
  add({ record, criticalInsideNanos: nanos }: SpanNode): void {
    const { inputHash, costUsd: usd = 0 } = record.facts;
    // What failed gave no answer that a cache could keep.
    if (inputHash === undefined || record.errorType !== undefined) return;
    const segment = this.#segments.of(record);
    segment.calls += 1;
    const key = `${segment.id} ${inputHash}`;
    const dearest = this.#remembered.get(key);
    if (dearest === undefined) {
      this.#remember(key, { nanos, usd });
      return;
    }
    segment.repeats += 1;
    // So the sum without its largest part grows, in whatever order the parts come.
    segment.savedNanos += Math.min(nanos, dearest.nanos);
    segment.savedUsd += Math.min(usd, dearest.usd);
    dearest.nanos = Math.max(nanos, dearest.nanos);
    dearest.usd = Math.max(usd, dearest.usd);
  }

  /** One for each segment with enough to tell of. */
  findings(): Finding[] {
    return this.#segments
      .list()
      .filter(({ state }) => state.repeats >= MIN_REPEATS)
      .map(({ segment, service, state: { calls, repeats, savedNanos, savedUsd } }) => {
        const seconds = savedNanos / NANOS;
        const usd = savedUsd > 0 ? savedUsd : undefined;
        return {
          kind: 'repeated-calls',
          segment,
          service,
          message:
            `${repeats} of ${plural(calls, 'call')} of ${quoted(segment)} had the same input as an ` +
            `earlier one: a cache would have saved up to ${formatSaving(seconds, usd)}`,
          evidence: { calls, repeats },
          savingSeconds: seconds,
          ...(usd === undefined ? {} : { savingUsd: usd }),
        };
      });
  }

  #remember(key: string, dearest: Dearest): void {
    this.#remembered.set(key, dearest);
    if (this.#remembered.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      break;
    }
  }
}
