import { SpanStatusCode } from '@opentelemetry/api';
import { AttemptTimeoutError, retry, type AttemptContext } from 'hotspan';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach, type Sdk } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();
beforeEach(() => {
  // The random half of a backoff, at its middle: 3/4 of the full wait.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});

/** Fails with these errors in turn, then answers. */
function failing(...errors: unknown[]): (context: AttemptContext) => Promise<string> {
  return ({ attempt }) =>
    attempt <= errors.length
      ? Promise.reject(errors[attempt - 1])
      : Promise.resolve(`answer ${attempt}`);
}

function attemptsOf(sdk: Sdk): Record<string, unknown>[] {
  return sdk
    .spans()
    .filter(({ name }) => name.endsWith(' attempt'))
    .map(({ attributes }) => ({
      number: attributes['hotspan.attempt.number'],
      outcome: attributes['hotspan.attempt.outcome'],
      backoff: attributes['hotspan.attempt.backoff'],
    }));
}

const status = (code: number, more = {}) =>
  Object.assign(new Error(`HTTP ${code}`), { status: code, ...more });

describe('retry', () => {
  it('runs attempts as child spans until one succeeds', async () => {
    const sdk = startSdk();
    const answer = await run(retry('load', failing(new Error('a'), new Error('b'))));
    expect(answer).toBe('answer 3');
    expect(attemptsOf(sdk)).toEqual([
      { number: 1, outcome: 'error', backoff: 0 },
      { number: 2, outcome: 'error', backoff: 0.375 },
      { number: 3, outcome: 'success', backoff: 0.75 },
    ]);
    expect(sdk.span('load')).toMatchObject({
      attributes: { 'hotspan.attempt.count': 3, 'hotspan.attempt.max': 3 },
      // An error that was made good is none of the operation's.
      status: { code: SpanStatusCode.UNSET },
      events: [],
    });
  });

  it('throws the last error, the same object, and records it on the operation', async () => {
    const sdk = startSdk();
    const last = new RangeError('last');
    const failed = retry(
      'load',
      { maxAttempts: 2, shouldRetry: () => true },
      failing(new Error('first'), last),
    );
    await expect(run(failed)).rejects.toBe(last);
    const { status: spanStatus, attributes } = sdk.span('load');
    expect(spanStatus.code).toBe(SpanStatusCode.ERROR);
    expect(attributes).toMatchObject({ 'error.type': 'RangeError', 'hotspan.attempt.count': 2 });
  });

  it('makes attempts the parents of what happens in them', async () => {
    const sdk = startSdk();
    await run(retry('outer', () => retry('inner', () => 1)));
    expect(sdk.parentName('inner')).toBe('outer attempt');
    expect(sdk.parentName('outer attempt')).toBe('outer');
  });

  it('doubles the backoff up to its maximum', async () => {
    const sdk = startSdk();
    const options = { maxAttempts: 5, backoffMillis: 1_000, maxBackoffMillis: 3_000 };
    const errors = [1, 2, 3, 4].map((n) => new Error(String(n)));
    await run(retry('load', options, failing(...errors)));
    expect(attemptsOf(sdk).map(({ backoff }) => backoff)).toEqual([0, 0.75, 1.5, 2.25, 2.25]);
  });

  it('has no backoff that is no number, however many attempts there are', async () => {
    const sdk = startSdk();
    const errors = Array.from({ length: 1_099 }, () => new Error('again'));
    await run(retry('load', { maxAttempts: 1_100, backoffMillis: 0 }, failing(...errors)));
    expect(sdk.bottlenecks.summary().warnings).toEqual([]);
  });

  it('really waits for the backoff, which is the operation’s own time', async () => {
    const sdk = startSdk();
    const started = Date.now();
    await run(retry('load', { backoffMillis: 1_000 }, failing(new Error('a'))));
    expect(Date.now() - started).toBe(750);
    const [row] = sdk.bottlenecks.summary().bottlenecks;
    expect(row).toMatchObject({ name: 'load', selfSeconds: 0.75, wastedSeconds: 0.75, retries: 1 });
  });

  it('works without an SDK', async () => {
    expect(await run(retry('load', failing(new Error('a'))))).toBe('answer 2');
  });
});

describe('the timeout of an attempt', () => {
  it('aborts the signal, fails the attempt at once, and ignores the late answer', async () => {
    const sdk = startSdk();
    const reasons: unknown[] = [];
    const slow = async ({ attempt, signal }: AttemptContext) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      // Does not heed the signal.
      await sleep(attempt === 1 ? 5_000 : 10);
      if (attempt === 1) throw new Error('late, and nobody listens');
      return attempt;
    };
    const options = { timeoutMillis: 100, backoffMillis: 0 };
    expect(await run(retry('slow', options, slow))).toBe(2);
    expect(attemptsOf(sdk).map(({ outcome }) => outcome)).toEqual(['timeout', 'success']);
    expect(reasons).toEqual([expect.any(AttemptTimeoutError)]);
    const [row] = sdk.bottlenecks.summary().bottlenecks;
    expect(row?.maxSeconds).toBeCloseTo(0.11, 6);
  });

  it('comes out as an AttemptTimeoutError, also when the function throws its own', async () => {
    const sdk = startSdk();
    const heeding = ({ signal }: AttemptContext) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('my own abort error')));
      });
    const failed = retry('slow', { maxAttempts: 1, timeoutMillis: 50 }, heeding);
    await expect(run(failed)).rejects.toThrow(
      expect.objectContaining({
        name: 'TimeoutError',
        timeoutMillis: 50,
        message: 'slow: attempt 1 took longer than 50 ms',
      }) as Error,
    );
    expect(sdk.span('slow').attributes['error.type']).toBe('timeout');
  });

  it('is told apart from the timeout of an operation inside', async () => {
    const sdk = startSdk();
    const slow = () => retry('inner', { maxAttempts: 1, timeoutMillis: 10 }, () => sleep(1_000));
    await run(retry('outer', { maxAttempts: 1 }, slow)).catch(() => undefined);
    expect(sdk.span('outer attempt').attributes['hotspan.attempt.outcome']).toBe('error');
    expect(sdk.span('inner attempt').attributes['hotspan.attempt.outcome']).toBe('timeout');
  });

  it('may be longer than a timer can be', async () => {
    const longer = { timeoutMillis: 2 ** 40 };
    expect(await retry('long', longer, () => Promise.resolve('in time'))).toBe('in time');
  });

  it('leaves no timer behind', async () => {
    await retry('quick', { timeoutMillis: 60_000 }, () => 1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('what is tried again', () => {
  it.each([
    ['a status of 429', status(429), 2],
    ['a status of 408', status(408), 2],
    ['a status of 500', status(500), 2],
    ['a status of 400', status(400), 1],
    [
      'a status of 404 on the response',
      Object.assign(new Error(), { response: { status: 404 } }),
      1,
    ],
    ['an error without a status', new Error('connection reset'), 2],
    ['a failed fetch', new TypeError('fetch failed', { cause: new Error('ECONNRESET') }), 2],
    ['a mistake in the code', new TypeError('x is not a function'), 1],
    ['an abort', new DOMException('stop', 'AbortError'), 1],
    ['an error without a class', Object.assign(new Error('odd'), { constructor: undefined }), 2],
    ['something that is no error', 'no', 2],
  ])('by default: %s', async (_, error, attempts) => {
    const sdk = startSdk();
    await run(retry('load', { maxAttempts: 2 }, failing(error))).catch(() => undefined);
    expect(attemptsOf(sdk)).toHaveLength(attempts);
  });

  it.each(['status', 'response', 'name', 'cause', 'headers'])(
    'is nothing that does not let itself be asked, which comes out as it is: %s',
    async (property) => {
      const error = new Error('odd');
      Object.defineProperty(error, property, {
        get() {
          throw new Error('from the getter');
        },
      });
      const caught: unknown = await run(
        retry('load', { maxAttempts: 2 }, () => Promise.reject(error)).catch((e: unknown) => e),
      );
      expect(caught === error).toBe(true);
    },
  );

  it('lets a revoked proxy out as it is', async () => {
    const { proxy, revoke } = Proxy.revocable(new Error('gone'), {});
    revoke();
    const caught = await run(
      retry('load', { maxAttempts: 2 }, () => {
        throw proxy;
      }).then(
        () => 'resolved',
        (error: unknown) => [error],
      ),
    );
    expect((caught as unknown[])[0] === proxy).toBe(true);
  });

  it('can be decided by the user, by the error and the number of the attempt', async () => {
    const seen: unknown[] = [];
    const error = status(400);
    const shouldRetry = (failure: unknown, { attempt }: { attempt: number }) => {
      seen.push([failure, attempt]);
      return Promise.resolve(attempt < 2);
    };
    const failed = retry('load', { maxAttempts: 5, shouldRetry }, failing(error, error, error));
    await expect(run(failed)).rejects.toBe(error);
    expect(seen).toEqual([
      [error, 1],
      [error, 2],
    ]);
  });

  it('lets the error of the user’s own rule out', async () => {
    const own = new Error('from the rule');
    const rule = {
      shouldRetry: () => {
        throw own;
      },
    };
    await expect(run(retry('load', rule, failing(new Error('a'))))).rejects.toBe(own);
  });
});

describe('Retry-After', () => {
  const date = new Date(Date.UTC(2026, 0, 1) + 3_000).toUTCString();

  it.each([
    ['in seconds', { 'retry-after': '2' }, 2],
    ['as a date', new Headers({ 'Retry-After': date }), 3],
    ['in milliseconds, as OpenAI has it', { 'retry-after-ms': '150', 'retry-after': '2' }, 0.15],
    ['as a number', { 'retry-after': 1 }, 1],
    ['in a form that says nothing', { 'retry-after': 'soon' }, 0.375],
    // No wait at all would be a licence to hammer.
    ['as a negative number', { 'retry-after': '-3' }, 0.375],
    ['as zero', { 'retry-after': '0' }, 0.375],
    ['as zero milliseconds', { 'retry-after-ms': '0', 'retry-after': '2' }, 2],
    ['as a date that has passed', { 'Retry-After': new Date(0).toUTCString() }, 0.375],
  ])('is respected %s', async (_, headers, backoff) => {
    const sdk = startSdk();
    await run(retry('load', failing(status(429, { headers }))));
    expect(attemptsOf(sdk)[1]).toMatchObject({ backoff });
  });

  it('is found on the response of the error as well', async () => {
    const sdk = startSdk();
    const response = { status: 503, headers: { 'retry-after': '4' } };
    await run(retry('load', failing(Object.assign(new Error(), { response }))));
    expect(attemptsOf(sdk)[1]).toMatchObject({ backoff: 4 });
  });

  it('ends the attempts when it asks for more than is allowed', async () => {
    const sdk = startSdk();
    const error = status(429, { headers: { 'retry-after': '3600' } });
    await expect(run(retry('load', failing(error)))).rejects.toBe(error);
    expect(attemptsOf(sdk)).toHaveLength(1);
  });
});

describe('x-should-retry', () => {
  const noRetry = { 'X-Should-Retry': 'false' };

  it.each([
    ['true, at a status that is for good', 400, new Headers({ 'x-should-retry': 'true' }), 2],
    ['false, at a status that is not', 429, new Headers({ 'x-should-retry': 'false' }), 1],
    ['false, in a Map', 503, new Map(Object.entries(noRetry)), 1],
    ['false, in an object', 429, noRetry, 1],
    ['neither', 400, { 'x-should-retry': 'perhaps' }, 1],
    ['neither, at a status that is not for good', 429, { 'x-should-retry': '' }, 2],
  ])('is obeyed: %s', async (_, code, headers, attempts) => {
    const sdk = startSdk();
    const options = { maxAttempts: 2, backoffMillis: 0 };
    await run(retry('load', options, failing(status(code, { headers }))).catch(() => undefined));
    expect(attemptsOf(sdk)).toHaveLength(attempts);
  });

  it.each(['response', 'rawResponse', '$response'])('is found in `%s`', async (place) => {
    const sdk = startSdk();
    const error = status(429, { headers: {}, [place]: { headers: noRetry } });
    await expect(run(retry('load', failing(error)))).rejects.toBe(error);
    expect(attemptsOf(sdk)).toHaveLength(1);
  });
});

describe('an abort by the caller', () => {
  it('stops an attempt at once, with the signal’s reason', async () => {
    const sdk = startSdk();
    const caller = new AbortController();
    const reason = new Error('the user left');
    const stopped = retry('load', { signal: caller.signal }, () => sleep(60_000));
    setTimeout(() => caller.abort(reason), 100);
    await expect(run(stopped)).rejects.toBe(reason);
    expect(attemptsOf(sdk)).toEqual([{ number: 1, outcome: 'aborted', backoff: 0 }]);
    expect(sdk.bottlenecks.summary().latency.maxSeconds).toBeCloseTo(0.1, 6);
  });

  it('stops a backoff at once', async () => {
    const sdk = startSdk();
    const caller = new AbortController();
    const options = { signal: caller.signal, backoffMillis: 60_000, maxBackoffMillis: 60_000 };
    const stopped = retry('load', options, failing(new Error('a')));
    const reason = new Error('the user left');
    setTimeout(() => caller.abort(reason), 100);
    await expect(run(stopped)).rejects.toBe(reason);
    expect(sdk.span('load').attributes['hotspan.attempt.count']).toBe(1);
    expect(sdk.bottlenecks.summary().latency.maxSeconds).toBeCloseTo(0.1, 6);
  });

  it('lets nothing start that was aborted before', async () => {
    const work = vi.fn();
    const signal = AbortSignal.abort();
    await expect(run(retry('load', { signal }, work))).rejects.toBe(signal.reason);
    expect(work).not.toHaveBeenCalled();
  });

  it('leaves no listener on the caller’s signal', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await run(
      retry('load', { signal, timeoutMillis: 10 }, failing(new Error('a'), new Error('b'))),
    );
    expect(added.mock.calls.length).toBeGreaterThan(0);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });

  it('puts one listener on a signal that many calls share, which all stop', async () => {
    const caller = new AbortController();
    const added = vi.spyOn(caller.signal, 'addEventListener');
    const calls = Array.from({ length: 50 }, () =>
      retry('load', { signal: caller.signal }, () => sleep(60_000)).catch(
        (error: unknown) => error,
      ),
    );
    const reason = new Error('the user left');
    setTimeout(() => caller.abort(reason), 10);
    expect(await run(Promise.all(calls))).toEqual(Array(50).fill(reason));
    expect(added).toHaveBeenCalledTimes(1);
  });

  it('does not wait for the user’s rule', async () => {
    const caller = new AbortController();
    const shouldRetry = () => new Promise<boolean>(() => undefined);
    const options = { signal: caller.signal, shouldRetry };
    const stopped = retry('load', options, failing(new Error('a')));
    const reason = new Error('the user left');
    setTimeout(() => caller.abort(reason), 10);
    await expect(run(stopped)).rejects.toBe(reason);
  });
});

describe('wrong use of retry', () => {
  const wrong = retry as unknown as (...args: unknown[]) => unknown;
  const fn = () => 1;

  it.each([
    [['load'], 'retry: expected `fn` to be a function, got undefined'],
    [
      ['load', { timeoutMillis: -5 }, fn],
      'retry: expected `timeoutMillis` to be a positive number, got -5',
    ],
    [
      ['load', { timeoutMillis: Number.NaN }, fn],
      'retry: expected `timeoutMillis` to be a positive number, got NaN',
    ],
    [
      ['load', { maxAttempts: 0 }, fn],
      'retry: expected `maxAttempts` to be a whole number of at least 1, got 0',
    ],
    [
      ['load', { backoffMillis: '1' }, fn],
      'retry: expected `backoffMillis` to be a number of at least 0, got a string',
    ],
    [
      ['load', { shouldRetry: true }, fn],
      'retry: expected `shouldRetry` to be a function, got true',
    ],
    [['load', { signal: {} }, fn], 'retry: expected `signal` to be an AbortSignal, got an object'],
    [['load', { retries: 3 }, fn], 'retry: unknown option "retries", expected one of: maxAttempts'],
  ])('is told at the call: %j', (args, message) => {
    expect(() => wrong(...args)).toThrow(message);
  });
});
