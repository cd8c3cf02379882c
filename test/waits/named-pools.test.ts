import { describe, expect, it } from 'vitest';
import { isPoolWait } from '../../src/trace/pool-names.js';
import type { SpanSketch } from '../support/trace.js';
import { summaryOf } from './event-loop.js';

/** Requests that arrive together, at a pool of one; each gives the connection back when its `select` has ended. */
function requests(pool: string, isGivenBackLate = false): SpanSketch[][] {
  let free = 10;
  return [0, 1, 2, 3, 4].map((at) => {
    const start = Math.max(10 + at, free);
    const end = start + 40 + 7 * ((at * 3) % 5);
    free = isGivenBackLate ? end + 20 : end;
    return [
      { id: 'req', start: at, end: end + 30 },
      { id: 'wait', name: pool, parent: 'req', start: 10 + at, end: start },
      { id: 'select', parent: 'req', start, end },
    ];
  });
}

const rows = (traces: SpanSketch[][]) =>
  Object.fromEntries(summaryOf(traces).bottlenecks.map((row) => [row.name, row]));

describe('a span that waits for a pool, by its name', () => {
  it('waited for whoever gave back what it got, also where few traces were seen', () => {
    const { select, 'pg-pool.connect': pool } = rows(requests('pg-pool.connect'));
    expect(pool?.criticalSeconds).toBeCloseTo(0, 3);
    expect(pool?.waitsFor).toMatchObject([{ row: 'select' }]);
    expect(select?.savingSeconds).toBeGreaterThan(0.5);
  });

  it('is idle where nobody is known to have given it back', () => {
    const { 'pool.acquire': pool } = rows(requests('pool.acquire', true));
    expect(pool?.idleSeconds).toBeGreaterThan(0.5);
    expect(pool?.savingSeconds).toBeCloseTo(0, 3);
  });

  it('works by another name, as far as is known', () => {
    expect(rows(requests('prepare')).prepare?.idleSeconds).toBeUndefined();
  });
});

it.each([
  ['pg-pool.connect', true],
  ['generic-pool.aquire', true],
  ['generic-pool.acquire', true],
  ['pool.acquire', true],
  ['prisma:engine:connection', true],
  ['HikariDataSource.getConnection', true],
  ['acquire connection', true],
  ['pool.close', false],
  ['tcp.connect', false],
  ['carpool', false],
  ['POST /pools', false],
])('%s is a wait: %s', (name, is) => {
  expect(isPoolWait(name)).toBe(is);
});
