import { expect, it } from 'vitest';
import { figures } from '../support/analyzed.js';
import type { SpanSketch } from '../support/trace.js';

const selfOf = (spans: readonly SpanSketch[], id: string) =>
  figures(spans, { toleranceNanos: 1e6 })[id]?.self;
const request: SpanSketch = { id: 'request', start: 0, end: 100 };

it('counts the whole span, whether it starts just before or just after the end of its parent', () => {
  const before: SpanSketch = { id: 'log', parent: 'request', start: 99.5, end: 119.5 };
  const after: SpanSketch = { id: 'log', parent: 'request', start: 100.5, end: 120.5 };
  expect(selfOf([request, before], 'log')).toBe(20);
  expect(selfOf([request, after], 'log')).toBe(20);
});

it('leaves out the children wherever they ran, also those of a child that is cut as well', () => {
  const trace: SpanSketch[] = [
    request,
    { id: 'handler', parent: 'request', start: 50, end: 200 },
    { id: 'tidy up', parent: 'handler', start: 60, end: 150 },
    { id: 'send', parent: 'handler', start: 120, end: 180 },
    { id: 'connect', parent: 'tidy up', start: 110, end: 140 },
  ];
  expect(selfOf(trace, 'request')).toBe(50);
  expect(selfOf(trace, 'handler')).toBe(30);
  expect(selfOf(trace, 'tidy up')).toBe(60);
  expect(selfOf(trace, 'send')).toBe(60);
});
