import { expect, it } from 'vitest';
import { analyzed, figures } from '../support/analyzed.js';
import type { SpanSketch } from '../support/trace.js';

const trace: SpanSketch[] = [
  { id: 'root', start: 0, end: 10 },
  { id: 'orphan', parent: 'lost', start: 2, end: 8 },
  { id: 'below', parent: 'orphan', start: 3, end: 5 },
];

it('keeps the self time of an orphan and of what is below it', () => {
  expect(figures(trace)).toEqual({
    root: { self: 10, critical: 10 },
    orphan: { self: 4, critical: 0 },
    below: { self: 2, critical: 0 },
  });
});

it('takes it for a local root when the trace has no other', () => {
  const tree = analyzed(trace.slice(1));
  expect(tree.roots.map((root) => root.record.spanId)).toEqual(['orphan']);
  expect(figures(trace.slice(1)).orphan).toEqual({ self: 4, critical: 4 });
});

it('takes a span with a remote parent for a local root', () => {
  const tree = analyzed([...trace, { id: 'r', parent: 'afar', remote: true, start: 0, end: 4 }]);
  expect(tree.roots.map((root) => root.record.spanId)).toEqual(['root', 'r']);
});
