import type { Span } from '@opentelemetry/api';
import { HOTSPAN_WARNING } from '../semconv.js';

/** The warnings on each span, since setting an attribute again replaces it. */
const written = new WeakMap<Span, readonly string[]>();

export function addWarnings(span: Span, warnings: readonly string[]): void {
  // All spans that are not recorded may be the same object.
  if (warnings.length === 0 || !span.isRecording()) return;
  const all = [...(written.get(span) ?? []), ...warnings];
  written.set(span, all);
  span.setAttribute(HOTSPAN_WARNING, all);
}
