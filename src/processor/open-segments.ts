import { Largest } from '../bounded.js';
import type { OpenSegments } from '../summary.js';
import type { LiveSpan } from './live-span.js';
import { serviceOf } from './span-reader.js';

/** The most segments to list. */
const MAX_LISTED = 20;
/** The most spans to remember although their trace is not. */
const MAX_OUTLIVING = 1_000;

/** The newest spans that go on after their trace was analyzed or evicted, in bounded memory. */
export class OutlivingSpans {
  readonly #spans = new Set<LiveSpan>();

  /** Adds the spans of a trace that have not ended. */
  add(spans: readonly LiveSpan[]): void {
    for (const span of spans) {
      if (span.source !== undefined) this.#spans.add(span);
    }
    for (const oldest of this.#spans) {
      if (this.#spans.size <= MAX_OUTLIVING) break;
      this.#spans.delete(oldest);
    }
  }

  /** Forgets a span that has ended. */
  delete(span: LiveSpan): void {
    this.#spans.delete(span);
  }

  /** In the order in which their traces ended. */
  [Symbol.iterator](): Iterator<LiveSpan> {
    return this.#spans.values();
  }
}

/** Returns the spans that have not ended, at a time on the monotonic clock. */
export function openSegmentsOf(spans: Iterable<LiveSpan>, nowMillis: number): OpenSegments {
  // Of the same start the outer segments come first.
  const longest = new Largest<LiveSpan>(MAX_LISTED, ({ startMillis }) => -startMillis);
  const openChildren = new Map<LiveSpan, number>();
  let count = 0;
  for (const span of spans) {
    if (span.source === undefined) continue;
    count += 1;
    if (span.parent?.source !== undefined) {
      openChildren.set(span.parent, (openChildren.get(span.parent) ?? 0) + 1);
    }
    longest.offer(span);
  }
  return {
    count,
    longest: longest.list().map((span) => {
      const { traceId, spanId } = span.source!.spanContext();
      return {
        name: span.source!.name,
        service: serviceOf(span.source!),
        traceId,
        spanId,
        seconds: Math.max(nowMillis - span.startMillis, 0) / 1_000,
        openChildren: openChildren.get(span) ?? 0,
      };
    }),
  };
}
