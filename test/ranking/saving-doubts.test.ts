import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSummaries, toMarkdown, toText } from 'hotspan/report';
import { measureShared } from '../../scripts/accuracy/measure-shared.js';
import type { Segment, World } from '../../scripts/accuracy/simulator.js';
import type { SavingDoubt } from '../../src/summary.js';

const REQUESTS = 40;
const all = (promises: readonly Promise<unknown>[]) => Promise.all(promises);

type Body = (request: Segment, world: World, index: number) => Promise<unknown>;

const requests =
  (body: Body, everyMillis = 5_000) =>
  (world: World) =>
    world.requests(REQUESTS, everyMillis, 'request', async (request, index) => {
      await body(request, world, index);
    });

/** Two mirrors are asked, and the first answer counts; the other goes on. */
const race = requests(async (request) => {
  await request.segment('plan', 150);
  await Promise.race([request.segment('eu', 500), request.segment('us', 520)]);
  await request.segment('answer', 700);
});

/** As above, and the request ends with the first. */
const raceAtTheEnd = requests(async (request) => {
  await request.segment('plan', 150);
  await Promise.race([request.segment('eu', 500), request.segment('us', 520)]);
});

const cancelled = requests(async (request, world, index) => {
  await request.segment('plan', 150);
  const isEuFirst = world.chance(`first ${index}`) < 0.5;
  const winner = isEuFirst ? 'eu' : 'us';
  let won: () => void = () => undefined;
  const isWon = new Promise<void>((resolve) => (won = resolve));
  const loses = async () => {
    await isWon;
    throw Object.assign(new Error('stopped'), { name: 'AbortError' });
  };
  const loser = request.segment(isEuFirst ? 'us' : 'eu', loses).catch(() => undefined);
  await request.segment(winner, async (self) => {
    await self.work(500);
    won();
  });
  await loser;
  await request.segment('answer', 300);
});

const timeouts = requests(async (request, world, index) => {
  await request.segment('retrieve', 300);
  const isHung = world.chance(`hangs ${index}`) < 0.3;
  await request.segment('chat', async (self) => {
    if (isHung) await self.attempt(1, 'timeout', (one) => one.timer(1_000));
    await self.attempt(isHung ? 2 : 1, 'success', (one) => one.work(400));
  });
});

/** What all of them wait for is no span. */
const singleFlight = (world: World) => {
  let flight: Promise<void> | undefined;
  return world.requests(90, 70, 'request', async (request, index) => {
    await request.segment('token', () => {
      const millis = 400 + 500 * world.chance(`flight ${index}`);
      flight ??= request.timer(millis).then(() => void (flight = undefined));
      return flight;
    });
    await request.segment('feed', 110);
  });
};

const chain = (request: Segment, names: readonly string[]) =>
  names.reduce<Promise<unknown>>(
    (before, name) => before.then(() => request.segment(name, 200)),
    Promise.resolve(),
  );

/** [what runs, the rows whose savings may be wrong, why, the program] */
const PROGRAMS: [string, string[], SavingDoubt | undefined, ReturnType<typeof requests>][] = [
  ['a race whose losers run on', ['eu', 'us'], 'race', race],
  ['a race that ends the request', ['eu', 'us'], 'race', raceAtTheEnd],
  ['a race whose losers are cancelled', ['eu', 'us'], 'race', cancelled],
  ['calls with a timeout', ['chat'], 'timeout', timeouts],
  ['a single flight without a span', ['token'], 'unknown-wait', singleFlight],
  [
    'branches that are all awaited',
    [],
    undefined,
    requests((request) => all(['a', 'b', 'c'].map((name) => request.segment(name, 300)))),
  ],
  [
    'chains side by side',
    [],
    undefined,
    requests((request) => all([chain(request, ['a', 'b']), chain(request, ['c', 'd', 'e'])])),
  ],
  [
    'work that nobody waits for',
    [],
    undefined,
    requests(async (request) => {
      void request.segment('log', 300);
      await chain(request, ['a', 'b', 'c']);
    }),
  ],
  [
    'work that is started early',
    [],
    undefined,
    requests(async (request) => {
      const profile = request.segment('profile', 300);
      await chain(request, ['a', 'b']);
      await profile;
      await request.segment('answer', 300);
    }),
  ],
];

describe('savings that cannot be trusted', () => {
  it.each(PROGRAMS)('%s: %j', async (_what, rows, doubt, program) => {
    for (const seed of [1, 2, 3]) {
      const { summary } = await measureShared({ title: '', what: '', program }, seed, false);
      const marked = summary.bottlenecks.filter(({ savingDoubt }) => savingDoubt !== undefined);
      expect(marked.map(({ name }) => name).sort()).toEqual(rows);
      for (const row of marked) expect(row.savingDoubt).toBe(doubt);
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
    const sure = await measureShared({ title: '', what: '', program: PROGRAMS[6]![3] }, 1, false);
    expect(toText(sure.summary)).not.toContain('~');
  });

  it('keep their doubt when summaries are merged', async () => {
    const { summary } = await measureShared({ title: '', what: '', program: race }, 1, false);
    const sure = { ...summary, bottlenecks: summary.bottlenecks.map((row) => ({ ...row })) };
    for (const row of sure.bottlenecks) Reflect.deleteProperty(row, 'savingDoubt');
    const doubtsOf = (merged: typeof summary) =>
      merged.bottlenecks.filter(({ savingDoubt }) => savingDoubt === 'race').length;
    expect(doubtsOf(mergeSummaries([summary, sure]))).toBe(2);
    const many = Array.from({ length: 30 }, () => sure);
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
