import type { SegmentCpuProfile } from '../../src/summary.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Summary } from 'hotspan/processor';
import { mergeSummaries } from 'hotspan/report';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { Ranking, type RankingOptions } from '../../src/ranking/ranking.js';
import type { Insight } from '../../src/summary.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { records, type SpanSketch } from '../support/trace.js';
import { likeOf, summaryOf as summaryWith } from '../support/summary.js';

interface Seen {
  readonly spans: readonly SpanSketch[];
  readonly originEpochMillis: number;
}

function summaryOf(traces: readonly Seen[], options?: RankingOptions): Summary {
  const ranking = new Ranking(options);
  for (const { spans, originEpochMillis } of traces) {
    const tree = buildTraceTree(records(spans));
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis, toleranceNanos: 0 });
  }
  return ranking.toSummary({ nowEpochMillis: 1_000 * traces.length });
}

/** A trace whose spans have names, services, errors, attempts, models and costs in common with others. */
const seen: fc.Arbitrary<Seen> = fc.record({
  spans: fc
    .tuple(anyTrace(8, 24), fc.array(fc.nat({ max: 11 }), { minLength: 8, maxLength: 8 }))
    .map(([spans, kinds]) => spans.map((span, at) => ({ ...span, ...KINDS[kinds[at] ?? 0] }))),
  originEpochMillis: fc.integer({ min: 0, max: 1e6 }).map((millis) => 1.7e12 + millis),
});

const llmCall = { provider: 'openai', model: 'gpt-4o', requestModel: 'gpt-4o' };
const KINDS: readonly Partial<SpanSketch>[] = [
  {},
  { name: 'work' },
  { name: 'work', service: 'other' },
  { name: 'work', error: 'TypeError' },
  { error: 'TimeoutError' },
  { name: 'chat', facts: { llmCall, inputTokens: 100, outputTokens: 10, costUsd: 0.25 } },
  { name: 'chat', facts: { llmCall, inputTokens: 7 } },
  { name: 'chat', facts: { llmCall: { ...llmCall, model: 'small' }, outputTokens: 5, costUsd: 1 } },
  { name: 'chat', error: 'Error', facts: { llmCall } },
  { name: 'chat', facts: { llmCall, cacheHit: { savedSeconds: 2, savedUsd: 0.5 } } },
  { facts: { attempt: { number: 1, outcome: 'error', backoffSeconds: 1 }, costUsd: 0.125 } },
  { facts: { attempt: { number: 2, outcome: 'success', backoffSeconds: 1 }, warnings: ['odd'] } },
];

/** Lists whose order says nothing, in one order. */
function ordered(summary: Summary): Summary {
  const by = <T>(items: readonly T[], keyOf: (item: T) => string) =>
    [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return {
    ...summary,
    services: [...summary.services].sort(),
    bottlenecks: by(summary.bottlenecks, ({ service, name }) => `${service}\n${name}`).map(
      (row) => ({ ...row, rank: 0 }),
    ),
    entryPoints: by(summary.entryPoints ?? [], ({ service, name }) => `${service}\n${name}`),
    models: by(summary.models, ({ model = '' }) => model),
    errors: by(summary.errors, ({ type, segment, service }) => [type, service, segment].join('\n')),
    warnings: [...summary.warnings].sort(),
  };
}

/** Of spans that took equally long any may be among the slowest: here all have the same ids. */
function withoutIds(summary: Summary): unknown {
  const secondsOf = (spans: readonly { seconds: number }[]) => spans.map(({ seconds }) => seconds);
  return {
    ...summary,
    generatedAt: '',
    // What is worth a look depends on the shares of the process that saw it.
    insights: [],
    slowest: secondsOf(summary.slowest),
    bottlenecks: summary.bottlenecks.map((row) => ({
      ...row,
      slowest: secondsOf(row.slowest),
      // Named where it limits the saving in one process.
      takenOverBy: undefined,
      // Decided by shares of what one process saw.
      savingDoubt: undefined,
    })),
    // Chosen from what each process kept; the order of the sums, and of what was idle beside a wait before an attempt,
    // is that of one process.
    pictures: undefined,
  };
}

/** Equal but for the last digits of sums whose parts were added in another order. */
function expectSame(actual: unknown, expected: unknown, at = 'summary'): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const tolerance = at.includes('observed') ? 1e-6 : 1e-9;
    expect(Math.abs(actual - expected), at).toBeLessThanOrEqual(tolerance);
  } else if (expected !== null && typeof expected === 'object') {
    expect(Object.keys(Object(actual) as object).sort(), at).toEqual(Object.keys(expected).sort());
    for (const [key, value] of Object.entries(expected)) {
      expectSame((actual as Record<string, unknown>)[key], value, `${at}.${key}`);
    }
  } else {
    expect(actual, at).toEqual(expected);
  }
}

describe('mergeSummaries', () => {
  it('gives what one process would have found, however the traces were spread over several', () => {
    const spread = fc.array(fc.tuple(seen, fc.nat({ max: 3 })), { maxLength: 12 });
    fc.assert(
      fc.property(spread, (traces) => {
        const parts = [0, 1, 2, 3].map((process) =>
          summaryOf(traces.filter(([, where]) => where === process).map(([trace]) => trace)),
        );
        const one = summaryOf(traces.map(([trace]) => trace));
        expectSame(withoutIds(ordered(mergeSummaries(parts))), withoutIds(ordered(one)));
      }),
      { numRuns: 200 },
    );
  });

  it('does so when there are too many durations to be kept', () => {
    const spread = fc.array(fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.nat({ max: 2 })), {
      minLength: 257,
      maxLength: 600,
    });
    fc.assert(
      fc.property(spread, (calls) => {
        const of = (some: typeof calls) =>
          summaryOf(
            some.map(([millis]) => ({
              spans: [{ id: 'call', start: 0, end: millis }],
              originEpochMillis: 0,
            })),
          );
        const parts = [0, 1, 2].map((process) => of(calls.filter(([, at]) => at === process)));
        const { latency, bottlenecks } = mergeSummaries(parts);
        const one = of(calls);
        expectSame({ ...latency }, { ...one.latency });
        const sorted = calls.map(([millis]) => millis).sort((a, b) => a - b);
        const exact = sorted[Math.ceil(0.95 * sorted.length) - 1]! / 1_000;
        expect(Math.abs(bottlenecks[0]!.p95Seconds / exact - 1)).toBeLessThanOrEqual(0.01 + 1e-9);
      }),
      { numRuns: 20 },
    );
  });

  it('does not care for the order of the summaries, nor for what was merged before', () => {
    fc.assert(
      fc.property(fc.tuple(...[1, 2, 3].map(() => fc.array(seen, { maxLength: 5 }))), (parts) => {
        const [a, b, c] = parts.map((traces) => summaryOf(traces)) as [Summary, Summary, Summary];
        const merged = (...some: Summary[]) => withoutIds(ordered(mergeSummaries(some)));
        const all = merged(a, b, c);
        expectSame(merged(c, a, b), all);
        expectSame(merged(mergeSummaries([a, b]), c), all);
        expectSame(merged(a, mergeSummaries([b, c])), all);
      }),
    );
  });

  it('survives being saved in between', () => {
    fc.assert(
      fc.property(fc.array(fc.array(seen, { maxLength: 3 }), { minLength: 1 }), (parts) => {
        const summaries = parts.map((traces) => summaryOf(traces));
        const saved = JSON.parse(JSON.stringify(summaries)) as Summary[];
        expect(mergeSummaries(saved)).toEqual(mergeSummaries(summaries));
        expect(JSON.stringify(mergeSummaries(saved))).not.toContain('null');
      }),
    );
  });

  const flat = (names: readonly string[], originEpochMillis = 0): Seen => ({
    spans: [
      { id: 'root', start: 0, end: names.length },
      ...names.map((id, at) => ({ id, parent: 'root', start: at, end: at + 1 })),
    ],
    originEpochMillis,
  });

  it('keeps a bounded number of rows, their sums whole', () => {
    // Without numbers, which share a row.
    const names = (prefix: string) =>
      Array.from(
        { length: 800 },
        (_, at) => `${prefix}${'x'.repeat(at % 30)}${'y'.repeat(at / 30)}`,
      );
    const parts = ['a', 'b'].map((prefix) => summaryOf([flat([...names(prefix), 'both'])]));
    const merged = mergeSummaries(parts);
    expect(merged.bottlenecks).toHaveLength(1_001);
    expect(merged.bottlenecks.map(({ name }) => name)).toContain('both');
    const calls = merged.bottlenecks.reduce((sum, row) => sum + row.calls, 0);
    const critical = merged.bottlenecks.reduce((sum, row) => sum + row.criticalSeconds, 0);
    expect(calls).toBe(2 * 802);
    expect(critical).toBeCloseTo(merged.latency.totalSeconds, 9);
    const more = summaryOf([flat(names('c'))], { maxRows: 3 });
    const other = mergeSummaries([merged, more]).bottlenecks.filter(
      (row) => row.name === '(other)',
    );
    expect(other).toHaveLength(1);
  });

  it('adds up how often there was reason for a warning', () => {
    const warned = (...warnings: string[]): Summary => ({ ...summaryOf([]), warnings });
    const merged = mergeSummaries([warned('a', 'b (3 times)'), warned('a', 'b', 'c')]);
    expect(merged.warnings).toEqual(['b (4 times)', 'a (2 times)', 'c']);
    const many = Array.from({ length: 150 }, (_, at) => warned(`w${at}`));
    const { warnings } = mergeSummaries(many);
    expect(warnings).toHaveLength(101);
    expect(warnings.at(-1)).toBe('further warnings of other kinds (50 times)');
  });

  it('takes the time from the first start to the last end', () => {
    const parts = [1_000, 61_000].map((start) => summaryOf([flat(['a', 'b'], start)]));
    expect(mergeSummaries(parts)).toMatchObject({
      observedFromEpochSeconds: 1,
      observedSeconds: 60.002,
      generatedAt: '1970-01-01T00:00:01.000Z',
    });
  });

  it('takes a saving that is not known to be the same share of the critical time', () => {
    const withSaving = (seconds: number | undefined): Summary => {
      const summary = summaryOf([flat(['a', 'b'])]);
      const rows = summary.bottlenecks.filter(({ name }) => name === 'a');
      return {
        ...summary,
        bottlenecks: rows.map((row) => {
          const { savingSeconds, ...others } = row;
          expect(savingSeconds).toBeDefined();
          return seconds === undefined ? others : { ...row, savingSeconds: seconds };
        }),
      };
    };
    const savingOf = (...savings: (number | undefined)[]) =>
      mergeSummaries(savings.map(withSaving).map(likeOf)).bottlenecks[0]?.savingSeconds;
    expect(savingOf(undefined, undefined)).toBeUndefined();
    expect(savingOf(0.0005, 0.001)).toBeCloseTo(0.0015, 12);
    expect(savingOf(0.0005, undefined)).toBeCloseTo(0.001, 12);
    expect(savingOf(0, undefined)).toBe(0);
  });

  it('adds up the CPU profiles of one segment', () => {
    const profile = (seconds: number, name: string, more: Partial<SegmentCpuProfile> = {}) => ({
      segment: 'rank',
      service: 'shop',
      calls: 1,
      seconds,
      samples: 10,
      exact: true,
      functions: [
        {
          name,
          file: 'a.js',
          line: 7,
          samples: 10,
          selfSeconds: seconds,
          totalSeconds: seconds,
          share: 1,
        },
      ],
      ...more,
    });
    const of = (...cpuProfiles: SegmentCpuProfile[]): Summary => ({
      ...summaryOf([]),
      cpuProfiles,
    });
    const merged = mergeSummaries([
      of(profile(1, 'sort'), profile(1, 'sort', { segment: 'other' })),
      of(profile(3, 'sort', { exact: false, note: 'some' })),
      of(profile(4, 'hash')),
      summaryOf([]),
    ]).cpuProfiles;
    expect(merged?.map(({ segment, seconds }) => [segment, seconds])).toEqual([
      ['rank', 8],
      ['other', 1],
    ]);
    expect(merged?.[0]).toMatchObject({ calls: 3, samples: 30, exact: false, note: 'some' });
    expect(
      merged?.[0]?.functions.map(({ name, selfSeconds, share }) => [name, selfSeconds, share]),
    ).toEqual([
      ['sort', 4, 0.5],
      ['hash', 4, 0.5],
    ]);
    expect(mergeSummaries([summaryOf([])])).not.toHaveProperty('cpuProfiles');
  });

  it('tells of like insights in the words of the one that saves most, and of what all save, weighed anew', () => {
    const insight = (
      segment: string,
      savingSeconds?: number,
      more: Partial<Insight> = {},
    ): Insight => ({
      ...{ kind: 'timeout', severity: 'high', segment, service: 'test', evidence: {} },
      ...{ message: `${segment} ${savingSeconds}`, ...more },
      ...(savingSeconds === undefined ? {} : { savingSeconds }),
    });
    const withInsights = (...insights: Insight[]): Summary => ({
      ...summaryOf([flat(['a', 'b', 'c'])]),
      insights,
    });
    const [whole] = [summaryOf([flat(['a', 'b', 'c'])]).latency.totalSeconds];
    const parts = [
      withInsights(
        insight('a', 0.1 * whole, { evidence: { calls: 3 } }),
        insight('b', 0.4 * whole),
        insight('c'),
      ),
      withInsights(
        insight('a', 0.2 * whole, { evidence: { calls: 4 } }),
        insight('small', 0.001 * whole),
      ),
      withInsights({ ...insight('gone', whole), kind: 'dominant' }),
    ];
    const merged = mergeSummaries(parts).insights;
    expect(merged).toMatchObject([
      { ...insight('b', 0.4 * whole), severity: 'medium' },
      {
        ...insight('a', 0.2 * whole),
        severity: 'medium',
        evidence: { calls: 4, processes: 2, mostSeconds: 0.2 * whole },
        savingSeconds: expect.closeTo(0.3 * whole, 12) as number,
      },
      insight('c'),
    ]);
    expect(mergeSummaries([...parts].reverse()).insights).toEqual(merged);
    const [first, ...others] = parts;
    expect(mergeSummaries([first!, mergeSummaries(others)]).insights).toEqual(merged);
    expect(mergeSummaries([summaryOf([])]).insights).toEqual([]);
  });

  it('says of many processes what each of them says', () => {
    const saving = { savingSeconds: 0.0015, savingUsd: 0.25 };
    const insight: Insight = {
      ...{ kind: 'many-short-calls', severity: 'high', segment: 'a', service: 'test' },
      ...{ message: 'many', evidence: {}, ...saving },
    };
    const one = { ...summaryOf([flat(['a', 'b', 'c'])]), insights: [insight] };
    const merged = mergeSummaries(Array.from({ length: 200 }, (_, at) => likeOf(one, at))).insights;
    expect(merged).toMatchObject([
      { severity: 'high', message: 'many', evidence: { processes: 200, mostSeconds: 0.0015 } },
    ]);
    expect(merged?.[0]?.savingSeconds).toBeCloseTo(0.3, 9);
  });

  it('puts insights without a saving in one order, the most severe first', () => {
    const insight = (segment: string, severity: Insight['severity'], message = ''): Insight => ({
      ...{ kind: 'blocked-event-loop', severity, segment, service: 'test', message, evidence: {} },
    });
    const parts = [
      [insight('c', 'low'), insight('b', 'low', 'for 1 s')],
      [insight('a', 'low'), insight('b', 'high', 'for 2 s')],
      [insight('d', 'medium')],
    ].map((insights): Summary => ({ ...summaryOf([flat(['a', 'b', 'c'])]), insights }));
    const merged = mergeSummaries(parts).insights;
    expect(merged?.map(({ segment, message }) => segment + message)).toEqual([
      'bfor 2 s',
      'd',
      'a',
      'c',
    ]);
    expect(mergeSummaries([...parts].reverse()).insights).toEqual(merged);
    const [first, ...others] = parts;
    expect(mergeSummaries([mergeSummaries(others), first!]).insights).toEqual(merged);
  });

  it('says that a row dominates when it does among the rows of all', () => {
    const burning = (name: string): Seen => ({
      spans: [
        { id: 'r', start: 0, end: 100 },
        { id: 'x', name, parent: 'r', start: 5, end: 95 },
      ],
      originEpochMillis: 0,
    });
    const kinds = (summary: Summary) => (summary.insights ?? []).map(({ kind }) => kind);
    const [one, other] = [summaryOf([burning('a')]), summaryOf([burning('b')])];
    expect(kinds(one)).toEqual(['dominant']);
    expect(kinds(mergeSummaries([one, other]))).toEqual([]);
    expect(kinds(mergeSummaries([one, likeOf(one)]))).toEqual(['dominant']);
  });

  it('adds up what was running, delivered and sampled', () => {
    const running = (count: number, ...seconds: number[]) => ({
      count,
      longest: seconds.map((each) => ({
        ...{
          name: 'wait',
          service: 's',
          traceId: 't',
          spanId: 'a',
          openChildren: 0,
          seconds: each,
        },
      })),
    });
    const merged = mergeSummaries([
      {
        ...summaryOf([]),
        running: running(2, 5, 1),
        delivery: { ended: 5, delivered: 3, dropped: 1, pending: 1, endpoint: 'http://a/' },
        sampled: { traces: 10, exported: 1, spansLeftOut: 9 },
        prices: { date: '2026-11-27' },
      },
      {
        ...summaryOf([]),
        running: running(1, 3),
        delivery: { ended: 2, delivered: 0, dropped: 2, pending: 0, reason: 'HTTP 400' },
        sampled: { traces: 5, exported: 5, spansLeftOut: 0 },
        prices: { date: '2026-09-22' },
      },
      summaryOf([]),
    ]);
    expect(merged).toMatchObject({
      running: { count: 3, longest: [{ seconds: 5 }, { seconds: 3 }, { seconds: 1 }] },
      delivery: {
        ...{ ended: 7, delivered: 3, dropped: 3, pending: 1 },
        ...{ endpoint: 'http://a/', reason: 'HTTP 400' },
      },
      sampled: { traces: 15, exported: 6, spansLeftOut: 9 },
      prices: { date: '2026-09-22' },
    });
    expect(mergeSummaries([summaryOf([])])).not.toHaveProperty('running');
  });

  it('ranks as the summaries are, by critical time when they differ', () => {
    const [a, b] = [summaryOf([]), { ...summaryOf([]), rankedBy: 'cost' } as const];
    expect(mergeSummaries([b, b]).rankedBy).toBe('cost');
    expect(mergeSummaries([a, b]).rankedBy).toBe('critical');
    expect(mergeSummaries([b, a]).rankedBy).toBe('critical');
  });
});

describe('a summary of an older version', () => {
  const older = (summary: Summary): Summary =>
    JSON.parse(
      JSON.stringify(summary, (key, value: unknown) =>
        key === 'durations' || key === 'observedFromEpochSeconds' ? undefined : value,
      ),
    ) as Summary;

  it('is merged by what it knows, which is said', () => {
    fc.assert(
      fc.property(fc.array(seen, { minLength: 1, maxLength: 20 }), (traces) => {
        const summary = summaryOf(traces);
        const merged = mergeSummaries([older(summary)]);
        const { durations, ...latency } = summary.latency;
        expect(durations).toBeDefined();
        expectSame(merged.latency, latency);
        expect(merged.warnings.join()).toMatch(/older version.*estimates/);
        expect(merged.observedSeconds).toBe(summary.observedSeconds);
      }),
    );
  });

  it('does not pass estimates on as what was seen', () => {
    const trace = { spans: [{ id: 'a', start: 0, end: 3 }], originEpochMillis: 5_000 };
    const merged = mergeSummaries([summaryOf([trace]), older(summaryOf([trace]))]);
    expect(merged.latency).toMatchObject({ count: 2, p95Seconds: 0.003 });
    expect(merged.latency).not.toHaveProperty('durations');
    expect(merged.bottlenecks[0]).not.toHaveProperty('durations');
    expect(mergeSummaries([summaryOf([trace]), older(summaryOf([]))]).warnings).toEqual([]);
  });
});

describe('wrong use of mergeSummaries', () => {
  const good = summaryOf([]);
  it.each([
    [undefined, '`summaries` to be a list of at least one, got undefined'],
    [[], '`summaries` to be a list of at least one, got an array'],
    [good, '`summaries` to be a list of at least one, got an object'],
    [[good, null], '`summaries[1]` to be a summary, got null'],
    [
      [{ ...good, totals: null }],
      '`summaries[0]` to be a summary, but its "totals" is not an object',
    ],
    [
      [{ ...good, latency: { ...good.latency, durations: { nanos: 5 } } }],
      '`summaries[0]` to be a summary, but its "latency.durations" is damaged: expected `nanos` to be a list of durations',
    ],
  ])('is told in one line: %#', (summaries, why) => {
    expect(() => mergeSummaries(summaries as never)).toThrow(
      new TypeError(`mergeSummaries: expected ${why}`),
    );
  });

  it('is a summary that is there twice, also as a copy', () => {
    const one = summaryWith({ name: 'a' });
    const twice = [one, likeOf(one), structuredClone(one)];
    expect(() => mergeSummaries(twice)).toThrow(
      new TypeError(`mergeSummaries: the summary of ${one.generatedAt} is there twice`),
    );
  });
});
