import { expect, it } from 'vitest';
import { CHAIN, PARALLEL, TOUCHING } from '../../scripts/accuracy/jaeger-shapes.js';
import { analyzed, figures, savingsOf } from '../support/analyzed.js';
import { jaegerCriticalPath } from '../support/jaeger-critical-path.js';
import { picture } from '../support/picture.js';
import type { SpanSketch } from '../support/trace.js';

function critical(spans: readonly SpanSketch[]): Record<string, number> {
  const all = Object.entries(figures(spans));
  return Object.fromEntries(all.map(([id, { critical }]) => [id, critical]));
}

//  request    |--------------------|
//  . model    |------------------|
//  . write                       |-|
it('a sibling that touches the next', () => {
  const spans = picture(TOUCHING.picture);
  expect(jaegerCriticalPath(spans)).toEqual({ request: 19, model: 0, write: 2 });
  expect(critical(spans)).toEqual({ request: 0, model: 19, write: 2 });
});

//  request      |--------------------|
//  . plan       |----|
//  . search          |------|
//  . read                   |----|
//  . answer                      |---|
it('every second step of a chain that touches', () => {
  const spans = picture(CHAIN.picture);
  const jaeger = jaegerCriticalPath(spans);
  expect(jaeger).toEqual({ request: 10, plan: 0, search: 7, read: 0, answer: 4 });
  expect(critical(spans)).toEqual({ request: 0, plan: 5, search: 7, read: 5, answer: 4 });
});

//  request      |-----------------------|
//  . web         |------------|
//  . papers      |--------------|
//  . answer                       |----|
it('nothing of branches side by side, but it does not know what they would save', () => {
  const spans = picture(PARALLEL.picture);
  expect(jaegerCriticalPath(spans)).toEqual(critical(spans));
  expect(critical(spans)).toEqual({ request: 4, web: 0, papers: 15, answer: 5 });
  const { nanos } = savingsOf(analyzed(spans), { keyOf: ({ name }) => name });
  expect(nanos.get('papers')).toBe(2e6);
});

//  request  |-------------------- ... ---|
//  . 0       |-|
//  . 1          |-|                           with a gap between each and the next
it('all of a trace with thousands of children that follow each other: its stack is too small', () => {
  const count = 20_000;
  const children = Array.from({ length: count }, (_, at) => ({
    id: `c${at}`,
    parent: 'request',
    start: 3 * at + 1,
    end: 3 * at + 3,
  }));
  const spans = [{ id: 'request', start: 0, end: 3 * count }, ...children];
  expect(() => jaegerCriticalPath(spans)).toThrow(RangeError);
  expect(critical(spans).request).toBe(count);
  expect(jaegerCriticalPath(spans.slice(0, 101)).c0).toBe(2);
});
