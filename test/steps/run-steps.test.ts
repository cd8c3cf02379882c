import { SpanStatusCode } from '@opentelemetry/api';
import {
  AttemptTimeoutError,
  CheckFailedError,
  LimitExceededError,
  llmCall,
  retry,
  runSteps,
  segment,
  step,
  type RunOptions,
  type Step,
  type StepProgress,
} from 'hotspan';
import { beforeAll, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();
beforeAll(() => loadPrices());
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});

/** A step that takes its time, and gives its name. */
const taking = (name: string, millis: number, after?: readonly Step[]) =>
  step(name, { after }, async () => {
    await sleep(millis);
    return name;
  });

const failing = (name: string, error: unknown = new TypeError(`${name} is wrong`)) =>
  step(name, () => {
    throw error;
  });

const outcomes = (result: { steps: Readonly<Record<string, { outcome: string }>> }) =>
  Object.fromEntries(Object.entries(result.steps).map(([name, { outcome }]) => [name, outcome]));

describe('runSteps', () => {
  it('runs steps one after another, and gives every value, time and attempt', async () => {
    const sdk = startSdk();
    const result = await run(runSteps('trip', [taking('search', 100), taking('write', 200)]));
    expect(result).toEqual({
      name: 'trip',
      outcome: 'completed',
      seconds: 0.3,
      attempts: 2,
      steps: {
        search: {
          name: 'search',
          index: 0,
          outcome: 'completed',
          value: 'search',
          seconds: 0.1,
          attempts: 1,
        },
        write: {
          name: 'write',
          index: 1,
          outcome: 'completed',
          value: 'write',
          seconds: expect.closeTo(0.2, 9) as number,
          attempts: 1,
        },
      },
    });
    expect(sdk.parentName('search')).toBe('trip');
    expect(sdk.parentName('search attempt')).toBe('search');
    expect(sdk.span('write').attributes).toMatchObject({
      'hotspan.step.index': 1,
      'hotspan.step.outcome': 'completed',
    });
    const rows = sdk.bottlenecks.summary().bottlenecks;
    expect(rows.map(({ name, criticalSeconds }) => [name, criticalSeconds])).toEqual([
      ['write', 0.2],
      ['search', 0.1],
      ['trip', 0],
    ]);
  });

  it('gives a step the values of those that it comes after, with their types', async () => {
    startSdk();
    const count = step('count', () => 3);
    const word = step('word', () => Promise.resolve('ab'));
    const both = step('both', { after: [count, word] }, ({ results }) => {
      expectTypeOf(results).toEqualTypeOf<{ readonly count: number; readonly word: string }>();
      return results.word.repeat(results.count);
    });
    const result = await runSteps('run', [count, word, both]);
    const { outcome } = result.steps.both;
    if (outcome !== 'completed') throw new Error(outcome);
    expectTypeOf(result.steps.both.value).toEqualTypeOf<string>();
    expect(result.steps.both.value).toBe('ababab');
  });

  it('runs side by side what does not wait for each other', async () => {
    const sdk = startSdk();
    const a = taking('a', 100);
    const b = taking('b', 150, []);
    const c = taking('c', 50, [a]);
    const last = taking('last', 10);
    const result = await run(runSteps('run', [a, b, c, last]));
    // a and c beside b; the last one after all of them.
    expect(result.seconds).toBeCloseTo(0.16, 9);
    const waitedFor = (name: string) => sdk.span(name).attributes['hotspan.step.after'];
    expect(['b', 'c', 'last'].map(waitedFor)).toEqual([[], ['a'], undefined]);
  });

  it('tells what a step waited for, although another ended at the same time', async () => {
    const sdk = startSdk();
    const a = taking('a', 100);
    const b = taking('b', 100, []);
    await run(runSteps('run', [a, b, taking('c', 50, [a])]));
    const rows = sdk.bottlenecks.summary().bottlenecks;
    const critical = Object.fromEntries(rows.map((row) => [row.name, row.criticalSeconds]));
    expect(critical).toEqual({ a: 0.1, b: 0, c: 0.05, run: 0 });
  });

  it('keeps what was completed when a step fails, and starts no other', async () => {
    const sdk = startSdk();
    const error = new TypeError('wrong');
    const steps = [taking('first', 10), failing('second', error), taking('third', 10)] as const;
    const result = await run(runSteps('run', steps));
    expect(outcomes(result)).toEqual({
      first: 'completed',
      second: 'failed',
      third: 'skipped',
    });
    expect(result.outcome).toBe('failed');
    expect(result.error).toBe(error);
    expect(result.steps.second).toMatchObject({ error, attempts: 1 });
    expect(result.steps.third).toMatchObject({ reason: 'another step failed', attempts: 0 });
    expect(sdk.span('run')).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'wrong' },
      attributes: { 'error.type': 'TypeError' },
    });
    expect(sdk.span('second').attributes['hotspan.step.outcome']).toBe('failed');
    expect(sdk.spans().map(({ name }) => name)).not.toContain('third');
  });

  it('can go on, but for the steps that need the value', async () => {
    startSdk();
    const first = failing('first');
    const needs = taking('needs', 10, [first]);
    const needsThat = taking('needs that', 10, [needs]);
    const other = taking('other', 10);
    const steps = [first, needs, needsThat, other] as const;
    const result = await run(runSteps('run', steps, { onFailure: 'continue' }));
    expect(outcomes(result)).toEqual({
      first: 'failed',
      needs: 'skipped',
      'needs that': 'skipped',
      other: 'completed',
    });
    expect(result.steps.needs).toMatchObject({ reason: 'first was not completed' });
    expect(result.outcome).toBe('failed');
  });

  it('lets run on what is running when another step fails', async () => {
    startSdk();
    const late = step('late', { after: [] }, async () => {
      await sleep(50);
      throw new TypeError('late');
    });
    const result = await run(runSteps('run', [taking('long', 500), late]));
    expect(outcomes(result)).toEqual({ long: 'completed', late: 'failed' });
  });

  it('times out one step, without the others', async () => {
    const sdk = startSdk();
    const slow = step('slow', { timeoutMillis: 100 }, ({ signal }) => {
      expect(signal.aborted).toBe(false);
      return sleep(5_000);
    });
    const steps = [taking('fast', 10), slow, taking('after', 10)] as const;
    const result = await run(runSteps('run', steps, { onFailure: 'continue' }));
    expect(outcomes(result)).toEqual({ fast: 'completed', slow: 'timedOut', after: 'completed' });
    expect(result.steps.slow).toMatchObject({ seconds: 0.1 });
    expect(result.error).toBeInstanceOf(AttemptTimeoutError);
    expect(sdk.span('slow').attributes['hotspan.step.outcome']).toBe('timedOut');
  });

  it('does not call it a timeout of the step when something inside timed out', async () => {
    startSdk();
    const inner = step('inner', () =>
      retry('deep', { maxAttempts: 1, timeoutMillis: 10 }, () => sleep(1_000)),
    );
    expect(outcomes(await run(runSteps('run', [inner])))).toEqual({ inner: 'failed' });
  });

  it('tries a step again, and tells of it', async () => {
    startSdk();
    const events: string[] = [];
    const flaky = step('flaky', { maxAttempts: 3, backoffMillis: 400 }, ({ attempt }) => {
      if (attempt < 3) throw new Error(`attempt ${attempt}`);
      return 'done';
    });
    const onProgress = ({ type, index, count, elapsedSeconds, attempt, error }: StepProgress) => {
      const why = error instanceof Error ? error.message : '';
      events.push(`${elapsedSeconds} ${type} ${index}/${count} ${attempt ?? ''} ${why}`.trim());
    };
    const no = step('no', { when: () => false }, () => 1);
    const result = await run(runSteps('run', [flaky, no, failing('bad')], { onProgress }));
    expect(result.steps.flaky).toMatchObject({ value: 'done', attempts: 3, seconds: 0.9 });
    expect(events).toEqual([
      '0 started 0/3',
      '0 retrying 0/3 2 attempt 1',
      '0.3 retrying 0/3 3 attempt 2',
      '0.9 succeeded 0/3',
      '0.9 skipped 1/3',
      '0.9 started 2/3',
      '0.9 failed 2/3  bad is wrong',
    ]);
  });

  it('checks a value, and tries again with the reason', async () => {
    startSdk();
    const seen: unknown[] = [];
    const answer = step(
      'answer',
      {
        maxAttempts: 2,
        backoffMillis: 0,
        check: (text) => (text === 'in Paris, France' ? true : 'where?'),
      },
      ({ attempt }) => (attempt === 1 ? 'in Paris' : 'in Paris, France'),
    );
    const onProgress = ({ error }: StepProgress) => {
      if (error instanceof CheckFailedError) seen.push(error.message);
    };
    const result = await run(runSteps('run', [answer], { onProgress }));
    expect(result.steps.answer).toMatchObject({ value: 'in Paris, France', attempts: 2 });
    expect(seen).toEqual(['answer: where?']);
  });

  it.each([
    [() => false, 'odd: the check rejected the result'],
    [() => 'too short', 'odd: too short'],
    [() => Promise.resolve(false), 'odd: the check rejected the result'],
  ])('fails a step whose check says no', async (check, message) => {
    startSdk();
    const result = await runSteps('run', [step('odd', { check }, () => 1)]);
    expect(result.steps.odd).toMatchObject({ outcome: 'failed', error: { message } });
  });

  it('skips what is not wanted, and those after it know', async () => {
    startSdk();
    const draft = step('draft', () => 'short');
    const shorten = step(
      'shorten',
      { after: [draft], when: ({ draft: text }) => text.length > 10 },
      ({ results }) => results.draft.slice(0, 10),
    );
    const print = step('print', { after: [draft, shorten] }, ({ results }) => {
      expectTypeOf(results.shorten).toEqualTypeOf<string | undefined>();
      return results.shorten ?? results.draft;
    });
    const result = await runSteps('run', [draft, shorten, print]);
    expect(result.outcome).toBe('completed');
    expect(result.steps.shorten).toMatchObject({
      outcome: 'skipped',
      reason: '`when` returned false',
    });
    expect(result.steps.print).toMatchObject({ value: 'short' });
  });

  it('is failed by a `when` that throws, without an attempt', async () => {
    startSdk();
    const when = () => {
      throw new Error('no idea');
    };
    const result = await runSteps('run', [step('odd', { when }, () => 1)]);
    expect(result.steps.odd).toMatchObject({ outcome: 'failed', attempts: 0 });
  });

  it('does not wait for ever for a `when`', async () => {
    startSdk();
    const never = step('never', { when: () => new Promise<boolean>(() => undefined) }, () => 1);
    const result = await run(runSteps('run', [never], { limits: { maxMillis: 100 } }));
    expect(result.error).toBeInstanceOf(LimitExceededError);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 50);
    const aborted = await run(runSteps('run', [never], { signal: controller.signal }));
    expect(aborted.error).toBe(controller.signal.reason);
  });

  it.each(['check', 'shouldRetry'])('does not wait for ever for a `%s`', async (callback) => {
    startSdk();
    const options = { maxAttempts: 2, [callback]: () => new Promise<boolean>(() => undefined) };
    const never = step('never', options, () => {
      if (callback === 'shouldRetry') throw new Error('down');
    });
    const result = await run(runSteps('run', [never], { limits: { maxMillis: 100 } }));
    expect(result.error).toBeInstanceOf(LimitExceededError);
    expect(result.seconds).toBe(0.1);
  });

  it('does not call it a timeout when it was stopped after one', async () => {
    startSdk();
    const options = { maxAttempts: 3, timeoutMillis: 20, backoffMillis: 5_000 };
    const slow = step('slow', options, () => new Promise(() => undefined));
    const result = await run(runSteps('run', [slow], { limits: { maxAttempts: 1 } }));
    expect(outcomes(result)).toEqual({ slow: 'failed' });
  });

  it('runs thousands of steps', async () => {
    const many = Array.from({ length: 2_000 }, (_, index) => step(`s${index}`, () => index));
    const result = await runSteps('run', many);
    expect(Object.keys(result.steps)).toHaveLength(2_000);
    expect(result.outcome).toBe('completed');
  });

  it('adds up what its LLM calls cost, by step', async () => {
    startSdk();
    const ask = () =>
      llmCall({ provider: 'openai', model: 'gpt-4o' }, () => ({
        usage: { prompt_tokens: 1_000, completion_tokens: 100 },
      }));
    const one = step('one', ask);
    const two = step('two', { after: [] }, () => Promise.all([ask(), ask()]));
    const result = await runSteps('run', [one, two]);
    expect(result.steps.one.costUsd).toBeCloseTo(0.0035, 12);
    expect(result.steps.two.costUsd).toBeCloseTo(0.007, 12);
    expect(result.costUsd).toBeCloseTo(0.0105, 12);
    // A step counts its own attempts, not those of the calls inside.
    expect(result.attempts).toBe(2);
  });

  it('stops at its limits, and keeps what there is', async () => {
    startSdk();
    const steps = [taking('a', 100), taking('b', 100), taking('c', 100)] as const;
    const result = await run(runSteps('run', steps, { limits: { maxAttempts: 2 } }));
    expect(outcomes(result)).toEqual({ a: 'completed', b: 'completed', c: 'skipped' });
    expect(result.error).toBeInstanceOf(LimitExceededError);
    expect(result.steps.c).toMatchObject({
      reason: 'the limit maxAttempts of 2 is reached: 2 attempts in 200 ms',
    });
  });

  it('fails the running step when the time of the run is up', async () => {
    startSdk();
    const steps = [taking('a', 100), taking('b', 5_000), taking('c', 1)] as const;
    const options: RunOptions = { limits: { maxMillis: 1_000 }, onFailure: 'continue' };
    const result = await run(runSteps('run', steps, options));
    expect(outcomes(result)).toEqual({ a: 'completed', b: 'failed', c: 'skipped' });
    expect(result.seconds).toBe(1);
  });

  it('stops at once when it is aborted, and does not throw what is completed away', async () => {
    startSdk();
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 150);
    const steps = [taking('a', 100), taking('b', 5_000), taking('c', 1)] as const;
    const result = await run(runSteps('run', steps, { signal: controller.signal }));
    expect(outcomes(result)).toEqual({ a: 'completed', b: 'failed', c: 'skipped' });
    expect(result).toMatchObject({ error: reason, seconds: 0.15 });
    expect(result.steps.c).toMatchObject({ reason: 'the run was aborted' });
  });

  it('runs nothing when it was aborted before', async () => {
    startSdk();
    const signal = AbortSignal.abort(new Error('never'));
    const result = await runSteps('run', [taking('a', 1)], { signal });
    expect(outcomes(result)).toEqual({ a: 'skipped' });
    expect(result.error).toBe(signal.reason);
  });

  it('goes on when the progress callback throws', async () => {
    startSdk();
    const onProgress = () => {
      throw new Error('broken display');
    };
    expect((await runSteps('run', [step('a', () => 1)], { onProgress })).outcome).toBe('completed');
  });

  it('goes on when an async progress callback rejects', async () => {
    startSdk();
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const onProgress = (() => Promise.reject(new Error('broken display'))) as () => void;
    await runSteps('run', [step('a', () => 1)], { onProgress });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('runs where nothing is recorded, and inside a segment', async () => {
    const result = await segment('outer', () => runSteps('run', [step('a', () => 1)]));
    expect(result.steps.a).toMatchObject({ value: 1 });
  });

  it('may have no steps', async () => {
    startSdk();
    expect(await runSteps('run', [])).toMatchObject({ outcome: 'completed', steps: {} });
  });

  const a = step('a', () => 1);
  it.each([
    [() => runSteps('', [a]), 'runSteps: expected `name` to be a non-empty string, got ""'],
    [
      () => runSteps('run', a as never),
      'runSteps: expected `steps` to be a list of what `step()` returns',
    ],
    [() => runSteps('run', [1] as never), 'runSteps: expected `steps` to be a list of what'],
    [() => runSteps('run', [a, a]), 'runSteps: two steps are named "a"'],
    [
      () => runSteps('run', [step('b', { after: [a] }, () => 1), a]),
      'runSteps: step "b" comes after "a", which is not before it in the list',
    ],
    [
      () => runSteps('run', [a], { onFailure: 'ignore' as never }),
      'runSteps: expected `onFailure` to be one of stop, continue, got a string',
    ],
    [
      () => runSteps('run', [a], { limits: { maxMillis: 0 } }),
      'runSteps: expected `limits.maxMillis` to be a positive number, got 0',
    ],
    [() => runSteps('run', [a], { signal: {} } as never), '`signal` to be an AbortSignal'],
    [() => runSteps('run', [a], { limit: 1 } as never), 'runSteps: unknown option "limit"'],
    [() => step('a', 1 as never), 'step "a": expected `fn` to be a function, got undefined'],
    [() => step('a', { retries: 1 } as never, () => 1), 'step "a": unknown option "retries"'],
    [
      () => step('a', { maxAttempts: 0 }, () => 1),
      'step "a": expected `maxAttempts` to be a whole number of at least 1, got 0',
    ],
  ])('refuses wrong use, at the call: %#', (use, message) => {
    expect(use).toThrow(TypeError);
    expect(use).toThrow(message);
  });
});
