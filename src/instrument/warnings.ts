import type { Span } from '@opentelemetry/api';
import { HOTSPAN_WARNING } from '../semconv.js';

/** What was written on spans; an attribute that is set again forgets what it was. */
const written = new WeakMap<Span, readonly string[]>();

/** Writes warnings on a span, next to those that it has. */
export function addWarnings(span: Span, warnings: readonly string[]): void {
  // Those that are not recorded may be one object for all.
  if (warnings.length === 0 || !span.isRecording()) return;
  const all = [...(written.get(span) ?? []), ...warnings];
  written.set(span, all);
  span.setAttribute(HOTSPAN_WARNING, all);
}
