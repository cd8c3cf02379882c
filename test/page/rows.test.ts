import { describe, expect, it } from 'vitest';
import type { Bottleneck } from '../../src/summary.js';
import { ownTime } from '../../src/page/own-time.js';
import { columnsOf, filtered, orderAfter, sorted } from '../../src/page/rows.js';
import { keyOf } from '../../src/sampled-times.js';

function row(name: string, fields: Partial<Bottleneck> = {}): Bottleneck {
  return {
    ...{ rank: 1, name, service: 'shop', calls: 1, errors: 0, slowest: [] },
    ...{ totalSeconds: 1, selfSeconds: 1, criticalSeconds: 1, criticalShare: 0.5 },
    ...{ p50Seconds: 1, p95Seconds: 1, p99Seconds: 1, maxSeconds: 1 },
    ...fields,
  };
}

const names = (rows: readonly Bottleneck[]) => rows.map(({ name }) => name);

describe('the rows of the table', () => {
  const rows = [
    row('b', { costUsd: 0.2, p95Seconds: 3 }),
    row('a', { p95Seconds: 9 }),
    row('__proto__', { costUsd: 0.9, p95Seconds: 3, service: 'Bank' }),
  ];

  it('are sorted by a figure, with those that lack it last both ways', () => {
    expect(names(sorted(rows, { by: 'cost', isRising: false }))).toEqual(['__proto__', 'b', 'a']);
    expect(names(sorted(rows, { by: 'cost', isRising: true }))).toEqual(['b', '__proto__', 'a']);
  });

  it('keep their rank where the figure is the same', () => {
    expect(names(sorted(rows, { by: 'p95', isRising: true }))).toEqual(['b', '__proto__', 'a']);
  });

  it('are found by name and service, whatever the case', () => {
    expect(names(filtered(rows, ' BANK '))).toEqual(['__proto__']);
    expect(names(filtered(rows, ''))).toEqual(names(rows));
    expect(filtered(rows, 'none')).toEqual([]);
  });

  it('are told apart by service and name', () => {
    expect(keyOf({ name: 'a', service: 'b' })).not.toBe(keyOf({ name: 'b', service: 'a' }));
  });

  it('turn around when a head is clicked again', () => {
    const falling = orderAfter({ by: 'name', isRising: true }, 'cost');
    expect(falling).toEqual({ by: 'cost', isRising: false });
    expect(orderAfter(falling, 'cost')).toEqual({ by: 'cost', isRising: true });
    expect(orderAfter(falling, 'name')).toEqual({ by: 'name', isRising: true });
  });

  it('have one unit in each column, and no column that tells nothing', () => {
    const columns = columnsOf([
      row('a', { p50Seconds: 0.012, p95Seconds: 3.21, wastedSeconds: 0 }),
      row('b', { p50Seconds: 0.0004, p95Seconds: 14 }),
    ]);
    expect(columns.map(({ head }) => head)).toEqual(['waited for, s', 'p50, s', 'p95, s', 'calls']);
    const p50 = columns.find(({ id }) => id === 'p50')!;
    expect([0.012, 0.0004, 14].map(p50.format)).toEqual(['0.01', '< 0.01', '14.00']);
  });

  it('ten thousand of them are sorted and found', () => {
    const many = Array.from({ length: 10_000 }, (_, at) =>
      row(`row ${at}`, { p95Seconds: at % 97 }),
    );
    const first = sorted(filtered(many, 'ROW'), { by: 'p95', isRising: false })[0]!;
    expect(first.name).toBe('row 96');
  });
});

describe('what a row does with its own time', () => {
  it('is told by what it waited for, most first', () => {
    const waitsFor = [{ row: 'slot', service: 'shop', seconds: 3 }];
    expect(ownTime(row('a', { criticalSeconds: 7, idleSeconds: 5, waitsFor }))).toEqual([
      { words: 'idle', share: 0.5 },
      { words: 'waits for', row: 'slot', share: 0.3 },
    ]);
  });

  it('is that a model answers where there are tokens', () => {
    expect(ownTime(row('chat', { inputTokens: 5 }))).toEqual([
      { words: 'model answers', share: 1 },
    ]);
  });

  it('is not told where spans do not tell', () => {
    expect(ownTime(row('a'))).toEqual([]);
    const busy = row('a', { criticalSeconds: 4, selfSeconds: 4, blockedSeconds: 4 });
    expect(ownTime(busy)).toEqual([{ words: 'works', isWork: true, share: 1 }]);
    expect(ownTime(row('a', { criticalSeconds: 0 }))).toEqual([]);
  });
});
