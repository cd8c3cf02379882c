import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSummaries } from 'hotspan/report';
import type { CallPath } from '../../src/pictures.js';
import { mergeCallPaths } from '../../src/pictures/merge-paths.js';
import { Ranking } from '../../src/ranking/ranking.js';
import type { Summary } from '../../src/summary.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { seededRandom } from '../support/random.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { records, type SpanSketch } from '../support/trace.js';
import { likeOf } from '../support/summary.js';

function add(ranking: Ranking, sketches: readonly SpanSketch[]): void {
  const tree = buildTraceTree(records(sketches));
  analyzeTrace(tree, { toleranceNanos: 0 });
  ranking.addTrace(tree, { originEpochMillis: 0, toleranceNanos: 0 });
}

function summaryOf(...traces: readonly (readonly SpanSketch[])[]): Summary {
  const ranking = new Ranking();
  for (const trace of traces) add(ranking, trace);
  return ranking.toSummary({ nowEpochMillis: 0 });
}

type Figures = Omit<Partial<CallPath>, 'service'> & { readonly service?: undefined };

/** Each path as its names, joined, with its figures. */
function drawn({ pictures }: Summary): Record<string, Figures> {
  const ways: string[] = [];
  const paths = Object.create(null) as Record<string, Figures>;
  for (const { name, parent, means, ...figures } of pictures!.callPaths) {
    const way = [ways[parent ?? -1], means === undefined ? name : `${means}:${name}`];
    ways.push(way.filter((part) => part !== undefined).join(' > '));
    paths[ways.at(-1)!] = { ...figures, service: undefined };
  }
  return paths;
}

const criticalOf = (paths: readonly CallPath[]) =>
  paths.reduce((sum, { criticalSeconds }) => sum + criticalSeconds, 0);

const attempt = (number: number, outcome: 'success' | 'error', backoffSeconds = 0) => ({
  attempt: { number, outcome, backoffSeconds },
});

const RETRIED: readonly SpanSketch[] = [
  { id: 'ask', start: 0, end: 100 },
  { id: 'chat', parent: 'ask', start: 10, end: 90 },
  { id: 'a1', parent: 'chat', start: 10, end: 40, facts: attempt(1, 'error'), error: 'E' },
  { id: 'tool', parent: 'a1', start: 20, end: 25 },
  { id: 'a2', parent: 'chat', start: 60, end: 90, facts: attempt(2, 'success', 0.02) },
];

describe('call paths', () => {
  it('are rows below those that called them', () => {
    const nested = (id: string, parent: string, name: string, start: number, end: number) => ({
      ...{ id, parent, name, start, end },
    });
    const trace = [
      { id: 'ask', start: 0, end: 50 },
      nested('1', 'ask', 'load', 0, 10),
      nested('2', 'ask', 'load', 10, 20),
      nested('3', '2', 'query', 12, 18),
      nested('4', 'ask', 'query', 20, 25),
    ];
    expect(drawn(summaryOf(trace))).toEqual({
      ask: { calls: 1, criticalSeconds: 0.025, selfSeconds: 0.025 },
      'ask > load': { calls: 2, criticalSeconds: 0.014, selfSeconds: 0.014 },
      'ask > query': { calls: 1, criticalSeconds: 0.005, selfSeconds: 0.005 },
      'ask > load > query': { calls: 1, criticalSeconds: 0.006, selfSeconds: 0.006 },
    });
  });

  it('have what a row calls of itself in one box', () => {
    const trace = [0, 1, 2].map((depth) => ({
      ...{ id: `${depth}`, name: 'walk', start: depth, end: 9 - depth },
      ...(depth === 0 ? {} : { parent: `${depth - 1}` }),
    }));
    expect(drawn(summaryOf(trace))).toEqual({
      walk: { calls: 3, criticalSeconds: 0.009, selfSeconds: 0.009 },
    });
  });

  it('have failed attempts and the wait after them apart', () => {
    const { chat, ...others } = pick(drawn(summaryOf(RETRIED)), 'ask > chat');
    expect(chat).toMatchObject({ calls: 1, criticalSeconds: 0.03 });
    expect(others).toMatchObject({
      'failed:chat': { calls: 1, criticalSeconds: 0.025 },
      'backoff:chat': { calls: 1, criticalSeconds: 0.02 },
      tool: { calls: 1, criticalSeconds: 0.005 },
    });
  });

  it('say how much more the slow traces take than the typical ones', () => {
    const traces = Array.from({ length: 40 }, (_, index) => {
      const slow = index % 10 === 0 ? 100 : 0;
      return [
        { id: 'ask', start: 0, end: 20 + slow },
        { id: 'read', parent: 'ask', start: 0, end: 10 },
        { id: 'lock', parent: 'ask', start: 10, end: 15 + slow },
      ];
    });
    const paths = drawn(summaryOf(...traces));
    expect(paths['ask > lock']!.slowSeconds).toBeCloseTo(0.105);
    expect(paths['ask > lock']!.typicalSeconds).toBeCloseTo(0.005);
    expect(paths['ask > read']!.slowSeconds).toBeCloseTo(0.01);
    const merged = drawn(mergeSummaries([summaryOf(...traces), summaryOf(...traces.slice(0, 1))]));
    expect(merged['ask > lock']!.slowSeconds).toBeCloseTo(0.105);
  });

  it('add up to the time of all local roots, and for each row to its own', () => {
    const named = anyTrace().map((spans) =>
      spans.map((span, at) => ({ ...span, name: at === 0 ? 'root' : `row ${at % 3}` })),
    );
    fc.assert(
      fc.property(fc.array(named, { maxLength: 6 }), (traces) => {
        const summary = summaryOf(...traces);
        const { callPaths } = summary.pictures!;
        expect(criticalOf(callPaths)).toBeCloseTo(summary.latency.totalSeconds, 9);
        for (const { name, criticalSeconds, selfSeconds, calls } of summary.bottlenecks) {
          const own = callPaths.filter((path) => path.name === name);
          expect(criticalOf(own)).toBeCloseTo(criticalSeconds, 9);
          const self = own.reduce((sum, path) => sum + path.selfSeconds, 0);
          expect(self).toBeCloseTo(selfSeconds, 9);
          expect(own.reduce((sum, path) => sum + path.calls, 0)).toBe(calls);
        }
        expect(callPaths.every(({ parent = -1 }, at) => parent < at)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('of several processes are those of one that saw all', () => {
    fc.assert(
      fc.property(fc.array(anyTrace(), { minLength: 2, maxLength: 6 }), (traces) => {
        const once = drawn(summaryOf(...traces));
        const merged = drawn(mergeSummaries(traces.map((trace) => summaryOf(trace))));
        expect(Object.keys(merged).sort()).toEqual(Object.keys(once).sort());
        for (const [way, { calls, criticalSeconds }] of Object.entries(once)) {
          expect(merged[way]!.calls).toBe(calls);
          expect(merged[way]!.criticalSeconds).toBeCloseTo(criticalSeconds!, 9);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('call paths, in bounded memory,', () => {
  it('keep the heavy ones among 100,000 others, and all time', () => {
    const ranking = new Ranking({ groupName: (name) => name });
    const random = seededRandom(3);
    const letter = () => String.fromCharCode(97 + Math.floor(26 * random.uniform()));
    for (let trace = 0; trace < 1_000; trace += 1) {
      const others = Array.from({ length: 100 }, (_, at) => ({
        id: `${at}`,
        parent: at % 10 === 0 ? 'heavy' : `${at - 1}`,
        name: letter() + letter(),
        ...{ start: at, end: at + 1 },
      }));
      const heavy = { id: 'heavy', parent: 'root', start: 0, end: 200 };
      add(ranking, [{ id: 'root', start: 0, end: 210 }, heavy, ...others]);
    }
    const summary = ranking.toSummary({ nowEpochMillis: 0 });
    const { callPaths } = summary.pictures!;
    expect(callPaths.length).toBeLessThanOrEqual(2_000);
    expect(criticalOf(callPaths)).toBeCloseTo(summary.latency.totalSeconds, 6);
    const paths = drawn(summary);
    expect(paths.root!.criticalSeconds).toBeCloseTo(10);
    expect(paths['root > heavy']!.calls).toBe(1_000);
    const others = callPaths.filter(({ name }) => name === '(other)');
    expect(others.reduce((sum, { calls }) => sum + calls, 0)).toBeGreaterThan(50_000);
    const merged = mergeSummaries([summary, likeOf(summary)]).pictures!.callPaths;
    expect(merged.length).toBeLessThanOrEqual(2_000);
    expect(criticalOf(merged)).toBeCloseTo(2 * summary.latency.totalSeconds, 6);
  });

  it('end at a depth that nobody could read', () => {
    const trace = Array.from({ length: 3_000 }, (_, depth) => ({
      ...{
        id: `${depth}`,
        name: depth % 2 === 0 ? 'ask' : 'answer',
        start: depth,
        end: 9_000 - depth,
      },
      ...(depth === 0 ? {} : { parent: `${depth - 1}` }),
    }));
    const { callPaths } = summaryOf(trace).pictures!;
    expect(callPaths.length).toBeLessThan(300);
    expect(criticalOf(callPaths)).toBeCloseTo(9);
  });

  it('take hostile names for names', () => {
    const names = [
      '__proto__',
      'constructor',
      'x'.repeat(100_000),
      '\u001b[31m\u202e',
      'password=hunter2',
    ];
    const trace = names.map((name, at) => ({
      ...{ id: `${at}`, name, start: at, end: 99 - at },
      ...(at === 0 ? {} : { parent: `${at - 1}` }),
    }));
    const summary = summaryOf(trace);
    const { callPaths } = mergeSummaries([summary, likeOf(summary)]).pictures!;
    const rows = new Set(summary.bottlenecks.map(({ name }) => name));
    expect(callPaths).toHaveLength(names.length);
    expect(callPaths.every(({ name }) => rows.has(name) && name.length <= 1_000)).toBe(true);
    expect(JSON.stringify(callPaths)).not.toContain('hunter2');
    const long = Array.from({ length: 2_000 }, (_, at) => ({
      ...{ name: `${at}`.repeat(300), service: 's'.repeat(900), calls: 1 },
      ...{ criticalSeconds: 1, selfSeconds: 1 },
    }));
    const large = { ...summary, pictures: { ...summary.pictures!, callPaths: long } };
    expect(JSON.stringify(mergeSummaries([large]).pictures).length).toBeLessThan(500_000);
  });
});

/** The paths at and below one, by the last of their names. */
function pick(paths: Record<string, Figures>, above: string) {
  const below = Object.entries(paths).filter(([way]) => way.startsWith(above));
  return Object.fromEntries(below.map(([way, path]) => [way.split(' > ').at(-1)!, path]));
}

it('stays finite where a damaged summary has times without end', () => {
  const path = {
    name: 'a',
    service: 's',
    calls: 1e300,
    criticalSeconds: 1e300,
    selfSeconds: 1e300,
  };
  const [merged] = mergeCallPaths([[path], [{ ...path, slowSeconds: 1e300 }]]);
  for (const value of Object.values(merged!)) expect(value === Infinity).toBe(false);
  expect(merged!.selfSeconds).toBeGreaterThan(1e290);
});
