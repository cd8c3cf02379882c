import { expect, it } from 'vitest';
import { readSpanFacts } from '../../src/trace/span-facts.js';
import { durationsIf } from '../../src/trace/what-if.js';
import { analyzed, path, savingsOf } from '../support/analyzed.js';
import { picture } from '../support/picture.js';
import type { SpanSketch } from '../support/trace.js';

const after = (text: string, names: Record<string, string[]>): SpanSketch[] =>
  picture(text).map((span) => {
    const list = names[span.id];
    if (list === undefined) return span;
    return { ...span, facts: readSpanFacts('internal', { 'hotspan.step.after': list }, span.id) };
  });

// By the clock `write` could have waited for `prices`, which ended just before it started.
const run = `
  root        |------------------|
  . search    |-----|
  . prices    |-------|
  . write             |----------|
`;

it('and not for another that ended just before it', () => {
  expect(path(run)).toBe('ppppppppwwwwwwwwwww');
  const named = after(run, { write: ['search'] });
  expect(path(named)).toMatch(/^s{6}rrw+$/);
});

it('also in a replay', () => {
  const millis = (spans: readonly SpanSketch[], name: string) =>
    durationsIf(analyzed(spans), (record) => record.name === name, 0, { toleranceNanos: 0 })[0]! /
    1e6;
  const length = millis(picture(run), 'none');
  expect(length - millis(picture(run), 'search')).toBe(0);
  const named = after(run, { write: ['search'] });
  expect(length - millis(named, 'search')).toBe(6);
  expect(length - millis(named, 'prices')).toBe(0);
});

it('for none, where it names none, and for what ended before it, where none of those was seen', () => {
  const first = after(run, { write: [] });
  expect(savingsOf(analyzed(first)).nanos.get('test\nsearch')).toBeUndefined();
  expect(savingsOf(analyzed(first)).nanos.get('test\nprices')).toBeUndefined();
  const gone = after(run, { write: ['skipped'] });
  expect(savingsOf(analyzed(gone)).nanos.get('test\nwrite')).toBe(11e6);
});
