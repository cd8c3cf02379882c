import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_VALUES } from '../../src/ranking/by-values.js';
import { Ranking } from '../../src/ranking/ranking.js';
import { checkBudgets, parseBudget } from '../../src/summaries/budget.js';
import { mergeSummaries } from '../../src/summaries/merge-summaries.js';
import type { ByValue, Summary } from '../../src/summary.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { byKeysOf, ByReader } from '../../src/trace/by-attributes.js';
import type { SpanFacts } from '../../src/trace/span-record.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { records, type SpanSketch } from '../support/trace.js';

const is = (value: string, facts: SpanFacts = {}): SpanFacts => ({ ...facts, by: [value] });
const call = (costUsd: number): SpanFacts => ({
  llmCall: { provider: 'openai', model: 'gpt-4o', requestModel: 'gpt-4o' },
  costUsd,
});

function summaryOf(by: string, traces: Iterable<readonly SpanSketch[]>): Summary {
  const ranking = new Ranking({ by: byKeysOf(by) });
  for (const spans of traces) {
    const tree = buildTraceTree(records(spans));
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis: 0, toleranceNanos: 0 });
  }
  return ranking.toSummary({ nowEpochMillis: 0 });
}

const near = (value: number) => expect.closeTo(value, 9) as number;
const valuesIn = ({ by = [] }: Summary): readonly ByValue[] => by[0]!.values;
const costs = (summary: Summary) =>
  valuesIn(summary).map(({ value, calls, costUsd }) => [value, calls, costUsd]);

/** A request of a session with a call of a model. */
const ask = (session: string, usd: number, more: Partial<SpanSketch> = {}): SpanSketch[] => [
  { id: 'root', start: 0, end: 100, facts: is(session), ...more },
  { id: 'chat', parent: 'root', start: 0, end: 80, facts: call(usd) },
];

describe('the values of an attribute', () => {
  it('have the calls, time, cost and errors of their traces, the dearest first', () => {
    const summary = summaryOf('session.id', [
      ask('a', 0.25),
      ask('b', 0.5),
      ask('b', 0.5, { error: 'Error', end: 300 }),
    ]);
    expect(valuesIn(summary)).toMatchObject([
      { value: 'b', calls: 2, errors: 1, costUsd: 1, totalSeconds: 0.4, p95Seconds: 0.3 },
      { value: 'a', calls: 1, errors: 0, costUsd: 0.25, totalSeconds: 0.1, criticalShare: 0.2 },
    ]);
  });

  it('are those of the whole trace, whichever span tells it', () => {
    const inner = [
      { id: 'root', start: 0, end: 100 },
      { id: 'chat', parent: 'root', start: 0, end: 80, facts: is('a', call(0.25)) },
    ];
    expect(valuesIn(summaryOf('session', [inner]))).toMatchObject([
      { value: 'a', calls: 1, totalSeconds: 0.1, criticalSeconds: 0.1, costUsd: 0.25 },
    ]);
  });

  it('are those of parts of a trace that has several', () => {
    const batch = [
      { id: 'worker', start: 0, end: 100 },
      { id: 'one', parent: 'worker', start: 0, end: 40, facts: is('a') },
      { id: 'chat', parent: 'one', start: 0, end: 40, facts: call(0.25) },
      { id: 'two', parent: 'worker', start: 40, end: 90, facts: is('b', call(0.5)) },
    ];
    const summary = summaryOf('user.id', [batch]);
    expect(valuesIn(summary)).toMatchObject([
      { value: 'b', calls: 1, totalSeconds: 0.05, criticalSeconds: 0.05, costUsd: 0.5 },
      { value: 'a', calls: 1, totalSeconds: 0.04, costUsd: 0.25 },
      { value: '(none)', calls: 1, totalSeconds: 0.1, criticalSeconds: near(0.01) },
    ]);
  });

  it('of a tool or an agent are those of its spans alone', () => {
    const agent = [
      { id: 'root', start: 0, end: 100 },
      { id: 't1', parent: 'root', start: 0, end: 30, facts: is('search') },
      { id: 't2', parent: 'root', start: 30, end: 70, facts: is('search') },
    ];
    expect(valuesIn(summaryOf('tool', [agent]))).toMatchObject([
      { value: 'search', calls: 2, totalSeconds: 0.07, maxSeconds: 0.04 },
      { value: '(none)', criticalSeconds: near(0.03) },
    ]);
  });

  it('have what failed attempts waste', () => {
    const attempt = (number: number, outcome: 'error' | 'success', backoffSeconds: number) => ({
      attempt: { number, outcome, backoffSeconds },
    });
    const retried = [
      { id: 'root', start: 0, end: 100, facts: is('a') },
      { id: '1', parent: 'root', start: 0, end: 30, facts: attempt(1, 'error', 0) },
      { id: '2', parent: 'root', start: 50, end: 100, facts: attempt(2, 'success', 0.02) },
    ];
    const summary = summaryOf('session', [retried]);
    expect(valuesIn(summary)).toMatchObject([{ wastedSeconds: near(0.05) }]);
    expect(summary.totals.wastedSeconds).toBeCloseTo(0.05, 9);
  });

  it('add up to all, whatever the trace, also when they are merged', () => {
    const value = fc.constantFrom('a', 'b', undefined);
    const traces = fc.array(
      fc
        .tuple(anyTrace(), fc.array(value, { minLength: 20, maxLength: 20 }))
        .map(([spans, values]) =>
          spans.map((span, at) => ({ ...span, facts: { by: [values[at % 20]] } })),
        ),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(traces, fc.constantFrom('session', 'tool'), (some, by) => {
        const parts = some.map((spans) => summaryOf(by, [spans]));
        for (const summary of [summaryOf(by, some), mergeSummaries(parts)]) {
          const critical = valuesIn(summary).reduce((sum, each) => sum + each.criticalSeconds, 0);
          expect(critical).toBeCloseTo(summary.latency.totalSeconds, 9);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are bounded, and the heaviest stay, whenever they come', () => {
    const summary = summaryOf(
      'user.id',
      (function* () {
        for (let user = 0; user < 3 * MAX_VALUES; user += 1) {
          yield ask(`u${user}`, 0.001);
          if (user % 20 === 0) yield ask('heavy', 0.5);
        }
      })(),
    );
    const values = valuesIn(summary);
    expect(values.length).toBe(MAX_VALUES + 1);
    expect(values[0]).toMatchObject({ value: 'heavy', calls: 150 });
    expect(values.at(-1)!.value).toBe('(other)');
    const sum = values.reduce((usd, { costUsd = 0 }) => usd + costUsd, 0);
    expect(sum).toBeCloseTo(summary.totals.costUsd!, 6);
    // One that is not kept may have more than any that is.
    const [result] = checkBudgets(summary, [parseBudget('cost-by:user.id=100')]);
    expect(result).toMatchObject({ outcome: 'unknown', value: 'heavy', actual: 75 });
  });

  it('are merged', () => {
    const [one, other] = [[ask('a', 0.25), ask('b', 0.5)], [ask('a', 0.5)]];
    const merged = mergeSummaries([one, other].map((traces) => summaryOf('session', traces)));
    expect(costs(merged)).toEqual([
      ['a', 2, 0.75],
      ['b', 1, 0.5],
    ]);
    expect(merged.by).toEqual(summaryOf('session', [...one, ...other]).by);
  });

  it('keep budgets, each of them', () => {
    const summary = summaryOf('session.id', [ask('a', 0.25), ask('b', 0.5)]);
    const check = (text: string, bound: 'max' | 'min' = 'max') =>
      checkBudgets(summary, [parseBudget(text, bound)])[0];
    expect(check('cost-by:session.id=$0.50')).toMatchObject({ outcome: 'kept', value: 'b' });
    expect(check('cost-by:session.id=$0.40')).toMatchObject({ outcome: 'broken', actual: 0.5 });
    expect(check('p95-by:session.id=99ms')?.outcome).toBe('broken');
    expect(check('calls-by:session.id=2', 'min')?.outcome).toBe('broken');
    expect(() => check('cost-by:user.id=1')).toThrow(/is not grouped by "user.id"/);
    expect(() => check('cost-by=1')).toThrow(/expected an attribute, as in cost-by:session.id/);
  });
});

describe('the attributes to group by', () => {
  const read = (by: string | string[], attributes: object, resource = {}) =>
    new ByReader(byKeysOf(by)).read({ ...attributes }, resource);

  it('may be called in short, and be of the resource', () => {
    expect(read('user', { 'enduser.id': 7 })).toEqual(['7']);
    expect(read(['session', 'k8s.pod.name'], {}, { 'k8s.pod.name': 'p' })).toEqual([
      undefined,
      'p',
    ]);
    expect(read('app.tags', { 'app.tags': ['a', 'b'] })).toEqual(['a, b']);
    expect(read('session', { other: 1 })).toBeUndefined();
  });

  it('are known to be missing', () => {
    const reader = new ByReader(byKeysOf(['session', 'tenant']));
    expect(reader.missing).toEqual([]);
    reader.read({ tenant: 'acme' });
    expect(reader.missing).toEqual(['session']);
    expect(reader.seen).toEqual(['tenant']);
  });
});
