import { llmCall, retry, segment } from 'hotspan';
import type { SdkSpan, SdkSpanProcessor, TracingOptions } from 'hotspan/node';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeClock, sleep } from '../support/clock.js';
import { seededRandom } from '../support/random.js';
import { tracingInTests } from '../support/tracing.js';
import { batcher, hedge, limiter, pool, singleFlight, Work } from './programs.js';

const { start } = tracingInTests();
fakeClock();
beforeEach(() => {
  vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
  // Chance says which period of a pair comes first.
  const random = seededRandom(3);
  vi.spyOn(Math, 'random').mockImplementation(() => random.uniform());
});

async function runFor<T>(running: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const done = running.finally(() => (state.isDone = true));
  while (!state.isDone) await vi.advanceTimersByTimeAsync(1_000);
  return done;
}

const experimentOn = (...rows: string[]): TracingOptions => ({
  exitHandling: false,
  experiment: { rows },
});

const DELAY = 'hotspan.experiment.delay';

function recorder(spans: SdkSpan[]): SdkSpanProcessor {
  const done = () => Promise.resolve();
  return {
    onStart: () => undefined,
    onEnd: (span) => spans.push(span),
    forceFlush: done,
    shutdown: done,
  };
}

/** Requests one after another, each the same. */
async function inTurn(count: number, request: () => unknown): Promise<void> {
  for (let index = 0; index < count; index += 1) await segment('request', request);
}

describe('the experiment', () => {
  it.each([
    ['a limiter', limiter, 'summarize', 2_000],
    ['a batcher', batcher, 'batch users', 4_000],
    ['a single flight', singleFlight, 'refresh', 5_000],
    ['a hedge', hedge, 'mirror a', 3_000],
    ['a pool, inside the wait', pool('inside'), 'report', 6_000],
    ['a pool, behind the wait', pool('behind'), 'report', 6_000],
  ] as const)(
    'measures in %s what the work of a segment costs',
    async (name, program, row, count) => {
      // Without tracing, which would take most of the time.
      const meanOf = (work: Work) => runFor(program(work, 5_000));
      const before = await meanOf(new Work());
      const costs = ((await meanOf(new Work(row, 1.2))) - before) / 0.2;
      const saves = before - (await meanOf(new Work(row, 0)));
      const tracing = start(experimentOn(row));
      await runFor(program(new Work(), count));

      const { experiments, warnings } = tracing.summary();
      const [result] = experiments!;
      expect(warnings).toEqual([]);
      expect(result).toMatchObject({ segment: row, service: 'unknown_service:node' });
      const { lowSecondsPerTrace: low, highSecondsPerTrace: high } = result!;
      expect(costs).toBeGreaterThan(low);
      expect(costs).toBeLessThan(high);
      // Where requests queue, the first tenth less brings more than the others.
      expect(saves).toBeLessThan(high);
      if (!name.includes('pool') && program !== limiter) expect(saves).toBeGreaterThan(low);
    },
    120_000,
  );

  it.each([
    ['around', 'select user'],
    ['until', 'acquire'],
  ] as const)(
    'tells nothing of a row that gives back what others wait for before its delay: %s',
    async (use, waiting) => {
      const tracing = start(experimentOn('report'));
      await runFor(pool(use)(new Work(), 4_000));
      const { experiments, warnings } = tracing.summary();
      expect(experiments).toEqual([]);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain('the experiment cannot tell what `report` costs');
      expect(warnings[0]).toContain(`calls of \`${waiting}\` take`);
    },
    60_000,
  );

  it('finds nothing in work that nobody waits for', async () => {
    const tracing = start(experimentOn('audit'));
    await runFor(
      inTurn(2_000, async () => {
        const audit = segment('audit', () => sleep(30));
        await segment('search', () => sleep(50));
        await audit;
      }),
    );
    const [result] = tracing.summary().experiments!;
    expect(result!.lowSecondsPerTrace).toBeLessThanOrEqual(0);
    expect(result!.highSecondsPerTrace).toBeLessThan(0.001);
  });

  it('chooses rows by itself: asynchronous segments that are no model calls', async () => {
    const spans: SdkSpan[] = [];
    const tracing = start({
      exitHandling: false,
      experiment: true,
      spanProcessors: [recorder(spans)],
    });
    const model = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
    await runFor(
      inTurn(400, async () => {
        await segment('search', () => segment('index', () => sleep(40)));
        await segment('ask', { attributes: model }, () => sleep(60));
        await llmCall({ provider: 'openai', model: 'gpt-4o' }, () =>
          segment('inside a call', () => sleep(30)),
        );
        await retry('flaky', { maxAttempts: 2 }, () => segment('inside a try', () => sleep(30)));
        segment('sums', () => 1 + 1);
      }),
    );
    const { experiments } = tracing.summary();
    expect(experiments!.map(({ segment }) => segment)).toEqual(['index']);
    expect(experiments![0]!.slope).toBeCloseTo(1, 1);
    expect(experiments![0]!.savingSecondsPerTrace).toBeCloseTo(0.04, 2);

    const delayed = spans.filter(({ attributes }) => DELAY in attributes);
    expect(new Set(delayed.map(({ name }) => name))).toEqual(new Set(['index']));
    expect(delayed.every(({ attributes }) => (attributes[DELAY] as number) <= 0.012)).toBe(true);
  });

  it('returns what the work returns, and throws what it throws', async () => {
    start(experimentOn('works', 'fails'));
    const value = {};
    const error = new Error('no');
    const outcomes = new Set<unknown>();
    await runFor(
      inTurn(200, async () => {
        outcomes.add(await segment('works', () => sleep(20).then(() => value)));
        const fails = segment('fails', () => sleep(20).then(() => Promise.reject(error)));
        outcomes.add(await fails.catch((thrown: unknown) => thrown));
      }),
    );
    expect([...outcomes]).toEqual([value, error]);
  });

  it('keeps the delays within their limits', async () => {
    const spans: SdkSpan[] = [];
    start({
      exitHandling: false,
      experiment: { rows: ['shard'], delayShare: 0.5, maxDelayMillis: 15 },
      spanProcessors: [recorder(spans)],
    });
    const shards = () =>
      Promise.all(Array.from({ length: 8 }, () => segment('shard', () => sleep(100))));
    await runFor(inTurn(300, shards));
    const delays = spans.map(({ attributes }) => (attributes[DELAY] as number | undefined) ?? 0);
    const roots = spans.filter(({ name }) => name === 'request');
    const seconds = roots.reduce((sum, { startTime, endTime }) => {
      return sum + (endTime[0] - startTime[0]) + (endTime[1] - startTime[1]) / 1e9;
    }, 0);
    const all = delays.reduce((sum, delay) => sum + delay, 0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(0.0151);
    expect(all).toBeGreaterThan(0.2 * seconds);
    expect(all).toBeLessThanOrEqual(0.5 * seconds);
  });

  it('ends at once, with the delays that run', async () => {
    const tracing = start(experimentOn('work'));
    await runFor(inTurn(100, () => segment('work', () => sleep(1_000))));
    const before = tracing.summary().experiments;
    let slow = 0;
    const running = inTurn(30, async () => {
      const startMillis = performance.now();
      await segment('work', () => sleep(1_000));
      if (performance.now() - startMillis > 1_100) slow += 1;
    });
    tracing.stopExperiment();
    await runFor(running);
    expect(slow).toBe(0);
    expect(tracing.summary().experiments).toHaveLength(before!.length);
  });

  it('ends itself when requests take three times as long', async () => {
    const tracing = start(experimentOn('work'));
    await runFor(inTurn(60, () => segment('work', () => sleep(50))));
    await runFor(inTurn(60, () => segment('work', () => sleep(300))));
    expect(tracing.summary().warnings).toContain(
      'the experiment ended itself: requests took more than 3 times as long as before it',
    );
  });

  it('says why there is no result', async () => {
    const tracing = start(experimentOn('sums'));
    const warnings = () => tracing.summary().warnings;
    expect(warnings()).toEqual(['the experiment begins after 30 requests; there were 0']);
    await runFor(inTurn(40, () => sleep(10).then(() => segment('sums', () => 1 + 1))));
    expect(warnings()).toEqual([
      'the experiment cannot make `sums` slower: only an asynchronous `segment` that is no model call can be made slower',
    ]);
    tracing.reset();
    expect(warnings()).toEqual(['the experiment begins after 30 requests; there were 0']);
  });

  it('is off by default, and by HOTSPAN_EXPERIMENT on', async () => {
    const off = start({ exitHandling: false });
    expect(off.summary()).not.toHaveProperty('experiments');
    await off.shutdown();
    vi.stubEnv('HOTSPAN_EXPERIMENT', 'work\nother work');
    const tracing = start({ exitHandling: false });
    await runFor(inTurn(800, () => segment('work', () => sleep(50))));
    expect(tracing.summary().experiments!.map(({ segment }) => segment)).toEqual(['work']);
    await tracing.shutdown();
    vi.stubEnv('HOTSPAN_EXPERIMENT', '0');
    expect(start({ exitHandling: false }).summary()).not.toHaveProperty('experiments');
  });

  it.each([
    [{ rows: [] }, '`experiment.rows` to be a list of 1 to 10 names, got'],
    [{ delayShare: 0 }, '`experiment.delayShare` to be a number above 0 and at most 1, got 0'],
    [{ maxDelayMillis: -1 }, '`experiment.maxDelayMillis` to be a positive number'],
  ])('refuses %j', (experiment, message) => {
    expect(() => start({ experiment })).toThrow(message);
  });
});
