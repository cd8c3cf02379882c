import type { Summary } from 'hotspan/processor';
import { diffSummaries, type OverallChanges, type RowChanges, type RowDiff } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { isChanged, type FigureChange } from '../../src/summaries/compare.js';
import { seededRandom } from '../support/random.js';
import { simulatedSummary, type SimulatedProgram } from '../support/simulated-summary.js';

const program: SimulatedProgram = { traces: 200, steps: 20, sigma: 0.25 };

function diffOf(
  seed: number,
  before: SimulatedProgram = program,
  after: Partial<SimulatedProgram> = {},
) {
  const random = seededRandom(seed);
  return diffSummaries(
    simulatedSummary(random, before),
    simulatedSummary(random, { ...before, ...after }),
  );
}

function row({ rows }: { rows: readonly RowDiff[] }, name: string): RowDiff {
  const found = rows.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
}

function figuresOf(figures: object): FigureChange[] {
  return Object.values(figures).filter((value) => typeof value === 'object') as FigureChange[];
}

describe('two runs of one program', () => {
  it('differ by noise, in all of many rows and sizes', () => {
    let [figures, alarms, runs, runsWithAlarm] = [0, 0, 0, 0];
    for (const traces of [8, 30, 100, 300]) {
      for (const sigma of [0.1, 0.5, 1]) {
        for (const seed of [1, 2, 3]) {
          const { overall, rows } = diffOf(seed, { traces, steps: 20, sigma });
          const all = [overall, ...rows].flatMap(figuresOf);
          const changed = all.filter(isChanged).length;
          figures += all.length;
          alarms += changed;
          runs += 1;
          runsWithAlarm += changed > 0 ? 1 : 0;
        }
      }
    }
    expect(figures).toBeGreaterThan(5_000);
    expect(alarms / figures).toBeLessThan(0.005);
    // Two families are tested in each run, at 5 % each.
    expect(runsWithAlarm / runs).toBeLessThan(0.15);
  });

  it('are the same when they are the same', () => {
    const summary = simulatedSummary(seededRandom(1), program);
    const { overall, rows, added, removed, warnings } = diffSummaries(summary, summary);
    const verdicts = [overall, ...rows].flatMap(figuresOf).map(({ verdict }) => verdict);
    // What neither side knows has none.
    expect(new Set(verdicts)).toEqual(new Set(['same', undefined]));
    expect([added, removed, warnings]).toEqual([[], [], []]);
  });
});

describe('a program that changed', () => {
  it('shows a step that takes a fifth longer, in 200 traces, and that step first', () => {
    let others = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const diff = diffOf(seed, program, { factor: 1.2 });
      const slower = diff.rows.filter(({ p50Seconds }) => p50Seconds.verdict === 'slower');
      expect(diff.rows[0]?.name).toBe('step 9');
      expect(slower.map(({ name }) => name)).toContain('step 9');
      others += slower.filter(({ name }) => name !== 'step 9' && name !== 'root').length;
    }
    expect(others / (20 * 19)).toBeLessThan(0.01);
  });

  it('gives both sides, their difference, their ratio and how sure it is', () => {
    const { p50Seconds, costPerCallUsd } = row(diffOf(1, program, { factor: 2 }), 'step 9');
    expect(p50Seconds.before).toBeCloseTo(0.1, 2);
    expect(p50Seconds.after).toBeCloseTo(0.2, 1);
    expect(p50Seconds.difference).toBe(p50Seconds.after! - p50Seconds.before!);
    expect(p50Seconds.ratio).toBe(p50Seconds.after! / p50Seconds.before!);
    expect(p50Seconds.pValue).toBeLessThan(1e-6);
    expect(costPerCallUsd).toEqual({});
  });

  it('tells faster from slower, cheaper from dearer, fewer errors from more', () => {
    const changes = { factor: 3, price: 3, failures: 0.5 };
    const [worse, better] = [
      diffOf(1, program, changes),
      diffOf(1, { ...program, ...changes }, { factor: 1, price: 1, failures: 0.05 }),
    ];
    const verdicts = (diff: typeof worse) => [
      diff.overall.p50Seconds.verdict,
      row(diff, 'step 9').p95Seconds.verdict,
      row(diff, 'step 9').criticalSecondsPerTrace.verdict,
      diff.overall.costPerTraceUsd.verdict,
      diff.overall.costPerSuccessUsd.verdict,
      row(diff, 'step 0').costPerCallUsd.verdict,
      row(diff, 'step 4').errorRate.verdict,
      row(diff, 'step 4').callsPerTrace.verdict,
    ];
    const [slower, dearer] = [Array<string>(3).fill('slower'), Array<string>(3).fill('dearer')];
    expect(verdicts(worse)).toEqual([...slower, ...dearer, 'more', 'same']);
    const [faster, cheaper] = [Array<string>(3).fill('faster'), Array<string>(3).fill('cheaper')];
    expect(verdicts(better)).toEqual([...faster, ...cheaper, 'fewer', 'same']);
  });

  it('is not shouted at for what is too small to matter', () => {
    const many = { traces: 20_000, steps: 1, sigma: 0.01 };
    const random = seededRandom(1);
    const before = simulatedSummary(random, many);
    const slowed = simulatedSummary(random, many);
    const scale = (text: string) =>
      JSON.parse(text, (key, value: unknown) => {
        if (key === 'offset') return (value as number) + 1;
        return key === 'p50Seconds' ? (value as number) * 1.015 : value;
      }) as Summary;
    const { p50Seconds } = diffSummaries(before, scale(JSON.stringify(slowed))).overall;
    expect(p50Seconds.pValue).toBeLessThan(1e-6);
    expect(p50Seconds.verdict).toBe('same');
  });

  it('proves nothing by few calls', () => {
    const few = { traces: 3, steps: 12, sigma: 0.25 };
    const { overall, rows } = diffOf(1, few, { factor: 2, price: 2 });
    expect([overall, ...rows].flatMap(figuresOf).filter(isChanged)).toEqual([]);
    expect(row({ rows }, 'step 9').p50Seconds.verdict).toBe('noise');
  });

  it('says which version its JSON has', () => {
    expect(diffOf(1)).toMatchObject({ schemaVersion: 1 });
  });

  it('has rows that are new and rows that are gone', () => {
    const { rows, added, removed } = diffOf(1, { ...program, steps: 3 }, { steps: 5 });
    expect(rows.map(({ name }) => name).sort()).toEqual(['root', 'step 0', 'step 1', 'step 2']);
    // The slower one comes first.
    expect(added.map(({ name }) => name)).toEqual(['step 4', 'step 3']);
    expect(added[0]?.p50Seconds.after).toBeCloseTo(0.05, 2);
    expect(Object.keys(added[0]?.p50Seconds ?? {})).toEqual(['after']);
    expect(removed).toEqual([]);
    expect(diffOf(1, program, { steps: 19 }).removed.map(({ name }) => name)).toEqual(['step 19']);
  });
});

describe('a diff of what is not known', () => {
  const older = (summary: Summary): Summary =>
    JSON.parse(
      JSON.stringify(summary, (key, value: unknown) => (key === 'durations' ? undefined : value)),
    ) as Summary;

  it('tells nothing of quantiles without their distribution, and says so', () => {
    const before = simulatedSummary(seededRandom(1), program);
    const after = simulatedSummary(seededRandom(2), { ...program, factor: 3 });
    const diff = diffSummaries(older(before), after);
    expect(diffSummaries(older(before), before).overall.p50Seconds).not.toHaveProperty('verdict');
    expect(row(diff, 'step 9').p50Seconds).not.toHaveProperty('verdict');
    expect(row(diff, 'step 9').criticalSecondsPerTrace.verdict).toBe('slower');
    expect(diff.warnings).toEqual([
      expect.stringMatching(
        /^an older version saved the summary before: changes of its quantiles cannot be told$/,
      ),
    ]);
  });

  it('takes calls that lost their price for no saving, and says so', () => {
    const whole = simulatedSummary(seededRandom(1), program);
    const { totals } = whole;
    const halfPriced: Summary = {
      ...whole,
      totals: { ...totals, unpricedCalls: 100, costUsd: totals.costUsd! / 2 },
      bottlenecks: whole.bottlenecks.map((each) =>
        each.costUsd === undefined ? each : { ...each, costUsd: each.costUsd / 2 },
      ),
    };
    for (const [before, after, side] of [
      [whole, halfPriced, 'after'],
      [halfPriced, whole, 'before'],
      [halfPriced, halfPriced, 'before'],
    ] as const) {
      const diff = diffSummaries(before, after);
      expect(diff.overall.costPerTraceUsd.ratio).toBeDefined();
      for (const change of [
        diff.overall.costPerTraceUsd,
        diff.overall.costPerSuccessUsd,
        row(diff, 'step 0').costPerCallUsd,
      ]) {
        expect(change).not.toHaveProperty('verdict');
      }
      expect(diff.warnings).toContain(
        `100 of 200 LLM calls ${side} have no price: changes of the cost cannot be told`,
      );
    }
  });

  it('passes on what each side leaves out', () => {
    const whole = simulatedSummary(seededRandom(1), program);
    const partial: Summary = {
      ...whole,
      traces: { ...whole.traces, incomplete: 2, evicted: 1 },
      spans: { ...whole.spans, dropped: 5 },
      warnings: ['odd'],
    };
    expect(diffSummaries(partial, whole).warnings).toEqual([
      'before: 2 traces incomplete',
      'before: 1 trace evicted before its end',
      'before: 5 spans dropped',
      'before: odd',
    ]);
    expect(diffSummaries(whole, partial).warnings[2]).toBe('after: 5 spans dropped');
  });

  it('has every figure that its types name', () => {
    const some = simulatedSummary(seededRandom(1), program);
    const { overall, rows } = diffSummaries(some, some);
    const inAll: Record<keyof OverallChanges, true> = {
      ...{ p50Seconds: true, p95Seconds: true, p99Seconds: true, successRate: true },
      ...{ costPerTraceUsd: true, costPerSuccessUsd: true, tokensPerTrace: true },
      ...{ retriesPerTrace: true, wastedSecondsPerTrace: true },
    };
    const inRow: Record<keyof RowChanges, true> = {
      ...{ p50Seconds: true, p95Seconds: true, criticalSecondsPerTrace: true, errorRate: true },
      ...{ callsPerTrace: true, costPerCallUsd: true, savingSecondsPerTrace: true },
    };
    expect(Object.keys(overall).sort()).toEqual(Object.keys(inAll).sort());
    const { name, service, slowest, ...changes } = rows[0]!;
    expect(Object.keys(changes).sort()).toEqual(Object.keys(inRow).sort());
    expect([name, service]).not.toContain('');
    const [row] = some.bottlenecks.filter((each) => each.name === name);
    expect(slowest).toEqual({ before: row!.slowest, after: row!.slowest });
  });

  it('is plain data without holes, also of nothing', () => {
    const nothing = simulatedSummary(seededRandom(1), { ...program, traces: 0 });
    const some = simulatedSummary(seededRandom(1), program);
    for (const diff of [
      diffSummaries(nothing, some),
      diffSummaries(some, nothing),
      diffSummaries(nothing, nothing),
      diffSummaries(some, some),
    ]) {
      expect(JSON.parse(JSON.stringify(diff))).toEqual(diff);
      expect(JSON.stringify(diff)).not.toContain('null');
    }
    expect(Object.keys(diffSummaries(nothing, some).overall.p50Seconds)).toEqual(['after']);
  });

  it.each([
    [undefined, 'got undefined'],
    [null, 'got null'],
    [1, 'got 1'],
    [[], 'got an array'],
    [{}, 'but its "schemaVersion" is missing, not 1'],
    [{ schemaVersion: 1 }, 'but its "services" is not a list'],
  ])('refuses what is no summary: %j', (value, why) => {
    const good = simulatedSummary(seededRandom(1), { ...program, traces: 1 });
    for (const [side, before, after] of [
      ['before', value, good],
      ['after', good, value],
    ] as const) {
      expect(() => diffSummaries(before as never, after as never)).toThrow(
        new TypeError(`diffSummaries: expected \`${side}\` to be a summary, ${why}`),
      );
    }
  });
});
