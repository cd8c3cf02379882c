import type { SpanSketch } from './trace.js';

/**
 * Critical time by span as Jaeger's UI works it out, in milliseconds: from the end of a span into the
 * child that ended last; at that child's start back to the parent, for the child that ended last
 * *before* then. Written from the description of the algorithm, with its two properties that matter
 * here: it recurses from section to section, and "before" is strict.
 */
export function jaegerCriticalPath(spans: readonly SpanSketch[]): Record<string, number> {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const children = new Map<string | undefined, SpanSketch[]>();
  for (const span of [...spans].sort((a, b) => b.end - a.end)) {
    const siblings = children.get(span.parent);
    if (siblings === undefined) children.set(span.parent, [span]);
    else siblings.push(span);
  }
  const critical = Object.fromEntries(spans.map(({ id }) => [id, 0]));
  const walk = (span: SpanSketch, before: number | undefined): void => {
    const until = before ?? span.end;
    const last = children.get(span.id)?.find(({ end }) => before === undefined || end < before);
    critical[span.id]! += until - (last?.end ?? span.start);
    if (last !== undefined) {
      walk(last, undefined);
      return;
    }
    const parent = span.parent === undefined ? undefined : byId.get(span.parent);
    if (parent !== undefined) walk(parent, span.start);
  };
  for (const root of children.get(undefined) ?? []) walk(root, undefined);
  return critical;
}
