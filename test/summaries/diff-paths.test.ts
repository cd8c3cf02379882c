import fc from 'fast-check';
import type { CallPath, Summary } from 'hotspan/processor';
import { diffSummaries, type PathDiff } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { summaryOf } from '../support/summary.js';

function path(name: string, criticalSeconds: number, more: Partial<CallPath> = {}): CallPath {
  return { name, service: 'shop', calls: 1, criticalSeconds, selfSeconds: 0, ...more };
}

function summaryWith(callPaths: readonly CallPath[], count = 1): Summary {
  const summary = summaryOf({ name: 'ask' });
  return {
    ...summary,
    latency: { ...summary.latency, count },
    pictures: { sample: [], traces: [], callPaths },
  };
}

function pathsOf(before: Summary, after: Summary): readonly PathDiff[] {
  return diffSummaries(before, after).callPaths ?? [];
}

const told = (paths: readonly PathDiff[]) =>
  paths.map(({ name, parent, criticalSecondsPerTrace: { before, after } }) => {
    return [name, parent, before, after];
  });

describe('the call paths of a diff', () => {
  it('have both sides for each request, in runs of different lengths', () => {
    const before = [path('ask', 2, { calls: 2 }), path('search', 4, { parent: 0, calls: 6 })];
    const after = [path('ask', 10, { calls: 10 }), path('search', 5, { parent: 0, calls: 10 })];
    const paths = pathsOf(summaryWith(before, 2), summaryWith(after, 10));
    expect(told(paths)).toEqual([
      ['ask', undefined, 1, 1],
      ['search', 0, 2, 0.5],
    ]);
    expect(paths[1]!.callsPerTrace).toEqual({ before: 3, after: 1 });
  });

  it('keep a row apart by who called it, and by what it means', () => {
    const before = [
      path('ask', 1),
      path('list', 1),
      path('search', 3, { parent: 0 }),
      path('search', 4, { parent: 1 }),
      path('search', 5, { parent: 1, means: 'failed' }),
    ];
    const after = [path('list', 1), path('search', 8, { parent: 0 })];
    expect(told(pathsOf(summaryWith(before), summaryWith(after)))).toEqual([
      ['ask', undefined, 1, 0],
      ['list', undefined, 1, 1],
      ['search', 0, 3, 0],
      ['search', 1, 4, 8],
      ['search', 1, 5, 0],
    ]);
  });

  it('tell what is more than noise, new and gone paths and waits among it', () => {
    const calls = { calls: 400 };
    const wait = { parent: 0, means: 'wait', calls: 0 } as const;
    const ofProgram = (rerank: string, searched: number) => [
      path('ask', 100, calls),
      path('search', searched, { parent: 0, ...calls }),
      path(rerank, 40, { parent: 0, ...calls }),
      path('pool', searched, wait),
      path('write', 200 + searched / 20, { parent: 0, ...calls }),
    ];
    const before = summaryWith(ofProgram('rerank', 100), 400);
    const verdicts = pathsOf(before, summaryWith(ofProgram('sort', 200), 400)).map(
      ({ name, criticalSecondsPerTrace: { verdict } }) => [name, verdict],
    );
    expect(Object.fromEntries(verdicts)).toEqual({
      ...{ ask: 'same', search: 'slower', pool: 'slower' },
      ...{ rerank: 'faster', sort: 'slower', write: 'noise' },
    });
    const same = pathsOf(before, before).map((each) => each.criticalSecondsPerTrace.verdict);
    expect(new Set(same)).toEqual(new Set(['same']));
  });

  it('are absent where a side has none, or no request', () => {
    const some = summaryWith([path('ask', 1)]);
    const older = { ...some };
    delete (older as { pictures?: unknown }).pictures;
    for (const other of [older, summaryWith([]), summaryWith([path('ask', 1)], 0)]) {
      expect(diffSummaries(some, other)).not.toHaveProperty('callPaths');
      expect(diffSummaries(other, some)).not.toHaveProperty('callPaths');
    }
  });

  it('are at most 2,000, and the rest stands in (other)', () => {
    const many = (letter: string, seconds: number) =>
      Array.from({ length: 1_900 }, (_, at) => path(`${letter} ${at}`, seconds * (at + 1)));
    // Of a longer run, whose paths take less of a request.
    const [before, after] = [summaryWith(many('a', 1)), summaryWith(many('b', 2), 1_000)];
    const paths = pathsOf(before, after);
    expect(paths.length).toBeLessThanOrEqual(2_000);
    expect(paths.some(({ name }) => name === 'a 1899')).toBe(true);
    expect(paths.filter(({ name }) => name.startsWith('a')).length).toBeGreaterThan(1_500);
    expect(
      paths.find(({ name }) => name === '(other)')?.criticalSecondsPerTrace.after,
    ).toBeGreaterThan(0);
    expectWhole(paths, before, after);
  });

  const anyPaths = fc
    .array(
      fc.record({ above: fc.nat(1000), seconds: fc.double({ min: 0, max: 1e3, noNaN: true }) }),
      {
        minLength: 1,
        maxLength: 60,
      },
    )
    .map((drawn) =>
      drawn.map(({ above, seconds }, at) => {
        const means = above % 5 === 0 ? ({ means: 'failed' } as const) : {};
        const parent = above % 7 !== 0 && at > 0 ? { parent: above % (at + 1) } : {};
        return path(`row ${above % 6}`, seconds, { ...means, ...parent, calls: above % 50 });
      }),
    );

  it('add up to what users waited for, on both sides, and have parents before their children', () => {
    fc.assert(
      fc.property(anyPaths, anyPaths, fc.integer({ min: 1, max: 500 }), (old, now, count) => {
        const [before, after] = [summaryWith(old, count), summaryWith(now)];
        const paths = pathsOf(before, after);
        expectWhole(paths, before, after);
        paths.forEach(({ parent = -1 }, at) => expect(parent).toBeLessThan(at));
        expect(JSON.parse(JSON.stringify(paths))).toEqual(paths);
      }),
    );
  });
});

function expectWhole(paths: readonly PathDiff[], before: Summary, after: Summary): void {
  for (const [side, { pictures, latency }] of [
    ['before', before],
    ['after', after],
  ] as const) {
    const own = pictures!.callPaths.reduce((sum, each) => sum + each.criticalSeconds, 0);
    const sum = paths.reduce((all, each) => all + each.criticalSecondsPerTrace[side]!, 0);
    expect(sum).toBeCloseTo(own / latency.count, 6);
  }
}
