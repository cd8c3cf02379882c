import { Largest } from '../bounded.js';
import type { SlowSpan } from '../summary.js';
import type { SpanNode } from '../trace/trace-tree.js';

const NANOS = 1e9;
/** The most spans of one insight. */
export const MAX_SHOWN = 5;

/** What a rule remembers of a row, with the spans that show it: those with most time. */
export class Shown {
  #spans: Largest<SlowSpan> | undefined = undefined;

  show({ record }: SpanNode): void {
    const { traceId, spanId } = record;
    const seconds = (record.endNanos - record.startNanos) / NANOS;
    const spans = (this.#spans ??= new Largest(MAX_SHOWN, (span) => span.seconds));
    if (!spans.hasRoomFor(seconds)) return;
    const isThere = (span: SlowSpan) => span.spanId === spanId && span.traceId === traceId;
    if (!spans.list().some(isThere)) spans.offer({ traceId, spanId, seconds });
  }

  spans(): readonly SlowSpan[] | undefined {
    return this.#spans && [...this.#spans.list()];
  }
}
