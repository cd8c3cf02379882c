import type { OpenSegments } from '../summary.js';
import { serviceOf } from './span-reader.js';
import type { LiveSpan } from './trace-buffer.js';

/** Of those that are listed. */
const MAX_LISTED = 20;
/** Of those that are remembered although their trace is not. */
const MAX_OUTLIVING = 1_000;

/**
 * The spans that go on after their trace was analyzed or given up, in bounded memory: the newest are
 * remembered.
 */
export class OutlivingSpans {
  readonly #spans = new Set<LiveSpan>();

  /** Takes those of a trace that have not ended. */
  add(spans: readonly LiveSpan[]): void {
    for (const span of spans) {
      if (span.source !== undefined) this.#spans.add(span);
    }
    for (const oldest of this.#spans) {
      if (this.#spans.size <= MAX_OUTLIVING) break;
      this.#spans.delete(oldest);
    }
  }

  /** Forgets one that has ended. */
  delete(span: LiveSpan): void {
    this.#spans.delete(span);
  }

  /** In the order in which their traces ended. */
  [Symbol.iterator](): Iterator<LiveSpan> {
    return this.#spans.values();
  }
}

/** Those of the spans that have not ended, at a time on the monotonic clock. */
export function runningSegments(
  spans: Iterable<LiveSpan>,
  nowMonotonicMillis: number,
): OpenSegments {
  const longest: LiveSpan[] = [];
  const openChildren = new Map<LiveSpan, number>();
  let count = 0;
  for (const span of spans) {
    if (span.source === undefined) continue;
    count += 1;
    if (span.parent?.source !== undefined) {
      openChildren.set(span.parent, (openChildren.get(span.parent) ?? 0) + 1);
    }
    insert(longest, span);
  }
  return {
    count,
    longest: longest.map((span) => {
      const { traceId, spanId } = span.source!.spanContext();
      return {
        name: span.source!.name,
        service: serviceOf(span.source!),
        traceId,
        spanId,
        seconds: Math.max(nowMonotonicMillis - span.startMillis, 0) / 1_000,
        openChildren: openChildren.get(span) ?? 0,
      };
    }),
  };
}

/** Keeps the list in the order of the starts; of the same start the outer ones come first. */
function insert(longest: LiveSpan[], span: LiveSpan): void {
  const { startMillis } = span;
  let at = longest.length;
  while (at > 0 && longest[at - 1]!.startMillis > startMillis) at -= 1;
  if (at >= MAX_LISTED) return;
  longest.splice(at, 0, span);
  if (longest.length > MAX_LISTED) longest.pop();
}
