import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSummaries, toMarkdown, toText } from 'hotspan/report';
import { DOUBTFUL_CASES } from '../../scripts/accuracy/doubtful-programs.js';
import { measureShared } from '../../scripts/accuracy/measure-shared.js';
import type { Segment, World } from '../../scripts/accuracy/simulator.js';
import type { SharedCase } from '../../scripts/accuracy/shared-programs.js';
import { likeOf } from '../support/summary.js';

const requests = (body: (request: Segment) => Promise<unknown>) => (world: World) =>
  world.requests(40, 5_000, 'request', async (request) => {
    await body(request);
  });

const all = (promises: readonly Promise<unknown>[]) => Promise.all(promises);
const race = DOUBTFUL_CASES[0]!.program;

const chain = (request: Segment, names: readonly string[]) =>
  names.reduce<Promise<unknown>>(
    (before, name) => before.then(() => request.segment(name, 200)),
    Promise.resolve(),
  );

/** [what runs, the program] of programs whose savings can be trusted, as far as this goes. */
const SURE: [string, SharedCase['program']][] = [
  [
    'branches that are all awaited',
    requests((request) => all(['a', 'b', 'c'].map((name) => request.segment(name, 300)))),
  ],
  [
    'chains side by side',
    requests((request) => all([chain(request, ['a', 'b']), chain(request, ['c', 'd', 'e'])])),
  ],
  [
    'work that nobody waits for',
    requests(async (request) => {
      void request.segment('log', 300);
      await chain(request, ['a', 'b', 'c']);
    }),
  ],
  [
    'work that is started early',
    requests(async (request) => {
      const profile = request.segment('profile', 300);
      await chain(request, ['a', 'b']);
      await profile;
      await request.segment('answer', 300);
    }),
  ],
];

describe('savings that cannot be trusted', () => {
  it.each(DOUBTFUL_CASES)('are marked: $title', async ({ rows, doubt, program }) => {
    for (const seed of [1, 2, 3]) {
      const { summary } = await measureShared({ title: '', what: '', program }, seed, false);
      const marked = summary.bottlenecks.filter(({ savingDoubt }) => savingDoubt !== undefined);
      expect(marked.map(({ name }) => name).sort()).toEqual(rows);
      for (const row of marked) expect(row.savingDoubt).toBe(doubt);
    }
  });

  it.each(SURE)('others are not: %s', async (_what, program) => {
    for (const seed of [1, 2, 3]) {
      const { summary } = await measureShared({ title: '', what: '', program }, seed, false);
      expect(summary.bottlenecks.filter(({ savingDoubt }) => savingDoubt)).toEqual([]);
    }
  });

  it('of a race, nobody waits for the losers: all other savings are right', async () => {
    for (const seed of [1, 2, 3]) {
      const { rows } = await measureShared({ title: '', what: '', program: race }, seed);
      for (const { row, predicted, real } of rows) {
        const error = Math.abs(predicted - real);
        if (row === 'eu' || row === 'us') expect(error).toBeGreaterThan(0.05);
        else expect(error).toBeLessThan(0.02);
      }
    }
  });

  it('have a mark, and one line says why', async () => {
    const { summary } = await measureShared({ title: '', what: '', program: race }, 1, false);
    for (const text of [toText(summary), toMarkdown(summary)]) {
      expect(text.match(/~\d/g)).toHaveLength(2);
      expect(text).toContain(
        '~ not a sure saving: calls lose races, and would win if they were faster',
      );
    }
    const sure = await measureShared({ title: '', what: '', program: SURE[1]![1] }, 1, false);
    expect(toText(sure.summary)).not.toContain('~');
  });

  it('keep their doubt when summaries are merged', async () => {
    const { summary } = await measureShared({ title: '', what: '', program: race }, 1, false);
    const sure = { ...summary, bottlenecks: summary.bottlenecks.map((row) => ({ ...row })) };
    for (const row of sure.bottlenecks) Reflect.deleteProperty(row, 'savingDoubt');
    const doubtsOf = (merged: typeof summary) =>
      merged.bottlenecks.filter(({ savingDoubt }) => savingDoubt === 'race').length;
    expect(doubtsOf(mergeSummaries([summary, sure]))).toBe(2);
    const many = Array.from({ length: 30 }, (_, at) => likeOf(sure, at));
    expect(doubtsOf(mergeSummaries([summary, ...many]))).toBe(0);
  });
});

/** Requests of one to three phases of branches side by side, each a chain of steps. */
const withoutRaces = fc
  .array(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((phases) =>
    requests(async (request) => {
      for (const [at, branches] of phases.entries()) {
        const steps = (count: number, branch: number) =>
          Array.from({ length: count }, (_, step) => `${at}.${branch}.${step}`);
        await all(branches.map((count, branch) => chain(request, steps(count, branch))));
      }
    }),
  );

it('programs without races and timeouts have no doubtful savings', async () => {
  const property = fc.asyncProperty(withoutRaces, fc.integer(), async (program, seed) => {
    const { summary } = await measureShared({ title: '', what: '', program }, seed, false);
    expect(summary.bottlenecks.filter(({ savingDoubt }) => savingDoubt)).toEqual([]);
  });
  await fc.assert(property, { numRuns: 60, seed: 1 });
});
