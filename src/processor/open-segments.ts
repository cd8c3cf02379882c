import { Largest } from '../bounded.js';
import type { OpenSegments } from '../summary.js';
import { rowNameOf } from '../trace/row-names.js';
import { shortName } from '../trace/short-name.js';
import { charactersOf, operationOf, type LiveSpan } from './live-span.js';
import { serviceOf } from './sdk-span.js';

const MAX_LISTED = 20;
/** The most spans to remember although their trace is not, and the most characters in each. */
const MAX_OUTLIVING = 1_000;
const MAX_CHARACTERS = 20_000;

/** The newest spans that go on after their trace was analyzed or evicted, in bounded memory. */
export class OutlivingSpans {
  readonly #spans = new Set<LiveSpan>();

  add(spans: readonly LiveSpan[]): void {
    for (const span of spans) {
      if (span.source !== undefined && charactersOf([span]) <= MAX_CHARACTERS)
        this.#spans.add(span);
    }
    for (const oldest of this.#spans) {
      if (this.#spans.size <= MAX_OUTLIVING) break;
      this.#spans.delete(oldest);
    }
  }

  delete(span: LiveSpan): void {
    this.#spans.delete(span);
  }

  /** In the order in which their traces ended. */
  [Symbol.iterator](): Iterator<LiveSpan> {
    return this.#spans.values();
  }
}

export function openSegmentsOf(spans: Iterable<LiveSpan>, nowMillis: number): OpenSegments {
  // Of the same start the outer segments come first.
  const longest = new Largest<LiveSpan>(MAX_LISTED, ({ startMillis }) => -startMillis);
  const openChildren = new Map<LiveSpan, number>();
  let count = 0;
  for (const span of spans) {
    if (span.source === undefined) continue;
    count += 1;
    const { parent } = span;
    if (parent?.source !== undefined) openChildren.set(parent, (openChildren.get(parent) ?? 0) + 1);
    longest.offer(span);
  }
  return {
    count,
    longest: longest.list().map((span) => {
      const source = span.source!;
      const { traceId, spanId } = source.spanContext();
      const name = shortName(source.name);
      const row = shortName(rowNameOf(operationOf(span)));
      return {
        ...{ name, ...(row === name ? {} : { row }) },
        service: serviceOf(source),
        ...{ traceId, spanId },
        seconds: Math.max(nowMillis - span.startMillis, 0) / 1_000,
        openChildren: openChildren.get(span) ?? 0,
      };
    }),
  };
}
