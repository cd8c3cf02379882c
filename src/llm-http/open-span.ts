import { context, type Context, type Span, type Tracer } from '@opentelemetry/api';
import type { SpanClock } from '../instrument/clock.js';
import { holdSpan, recordSpan, type EndSpan } from '../instrument/in-span.js';
import type { SegmentOptions } from '../instrument/segment.js';

/** A span that ends when somebody says so, and not with a function. */
export interface OpenSpan {
  readonly span: Span;
  readonly clock: SpanClock;
  /** For what runs inside it. */
  readonly context: Context;
  readonly end: EndSpan;
}

/** Starts a span in the active context, or in `parent`; `clock` if it began before. */
export function openSpan(
  name: string,
  options: SegmentOptions,
  tracer: Tracer | undefined,
  parent: Context = context.active(),
  clock?: SpanClock,
): OpenSpan {
  return context.with(parent, () =>
    recordSpan(
      name,
      options,
      (span, own) => ({ span, clock: own, context: context.active(), end: holdSpan(span, own) }),
      tracer,
      clock,
    ),
  );
}
