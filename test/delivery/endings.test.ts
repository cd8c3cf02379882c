import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  runEnding,
  runWithoutTracing,
  SPANS,
  twoAtATime,
  WAYS,
  type Ending,
  type Way,
} from '../../scripts/delivery/endings.js';
import { CELLS, readRows } from '../../scripts/delivery/table.js';

/** One state of the receiver for every way, and every state for one way; `npm run delivery` does all. */
const SAMPLE = [
  ...CELLS.filter(({ behaviour }) => behaviour === 'healthy'),
  ...CELLS.filter(({ way, behaviour }) => way === 'process.exit()' && behaviour !== 'healthy'),
  { way: 'return', behaviour: 'hanging' },
  { way: 'SIGTERM', behaviour: '503' },
  { way: 'shutdown', behaviour: 'slow' },
] as const;

const EXITS: Record<Way, number | string> = {
  shutdown: 0,
  return: 0,
  beforeExit: 0,
  'process.exit()': 7,
  'uncaught exception': 1,
  'unhandled rejection': 1,
  SIGTERM: 'SIGTERM',
  SIGINT: 'SIGINT',
  'SIGTERM, own handler': 5,
  'SIGTERM, handlers removed': 'SIGTERM',
  'SIGTERM, busy': 'SIGTERM',
  'process.exit() in a listener': 3,
};

/** Two seconds, and what a busy machine needs to start a thread and to end a process. */
const BOUND_MILLIS = 6_000;

describe('the end of a process', () => {
  let endings: Ending[] = [];
  beforeAll(async () => {
    endings = await twoAtATime(
      SAMPLE.map(
        ({ way, behaviour }) =>
          () =>
            runEnding(way, behaviour),
      ),
    );
  }, 120_000);

  it('delivers or drops every span that ended, and the receiver agrees', () => {
    for (const { ended, delivered, dropped, pending, taken } of endings) {
      expect({ ended, pending }).toEqual({ ended: SPANS, pending: 0 });
      expect(delivered + dropped).toBe(ended);
      expect(delivered).toBe(taken);
    }
  });

  it('delivers all to a receiver that takes them, also slowly', () => {
    const good = endings.filter(({ behaviour }) =>
      ['healthy', 'slow', 'dripping'].includes(behaviour),
    );
    expect(good.map(({ delivered }) => delivered)).toEqual(good.map(() => SPANS));
    expect(good).toHaveLength(15);
  });

  it('says why it could not', () => {
    const reasons = endings.map(({ behaviour, reason }) => `${behaviour}: ${reason}`);
    expect([...new Set(reasons)].sort()).toEqual([
      '503: HTTP 503',
      'absent: connection refused',
      'continuing: no answer in time',
      'dripping: undefined',
      'hanging: no answer in time',
      'healthy: undefined',
      'hurrying: HTTP 503',
      'redirecting: HTTP 302',
      'resetting: connection reset',
      'slow: undefined',
    ]);
  });

  it('keeps the exit code or the signal', () => {
    for (const { way, exit } of endings) expect([way, exit]).toEqual([way, EXITS[way]]);
  });

  it('is put off by a bounded time', () => {
    for (const { delayMillis } of endings) expect(delayMillis).toBeLessThan(BOUND_MILLIS);
  });

  it('tells what was running', () => {
    for (const { summary } of endings) {
      expect(summary.running?.longest.map(({ name }) => name)).toEqual(['answer', 'ask the model']);
    }
  });

  it('is the same without hotspan: exit code and what is printed', async () => {
    const others = await twoAtATime(WAYS.map((way) => () => runWithoutTracing(way)));
    for (const [index, way] of WAYS.entries()) {
      const ours = endings.find((ending) => ending.way === way && ending.behaviour === 'healthy')!;
      expect([way, ours.exit]).toEqual([way, others[index]!.exit]);
      expect(ours.stderr.trim()).toBe(others[index]!.stderr.trim());
    }
  }, 60_000);
});

describe('docs/delivery.md', () => {
  const page = readFileSync(new URL('../../docs/delivery.md', import.meta.url), 'utf8');
  const rows = readRows(page);

  it('has every way to end with every state of the receiver', () => {
    expect(rows.map(({ way, behaviour }) => ({ way, behaviour }))).toEqual(CELLS);
  });

  it('accounts for every span in every row', () => {
    for (const { way, ended, delivered, dropped, delaySeconds, exit } of rows) {
      expect(ended).toBe(SPANS);
      expect(delivered + dropped).toBe(ended);
      expect(delaySeconds).toBeLessThan(BOUND_MILLIS / 1_000);
      expect(exit).toBe(String(EXITS[way as Way]));
    }
  });
});
