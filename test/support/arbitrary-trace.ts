import fc from 'fast-check';
import type { SpanSketch } from './trace.js';

/** Any trace with one root: children anywhere in time, before, beside, within or after their parent. */
export function anyTrace(maxSpans = 12, maxMillis = 24): fc.Arbitrary<SpanSketch[]> {
  const time = fc.nat({ max: maxMillis });
  const span = fc.record({
    times: fc.tuple(time, time),
    parent: fc.nat(),
    kind: fc.constantFrom('internal', 'internal', 'internal', 'client', 'consumer'),
  });
  return fc.array(span, { minLength: 1, maxLength: maxSpans }).map((spans) =>
    spans.map(({ times, parent, kind }, index) => ({
      id: `s${index}`,
      ...(index === 0 ? {} : { parent: `s${parent % index}` }),
      start: Math.min(...times),
      end: Math.max(...times),
      kind: index === 0 ? 'internal' : kind,
    })),
  );
}

/** A trace in which nothing runs beside anything else: children follow each other within their parent. */
export function sequentialTrace(): fc.Arbitrary<SpanSketch[]> {
  interface Tree {
    before: number;
    children: Tree[];
    after: number;
  }
  const time = fc.nat({ max: 5 });
  const treeOf = (depth: number): fc.Arbitrary<Tree> =>
    fc.record({
      before: time,
      children: depth === 0 ? fc.constant([]) : fc.array(treeOf(depth - 1), { maxLength: 3 }),
      after: time,
    });
  return treeOf(4).map((root) => {
    const spans: SpanSketch[] = [];
    const place = (node: Tree, start: number, parent: string | undefined): number => {
      const id = `s${spans.length}`;
      const at = spans.length;
      spans.push({ id, start, end: start });
      let cursor = start + node.before;
      for (const child of node.children) cursor = place(child, cursor, id);
      const end = cursor + node.after;
      spans[at] = { id, start, end, ...(parent === undefined ? {} : { parent }) };
      return end;
    };
    place(root, 0, undefined);
    return spans;
  });
}
