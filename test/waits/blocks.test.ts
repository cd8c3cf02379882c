import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../support/random.js';
import { eventLoop, summaryOf, totalSeconds, type Part, type Request } from './event-loop.js';

const wait = (name: string, millis: number): Part => ({ name, millis });
const block = (name: string, millis: number): Part => ({ name, millis, blocks: true });

function requests(
  count: number,
  millisApart: number,
  partsOf: (index: number, random: Random) => Part[],
): Request[] {
  const random = seededRandom(42);
  let at = 0;
  return Array.from({ length: count }, (_, index) => {
    at -= millisApart * Math.log(random.uniform());
    return { at, parts: partsOf(index, random) };
  });
}

const without = (all: readonly Request[], name: string): Request[] =>
  all.map((request) => ({
    ...request,
    parts: request.parts.map((part) => (part.name === name ? { ...part, millis: 0 } : part)),
  }));

/** What a row saves, as a share of all time: what is told, and what a run without it shows. */
function savings(all: readonly Request[], name: string) {
  const traces = eventLoop(all);
  const seconds = totalSeconds(traces);
  const summary = summaryOf(traces);
  const row = summary.bottlenecks.find((each) => each.name === name);
  return {
    summary,
    told: (row?.savingSeconds ?? 0) / seconds,
    really: (seconds - totalSeconds(eventLoop(without(all, name)))) / seconds,
  };
}

const exponential = (mean: number, random: Random) => -mean * Math.log(random.uniform());

describe('a block of the event loop is charged to the one that blocks, in all traces', () => {
  const programs: [string, Request[], string, number][] = [
    [
      'a busy thread, where all else takes as long each time',
      requests(100, 25, (at) => [
        wait('fetch', 30),
        ...(at % 3 === 0 ? [block('pdf', 60)] : []),
        wait('store', 8),
      ]),
      'pdf',
      0.05,
    ],
    [
      'lengths that vary',
      requests(100, 40, (at, random) => [
        wait('fetch', random.lognormal(100, 0.2)),
        ...(at % 3 === 0 ? [block('pdf', 60)] : []),
        wait('store', random.lognormal(20, 0.2)),
      ]),
      'pdf',
      0.05,
    ],
    [
      'lengths that are anything',
      requests(200, 60, (at, random) => [
        wait('fetch', exponential(200, random)),
        ...(at % 3 === 0 ? [block('pdf', random.lognormal(50, 0.5))] : []),
        wait('store', exponential(30, random)),
      ]),
      'pdf',
      0.05,
    ],
    [
      'many short blocks',
      requests(300, 5, (_, random) => [
        wait('fetch', exponential(40, random)),
        block('render', random.lognormal(3, 0.3)),
        wait('store', random.lognormal(10, 0.2)),
      ]),
      'render',
      0.08,
    ],
    [
      'six requests, of which one blocks once',
      requests(6, 5, (at, random) => [
        wait('fetch', random.lognormal(100, 0.2)),
        ...(at === 0 ? [block('pdf', 150)] : []),
        wait('store', 40),
      ]),
      'pdf',
      0.12,
    ],
  ];
  it.each(programs)('%s', (_, all, name, tolerance) => {
    const { told, really } = savings(all, name);
    expect(really).toBeGreaterThan(0.1);
    expect(Math.abs(told - really)).toBeLessThan(tolerance);
  });

  it('and the insight says for how long others waited, and what to do', () => {
    const [, all] = programs[0]!;
    const { summary } = savings(all, 'pdf');
    const [insight] = summary.insights ?? [];
    expect(insight).toMatchObject({ kind: 'blocked-event-loop', severity: 'high' });
    expect(insight?.message).toMatch(
      /^`pdf` blocked the event loop for 2\.04 s in 34 blocks of up to 60\.0 ms: other segments waited \d\.\d+ s for it\. Move it to a worker thread, which saves up to \d\.\d+ s, or split it into short parts$/,
    );
    expect(insight?.savingSeconds).toBe(insight?.evidence.waitedSeconds);
    const waits = summary.bottlenecks.flatMap(({ waitsFor = [] }) => waitsFor);
    expect(new Set(waits.map(({ row }) => row))).toEqual(new Set(['pdf']));
  });
});

describe('who did not wait is charged nothing', () => {
  const waiting = (all: readonly Request[]) =>
    summaryOf(eventLoop(all)).bottlenecks.flatMap(({ waitsFor = [] }) => waitsFor);

  it('an answer that arrived after the block', () => {
    const parts = [wait('ask', 500), wait('store', 20)];
    const all = Array.from({ length: 9 }, (_, at) => ({ at: 40 * at, parts }));
    expect(waiting([...all, { at: 490, parts: [block('pdf', 100)] }])).not.toEqual([]);
    expect(waiting([...all, { at: 2, parts: [block('pdf', 30)] }])).toEqual([]);
  });

  it('another service', () => {
    const all = requests(50, 40, (at, random) => [
      wait('fetch', exponential(80, random)),
      ...(at % 3 === 0 ? [block('pdf', 60)] : []),
    ]);
    const others = requests(50, 40, (_, random) => [wait('ask', exponential(90, random))]).map(
      (request) => ({ ...request, service: 'other' }),
    );
    const apart = [...eventLoop(all), ...eventLoop(others)];
    const rows = summaryOf(apart).bottlenecks;
    expect(rows.find(({ name }) => name === 'fetch')?.waitsFor).toBeDefined();
    expect(rows.find(({ name }) => name === 'ask')?.waitsFor).toBeUndefined();
  });
});

it('critical time stays what it was in all, and no row saves more than it has', () => {
  const part = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    millis: fc.integer({ min: 1, max: 80 }),
    blocks: fc.boolean(),
  });
  const request = fc.record({
    at: fc.integer({ min: 0, max: 400 }),
    parts: fc.array(part, { minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 20 }), (all) => {
      const traces = eventLoop(all);
      const { bottlenecks } = summaryOf(traces);
      const critical = bottlenecks.reduce((sum, row) => sum + row.criticalSeconds, 0);
      expect(critical).toBeCloseTo(totalSeconds(traces), 6);
      for (const row of bottlenecks) {
        expect(row.savingSeconds).toBeGreaterThanOrEqual(0);
        expect(row.savingSeconds).toBeLessThanOrEqual(row.criticalSeconds + 1e-9);
      }
    }),
    { numRuns: 60 },
  );
});
