import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lanesOf, toChromeTrace } from '../../src/report/chrome-trace.js';
import { toFolded } from '../../src/report/folded.js';
import { formatOf } from '../../src/report/written-formats.js';
import { toSpeedscope } from '../../src/report/speedscope.js';
import type { CallPath, PictureSpan, PictureTrace, Summary } from '../../src/summary.js';
import { Ranking } from '../../src/ranking/ranking.js';

const path = (name: string, criticalSeconds: number, more: Partial<CallPath> = {}): CallPath => ({
  ...{ name, service: 'shop', calls: 1, criticalSeconds, selfSeconds: criticalSeconds, ...more },
});
const span = (name: string, from: number, to: number, more: Partial<PictureSpan> = {}) => ({
  ...{ spanId: name, name, service: 'shop', startSeconds: from, endSeconds: to, ...more },
});

const callPaths = [
  path('GET /', 1),
  path('chat; fast', 2, { parent: 0, costUsd: 0.5 }),
  path('chat; fast', 0.5, { parent: 1, means: 'failed' }),
  path('pool', 0.25, { parent: 0, means: 'wait' }),
  path('GET /', 3, { parent: 0, means: 'idle' }),
];
const trace: PictureTrace = {
  ...{ traceId: 'a1', name: 'GET /', service: 'shop', why: 'slowest', seconds: 4 },
  startEpochSeconds: 1.7e9,
  spans: [
    span('GET /', 0, 4, { critical: [0, 1, 3, 4], waits: [{ from: 0, to: 1, by: 2 }] }),
    span('chat', 1, 3, { parent: 0, critical: [1, 3], attempt: { number: 1 } }),
    span('beside', 0.5, 1, { parent: 0 }),
  ],
};

function summaryWith(pictures: Partial<Summary['pictures']>): Summary {
  const summary = new Ranking().toSummary({ nowEpochMillis: 0 });
  return {
    ...summary,
    services: ['shop'],
    pictures: { callPaths: [], sample: [], traces: [], ...pictures },
  };
}

it.each([
  ['a.txt', 'text'],
  ['json', 'text'],
  ['a.json', 'json'],
  ['A.MD', 'markdown'],
  ['a.b.htm', 'html'],
  ['a.speedscope.json', 'speedscope'],
  ['a.chrome-trace.json', 'chromeTrace'],
  ['a.folded', 'folded'],
])('the name %s says %s', (file, format) => {
  expect(formatOf(file)).toBe(format);
});

describe('folded stacks', () => {
  it('have a line for each call path with critical time, in microseconds', () => {
    expect(toFolded(summaryWith({ callPaths })).split('\n')).toEqual([
      'GET / 1000000',
      'GET /;chat, fast 2000000',
      'GET /;chat, fast;failed attempts 500000',
      'GET /;waits for pool 250000',
      'GET /;idle 3000000',
      '',
    ]);
  });

  it('are not made of a summary that has no call paths, which is said in one line', () => {
    const older = new Ranking().toSummary({ nowEpochMillis: 0 });
    Reflect.deleteProperty(older, 'pictures');
    expect(() => toFolded(older)).toThrow(/^expected traces, or a summary of this version/);
  });
});

describe('speedscope', () => {
  const read = (summary: Summary) =>
    JSON.parse(toSpeedscope(summary, '1.0')) as {
      shared: { frames: { name: string }[] };
      profiles: { name: string; endValue: number; samples: number[][]; weights: number[] }[];
    };

  it('has a profile for each figure, and the critical path of each trace in the order of time', () => {
    const { shared, profiles } = read(summaryWith({ callPaths, traces: [trace] }));
    expect(profiles.map(({ name, endValue }) => [name, endValue])).toEqual([
      ['critical time of all traces', 6.75],
      ['self time of all traces', 6.75],
      ['cost of all traces, in US dollars', 0.5],
      ['critical path of GET / a1, slowest', 4],
    ]);
    const { samples, weights } = profiles[3]!;
    const named = samples.map((stack) => stack.map((frame) => shared.frames[frame]!.name));
    expect(named).toEqual([['GET /'], ['GET /', 'chat'], ['GET /']]);
    expect(weights).toEqual([1, 2, 1]);
  });

  it('has no profile of nothing', () => {
    expect(read(summaryWith({})).profiles).toEqual([]);
  });
});

describe("Chrome's trace events", () => {
  it('has each span, the critical path in a thread of its own, and an arrow to who waited', () => {
    const { traceEvents } = JSON.parse(toChromeTrace(summaryWith({ traces: [trace] }))) as {
      traceEvents: { ph: string; name: string; tid: number; ts: number; dur?: number }[];
    };
    const shown = traceEvents.map(({ ph, name, tid, ts, dur }) => [ph, name, tid, ts, dur]);
    expect(shown.filter(([ph]) => ph !== 'M')).toEqual([
      ['X', 'GET /', 1, 0, 4e6],
      ['X', 'GET /', 0, 0, 1e6],
      ['X', 'beside', 1, 0.5e6, 0.5e6],
      ['X', 'chat', 1, 1e6, 2e6],
      ['X', 'chat', 0, 1e6, 2e6],
      ['X', 'GET /', 0, 3e6, 1e6],
      ['s', 'ends the wait', 1, 1e6 - 0.5, undefined],
      ['f', 'ends the wait', 1, 1e6, undefined],
    ]);
  });

  it('nests in each thread when it is read in the order of time, whatever the fractions of a microsecond', () => {
    const time = fc.integer({ min: 0, max: 60 }).map((tenths) => tenths * 1e-7);
    const spans = fc.array(fc.tuple(time, time, fc.nat()), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(spans, (drawn) => {
        const made = drawn.map(([one, other, parent], at) =>
          span(
            String(at),
            Math.min(one, other),
            Math.max(one, other),
            at === 0 ? {} : { parent: parent % at },
          ),
        );
        const json = toChromeTrace(summaryWith({ traces: [{ ...trace, spans: made }] }));
        const { traceEvents } = JSON.parse(json) as {
          traceEvents: { ph: string; tid: number; ts: number; dur: number }[];
        };
        const slices = traceEvents.filter(({ ph }) => ph === 'X');
        expect(slices).toHaveLength(made.length);
        const open: Record<number, number[]> = {};
        // Sorting is stable, as it is in the readers.
        for (const { tid, ts, dur } of slices.sort((a, b) => a.ts - b.ts)) {
          expect([ts, dur].every(Number.isInteger)).toBe(true);
          const ends = (open[tid] ??= []);
          while (ends.length > 0 && ends.at(-1)! <= ts) ends.pop();
          expect(ends.at(-1) ?? Infinity).toBeGreaterThanOrEqual(ts + dur);
          ends.push(ts + dur);
        }
      }),
    );
  });

  it('gives spans that partly overlap threads of their own', () => {
    const spans = fc.array(fc.tuple(fc.nat(20), fc.nat(20), fc.nat()), { minLength: 1 });
    fc.assert(
      fc.property(spans, (drawn) => {
        const made = drawn.map(([from, length, parent], at) =>
          span(String(at), from, from + length, at === 0 ? {} : { parent: parent % at }),
        );
        const lanes = lanesOf(made);
        for (const [at, a] of made.entries()) {
          for (const [other, b] of made.entries()) {
            if (lanes[at] !== lanes[other] || a.startSeconds >= b.startSeconds) continue;
            const isApart = a.endSeconds <= b.startSeconds;
            const isInside = b.endSeconds <= a.endSeconds;
            expect(isApart || isInside).toBe(true);
          }
        }
      }),
    );
  });
});
