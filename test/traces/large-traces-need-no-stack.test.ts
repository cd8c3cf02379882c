import { expect, it } from 'vitest';
import { analyzed } from '../support/analyzed.js';
import type { SpanSketch } from '../support/trace.js';

function criticalMillis(spans: readonly SpanSketch[]): Map<string, number> {
  return new Map(
    analyzed(spans).nodes.map((node) => [node.record.spanId, node.criticalNanos / 1e6]),
  );
}

//  root  |------------------ ... --|
//  . 0   |-|
//  . 1     |-|                        100,000 of them, each touching the next
it('walks 100,000 sequential children', () => {
  const count = 100_000;
  const children = Array.from({ length: count }, (_, index) => ({
    id: `c${index}`,
    parent: 'root',
    start: index,
    end: index + 1,
  }));
  const critical = criticalMillis([{ id: 'root', start: 0, end: count }, ...children]);
  expect(critical.get('root')).toBe(0);
  expect(children.every(({ id }) => critical.get(id) === 1)).toBe(true);
});

//  0        |---------- ... ----------|
//  . 1       |--------- ... ---------|
//  . . 2      |-------- ... --------|     10,000 deep
it.each([
  ['that end in time', 0],
  ['that outlive one another', 3],
])('walks a chain of 10,000 %s', (_, outlive) => {
  const depth = 10_000;
  const chain = Array.from({ length: depth }, (_, index) => ({
    id: `c${index}`,
    ...(index === 0 ? {} : { parent: `c${index - 1}` }),
    start: index,
    end: outlive === 0 ? 3 * depth - index : 3 * depth + index * outlive,
  }));
  const critical = criticalMillis(chain);
  const total = [...critical.values()].reduce((sum, millis) => sum + millis, 0);
  expect(total).toBe(3 * depth);
  expect(critical.get('c0')).toBe(outlive === 0 ? 2 : 1);
});

//  root     |-|-|-|-|- ... -|-|    20,000 steps
//  . 0      |--------- ... --------╌╌╌╌
//  . . 1     |-------- ... --------╌╌╌╌     20,000 deep, each with a step that ended
it('walks a deep chain that outlives a long trace without its depth times its length', () => {
  const count = 20_000;
  const spans: SpanSketch[] = [{ id: 'root', start: 0, end: 4 * count }];
  for (let index = 0; index < count; index += 1) {
    const at = 4 * index;
    spans.push({ id: `s${index}`, parent: 'root', start: at, end: at + 1 });
    const parent = index === 0 ? 'root' : `c${index - 1}`;
    spans.push({ id: `c${index}`, parent, start: at + 1, end: 5 * count + index });
    spans.push({ id: `d${index}`, parent: `c${index}`, start: at + 2, end: at + 3 });
  }
  const critical = criticalMillis(spans);
  const total = [...critical.values()].reduce((sum, millis) => sum + millis, 0);
  expect(total).toBe(4 * count);
  expect([critical.get('s7'), critical.get('d7'), critical.get('c7')]).toEqual([1, 1, 2]);
});

it('is not slowed down by children that nobody waits for', () => {
  const count = 30_000;
  const spans: SpanSketch[] = [{ id: 'root', start: 0, end: 2 * count }];
  for (let index = 0; index < count; index += 1) {
    spans.push({ id: `s${index}`, parent: 'root', start: 2 * index, end: 2 * index + 1 });
    spans.push({ id: `q${index}`, parent: 'root', start: index, end: 3 * count, kind: 'consumer' });
  }
  expect(criticalMillis(spans).get('root')).toBe(count);
});

//  root     |-|-|-|- ... -|      steps
//  . o0     |------- ... --------╌╌╌
//  . . a0   |------- ... ----|               each is awaited, ends before the one around it,
//  . . . o1  |------ ... --------╌╌╌         and has a child of its own that outlives it
it('is not held up by a trace in which every awaited span is outlived', () => {
  const count = 8_000;
  const spans: SpanSketch[] = [{ id: 'root', start: 0, end: 4 * count }];
  for (let index = 0; index < count; index += 1) {
    spans.push({ id: `s${index}`, parent: 'root', start: 4 * index + 2, end: 4 * index + 3 });
    const parent = index === 0 ? 'root' : `a${index - 1}`;
    const at = index / count;
    spans.push({ id: `o${index}`, parent, start: at, end: 5 * count });
    spans.push({ id: `a${index}`, parent: `o${index}`, start: at, end: 4 * count - 1 - at });
  }
  const total = [...criticalMillis(spans).values()].reduce((sum, millis) => sum + millis, 0);
  expect(total).toBeCloseTo(4 * count, 3);
});
