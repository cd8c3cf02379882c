import { describe, expect, it } from 'vitest';
import type { TraceTree } from '../../src/trace/trace-tree.js';
import { durationsIf, type ReplayOptions } from '../../src/trace/what-if.js';
import { analyzed, savingsOf } from '../support/analyzed.js';
import { picture } from '../support/picture.js';
import type { SpanSketch } from '../support/trace.js';

const EXACT = { toleranceNanos: 0 };

/** Milliseconds by name, of the rows that would save something. */
function savings(spans: readonly SpanSketch[] | string): Record<string, number> {
  const sketch = typeof spans === 'string' ? picture(spans) : spans;
  const { nanos } = savingsOf(analyzed(sketch), { ...EXACT, keyOf: ({ name }) => name });
  return Object.fromEntries([...nanos].filter(([, saving]) => saving > 0).map(toMillis));
}

/** Seconds that the only root of a trace would be shorter. */
function saving(tree: TraceTree, row: string, factor: number, options?: ReplayOptions): number {
  const [after] = durationsIf(tree, ({ name }) => name === row, factor, options);
  return (tree.roots[0]!.endNanos - tree.roots[0]!.startNanos - after!) / 1e9;
}

function toMillis([key, nanos]: [string, number]): [string, number] {
  return [key, nanos / 1e6];
}

describe('savings', () => {
  it('of a branch end where the next one takes over', () => {
    expect(
      savings(`
        root  |--------------------|
        . a     |--------|
        . b     |-----------|
        . c                 |----|
      `),
    ).toEqual({ root: 4, b: 3, c: 5 });
  });

  it('of a chain beside another are its own', () => {
    expect(
      savings(`
        root  |------------|
        . a   |----|
        . x        |-------|
        . b   |---|
        . y       |--|
      `),
    ).toEqual({ a: 5, x: 6 });
  });

  it('of work that several spans share are of all of them together', () => {
    const spans = picture(`
      root  |----------|
      . a   |--------|
      . b   |------|
      . c   |---|
    `).map((span) => (span.id === 'b' ? { ...span, name: 'a' } : span));
    expect(savings(spans)).toEqual({ root: 2, a: 5 });
  });

  it('go down into the branch', () => {
    expect(
      savings(`
        root     |-----------|
        . a      |---------|
        . . a1    |---|
        . . a2    |-----|
        . b      |-----|
      `),
    ).toEqual({ root: 2, a: 4, a2: 2 });
  });

  it('of one that ran on are of the gaps that it explains', () => {
    expect(
      savings(`
        root     |--------|
        . work   |----|
        . later     |----------|
      `),
    ).toEqual({ work: 5, later: 4 });
  });

  it('are not those of a limiter where the sections of one that ran on only look like its tasks', () => {
    const spans = picture(`
      root  |---|
      . a   |----|
      . b   |--|
      . c     |-|
      . d    |
    `).map((span) => ({ ...span, name: 'ac'.includes(span.id) ? 'work' : 'rest' }));
    expect(saving(analyzed(spans), 'rest', 0, EXACT)).toBe(0);
  });

  it('are those of the handler when a server span ended before it', () => {
    expect(
      savings(`
        root         |-----------|
        . before     |--|
        . handler       |-------------|
        . . model         |-----|
        . . other         |---|
        . . tidy                  |--|
      `),
    ).toEqual({ before: 3, handler: 3, model: 2 });
  });

  it('of local roots add up', () => {
    const [one, other] = [picture('a |----|'), picture('b |--|')];
    const spans = [...one, ...other].map((span) => ({ ...span, name: 'a' }));
    expect(savings(spans)).toEqual({ a: 8 });
  });

  it('of attempts and of transport are those of their call, without the backoff between attempts', () => {
    const spans: SpanSketch[] = [
      { id: 'root', start: 0, end: 20 },
      { id: 'chat', parent: 'root', start: 2, end: 18, facts: { llmCall: call } },
      { id: 'one', parent: 'chat', start: 2, end: 6, facts: { attempt: attempt(1, 0) } },
      { id: 'two', parent: 'chat', start: 9, end: 18, facts: { attempt: attempt(2, 0.003) } },
      { id: 'POST', parent: 'two', start: 9, end: 17, facts: { isHttpClient: true } },
    ];
    expect(savings(spans)).toEqual({ root: 4, chat: 13 });
    const tree = analyzed(spans);
    expect(savingsOf(tree, { fold: false }).nanos.get('test\nPOST')).toBe(8e6);
    expect(saving(tree, 'chat', 0.5)).toBeCloseTo(0.0065, 12);
    expect(saving(tree, 'chat', 0, { fold: false })).toBe(0);
  });

  it('take an overlap by the error of a clock for touching', () => {
    const spans: SpanSketch[] = [
      { id: 'root', start: 0, end: 20 },
      { id: 'a', parent: 'root', start: 0, end: 10.6 },
      { id: 'b', parent: 'root', start: 10, end: 20 },
    ];
    const tree = analyzed(spans, {});
    expect([...savingsOf(tree).nanos.values()]).toEqual([10e6, 9.4e6]);
  });
});

const call = { provider: 'openai', model: 'gpt-4o', requestModel: 'gpt-4o' };
const attempt = (number: number, backoffSeconds: number) => ({
  number,
  outcome: number === 2 ? ('success' as const) : ('error' as const),
  backoffSeconds,
});

describe('savingsOf', () => {
  const tree = analyzed(
    picture(`
      root  |-----------------|
      . a   |------|
      . b           |---|
      . c                |--|
    `),
  );

  it('takes the rows with most critical time when it may not take all, and says which it left', () => {
    const { nanos, notComputed } = savingsOf(tree, { maxReplays: 2 });
    expect([...nanos].map(toMillis)).toEqual([
      ['test\na', 7],
      ['test\nb', 4],
    ]);
    expect(notComputed).toEqual(['test\nroot', 'test\nc']);
  });

  it('counts once what one that ran on explains of many gaps', () => {
    const outlived = analyzed(
      picture(`
        root    |------------------|
        . log   |----------------------|
        . a        |--|
        . b            |-----|
        . c                   |--|
      `),
    );
    const { nanos, notComputed } = savingsOf(outlived, { ...EXACT, maxReplays: 1 });
    expect([...nanos].map(toMillis)).toEqual([['test\nlog', 7]]);
    expect(notComputed).toEqual(['test\nb', 'test\na', 'test\nc']);
    const all = savingsOf(outlived, EXACT).nanos;
    expect([...all].map(toMillis)).toEqual([
      ['test\nlog', 7],
      ['test\nb', 6],
      ['test\na', 3],
      ['test\nc', 3],
    ]);
  });

  it('bounds its work by itself in a large trace', () => {
    const count = 100_000;
    const children = Array.from({ length: count }, (_, at) => ({
      id: `c${at}`,
      name: `c${at % 30}`,
      parent: 'root',
      start: at,
      end: at + 1,
    }));
    const { nanos, notComputed } = savingsOf(
      analyzed([{ id: 'root', start: 0, end: count }, ...children]),
    );
    expect(nanos.size + notComputed.length).toBe(30);
    expect(nanos.size).toBeLessThan(15);
    expect(nanos.get('test\nc0')).toBeCloseTo((count / 30) * 1e6, -7);
  });
});

describe('durationsIf', () => {
  const spans: SpanSketch[] = picture(`
    root  |---------|
    . a   |-----|
    . b         |--|
  `).map((span, at) => ({ ...span, name: at === 0 ? 'root' : 'a', service: `s${at}` }));
  const tree = analyzed(spans);

  it('scales the own work of all spans that are meant', () => {
    expect(durationsIf(tree, ({ name }) => name === 'a', 0.5)).toEqual([5.5e6]);
    expect(durationsIf(tree, ({ service }) => service === 's2', 0)).toEqual([7e6]);
    expect(durationsIf(tree, ({ name }) => name === 'a', 3)).toEqual([28e6]);
  });

  it('changes nothing where none is meant, or there is nothing', () => {
    expect(durationsIf(tree, () => false, 0)).toEqual([10e6]);
    expect(durationsIf(analyzed([]), () => true, 0)).toEqual([]);
  });

  //  one    |-----|         two  |--------|
  //  . a    |--|            . b  |---|
  //                         . a      |----|
  it('tells of each local root by itself', () => {
    const two: SpanSketch[] = [
      { id: 'one', start: 0, end: 6 },
      { id: 'one a', name: 'a', parent: 'one', start: 0, end: 3 },
      { id: 'two', start: 1, end: 10 },
      { id: 'two b', name: 'b', parent: 'two', start: 1, end: 5 },
      { id: 'two a', name: 'a', parent: 'two', start: 5, end: 10 },
    ];
    expect(durationsIf(analyzed(two), ({ name }) => name === 'a', 0)).toEqual([3e6, 4e6]);
    expect(durationsIf(analyzed(two), ({ name }) => name === 'b', 0)).toEqual([6e6, 5e6]);
  });
});

describe('a large trace', () => {
  //  root  |------------------ ... --|
  //  . 0   |-|
  //  . 1     |-|                        100,000 of them
  it('of 100,000 sequential children is run again', () => {
    const count = 100_000;
    const children = Array.from({ length: count }, (_, at) => ({
      id: `c${at}`,
      name: at % 2 === 0 ? 'even' : 'odd',
      parent: 'root',
      start: at,
      end: at + 1,
    }));
    const tree = analyzed([{ id: 'root', start: 0, end: count }, ...children]);
    expect(saving(tree, 'odd', 0.5, EXACT)).toBe(25);
  });

  //  0        |---------- ... ----------|
  //  . 1       |--------- ... ---------|
  //  . . 2      |-------- ... --------|     100,000 deep
  it('of 100,000 levels is run again', () => {
    const depth = 100_000;
    const chain = Array.from({ length: depth }, (_, at) => ({
      id: `c${at}`,
      name: at % 2 === 0 ? 'even' : 'odd',
      ...(at === 0 ? {} : { parent: `c${at - 1}` }),
      start: at,
      end: 2 * depth - at,
    }));
    expect(saving(analyzed(chain), 'even', 0, EXACT)).toBe(100);
  });

  it('of 100,000 children side by side is run again', () => {
    const count = 100_000;
    const children = Array.from({ length: count }, (_, at) => ({
      id: `c${at}`,
      name: at === count - 1 ? 'last' : 'child',
      parent: 'root',
      start: at % 7,
      end: count + 2 * at,
    }));
    const tree = analyzed([{ id: 'root', start: 0, end: 3 * count }, ...children]);
    const slowest = savingsOf(tree, EXACT).nanos.get('test\nlast');
    expect(slowest).toBe(2e6);
  });
});
