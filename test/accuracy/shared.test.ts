import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spaceOut } from '../../scripts/accuracy/live.js';
import { measureShared, rankFile } from '../../scripts/accuracy/measure-shared.js';
import { SHARED_CASES, type SharedCase } from '../../scripts/accuracy/shared-programs.js';
import { simulateMany, type Segment, type World } from '../../scripts/accuracy/simulator.js';
import type { SpanRecord } from '../../src/trace/span-record.js';

const caseOf = (title: string) => SHARED_CASES.find((one) => one.title === title)!;

describe('programs of many requests', () => {
  it.each(SHARED_CASES)('the first row is the best to make faster: $title', async (one) => {
    const { brings } = await measureShared(one, 1);
    expect(brings).toBeGreaterThan(0.95);
  });

  it('who waits is not first, and names the row that it waits for', async () => {
    const { summary } = await measureShared(caseOf('Single flight'), 1);
    const waiting = summary.bottlenecks.find(({ name }) => name === 'token')!;
    expect(summary.bottlenecks[0]?.name).toBe('refresh token');
    expect(waiting.waitsFor?.map(({ row }) => row)).toEqual(['refresh token']);
    expect(waiting.criticalSeconds).toBeCloseTo(0, 6);
  });

  it('one of many spans that seems to be inside another does not hide their pool', async () => {
    const rank = (records: readonly SpanRecord[]) => rankFile(spaceOut(records), 10_000);
    const { summary } = await measureShared(caseOf('Keep-alive sockets'), 1, false, rank);
    const cars = summary.bottlenecks.find(({ name }) => name === 'GET cars')!;
    expect(cars.waitsFor?.map(({ row }) => row)).toEqual(['GET hotels', 'GET flights']);
  });

  it('the last stage of a job does not wait for the request that ends with it', async () => {
    const rank = (records: readonly SpanRecord[]) => rankFile(spaceOut(records), 10_000);
    const { summary } = await measureShared(caseOf('Stages with a worker each'), 1, false, rank);
    const load = summary.bottlenecks.find(({ name }) => name === 'load')!;
    expect(load.waitsFor).toBeUndefined();
    // In the worker, and in the request that waits for it.
    expect(load.criticalSeconds).toBeCloseTo(2 * load.selfSeconds, 2);
  });

  it('critical times still add up to the time that users waited', async () => {
    for (const one of SHARED_CASES) {
      const { summary } = await measureShared(one, 2);
      const sum = summary.bottlenecks.reduce((all, row) => all + row.criticalSeconds, 0);
      expect(sum).toBeCloseTo(summary.latency.totalSeconds, 6);
      for (const { savingSeconds = 0, criticalSeconds, idleSeconds = 0 } of summary.bottlenecks) {
        expect(savingSeconds + idleSeconds).toBeLessThanOrEqual(criticalSeconds + 1e-9);
      }
    }
  });

  it('what passes between the turns of a session is idle, and nothing saves it', async () => {
    const { summary } = await measureShared(caseOf('Sessions'), 1);
    const session = summary.bottlenecks.find(({ name }) => name === 'session')!;
    expect(session.idleSeconds).toBeCloseTo(session.criticalSeconds, 6);
    expect(session.savingSeconds).toBe(0);
    expect(session.rank).toBe(summary.bottlenecks.length - 1);
  });

  it('gives the same every time', async () => {
    const { program } = caseOf('Hedged calls of a model');
    expect(await simulateMany(program, 3)).toEqual(await simulateMany(program, 3));
  });
});

/** Requests that overlap, of steps beside and after each other, which share nothing. */
const withoutWaits: fc.Arbitrary<SharedCase['program']> = fc
  .record({
    requests: fc.integer({ min: 15, max: 60 }),
    everyMillis: fc.integer({ min: 5, max: 600 }),
    phases: fc.array(
      fc.record({
        own: fc.integer({ min: 0, max: 80 }),
        branches: fc.array(
          fc.array(fc.integer({ min: 5, max: 400 }), { minLength: 1, maxLength: 3 }),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ requests, everyMillis, phases }) => (world: World) => {
    const branch = (request: Segment, name: string, steps: readonly number[]) =>
      request.segment(name, async (self) => {
        for (const [at, millis] of steps.entries()) {
          await self.work(millis / 2);
          await self.segment(`${name}, step ${at}`, millis);
        }
      });
    return world.requests(requests, everyMillis, 'request', async (request) => {
      for (const [at, { own, branches }] of phases.entries()) {
        await request.work(own);
        const named = branches.map((steps, nth) => branch(request, `branch ${at}.${nth}`, steps));
        await Promise.all(named);
      }
    });
  });

it('programs without waits have (almost) none', async () => {
  let runs = 0;
  let waiting = 0;
  const property = fc.asyncProperty(withoutWaits, fc.integer(), async (program, seed) => {
    const { summary } = await measureShared({ title: '', what: '', program }, seed, false);
    runs += 1;
    const waits = summary.bottlenecks.flatMap(({ waitsFor = [] }) => waitsFor);
    const seconds = waits.reduce((sum, wait) => sum + wait.seconds, 0);
    if (seconds > 0.01 * summary.latency.totalSeconds) waiting += 1;
  });
  await fc.assert(property, { numRuns: 60, seed: 1 });
  expect(waiting / runs).toBeLessThan(0.05);
});
