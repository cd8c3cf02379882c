import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { segment } from 'hotspan';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import { nanosOf, startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('segment', () => {
  it('records exactly one span, with attributes, kind and links', () => {
    const sdk = startSdk();
    const linked = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
    segment(
      'work',
      { attributes: { 'app.k': 5 }, kind: SpanKind.PRODUCER, links: [{ context: linked }] },
      (span) => span.setAttribute('app.more', true),
    );
    const [span, ...others] = sdk.spans();
    expect(others).toEqual([]);
    expect(span).toMatchObject({
      name: 'work',
      kind: SpanKind.PRODUCER,
      attributes: { 'app.k': 5, 'app.more': true },
      links: [{ context: linked }],
      status: { code: SpanStatusCode.UNSET },
    });
  });

  it('keeps sync sync, and types as they are', async () => {
    startSdk();
    const seven = segment('sync', () => 7);
    expectTypeOf(seven).toEqualTypeOf<number>();
    expect(seven).toBe(7);
    const promise = segment('async', async () => Promise.resolve('x'));
    expectTypeOf(promise).toEqualTypeOf<Promise<string>>();
    expect(await promise).toBe('x');
    const wrapped = <T>(fn: () => T): T => segment('generic', fn);
    expect(wrapped(() => 'y')).toBe('y');
  });

  it('passes thrown values through as the same object, and records them', () => {
    const sdk = startSdk();
    const error = new RangeError('too far');
    const thrown = (() => {
      try {
        segment('throws', () => {
          throw error;
        });
      } catch (caught) {
        return caught;
      }
      return undefined;
    })();
    expect(thrown).toBe(error);
    const span = sdk.span('throws');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'too far' });
    expect(span.attributes['error.type']).toBe('RangeError');
    expect(span.events[0]).toMatchObject({
      name: 'exception',
      attributes: { 'exception.type': 'RangeError', 'exception.message': 'too far' },
    });
  });

  it.each([
    ['an error', new Error('no'), 'Error'],
    ['a string', 'no', 'string'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object', { private: 'key' }, 'object'],
    ['a frozen error', Object.freeze(new SyntaxError('no')), 'SyntaxError'],
    [
      'an error of a class without a name',
      Object.assign(new Error('no'), { code: 'ENOENT' }),
      'ENOENT',
    ],
  ])('passes a rejection with %s through', async (_, reason, type) => {
    const sdk = startSdk();
    const rejected = segment('rejects', () => Promise.reject(reason));
    const caught: unknown = await rejected.then(
      () => 'resolved',
      (error: unknown) => ({ error }),
    );
    expect((caught as { error: unknown }).error).toBe(reason);
    expect(sdk.span('rejects').attributes['error.type']).toBe(type);
    expect(JSON.stringify(sdk.span('rejects').events)).not.toContain('key');
  });

  it.each(['http://u:p@h/x', 'see http://u:p@ss@h/x', 'postgres://u:p@h:1/x'])(
    'records no credentials of a thrown text: %s',
    (text) => {
      const sdk = startSdk();
      expect(() =>
        segment('throws', () => {
          throw text;
        }),
      ).toThrow();
      expect(JSON.stringify([sdk.span('throws').status, sdk.span('throws').events])).not.toMatch(
        /u:|p@|ss@/,
      );
    },
  );

  it('records no credentials that an address in an error holds', () => {
    const sdk = startSdk();
    const error = new TypeError('cannot fetch http://me:secret@localhost:1/page');
    expect(() =>
      segment('fetch', () => {
        throw error;
      }),
    ).toThrow(error);
    const { status, events } = sdk.span('fetch');
    expect(status.message).toBe('cannot fetch http://localhost:1/page');
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(error.message).toContain('secret');
  });

  it('keeps 256 characters of a message, or as many as one asks for, and the frames of its stack', async () => {
    const sdk = startSdk();
    const error = new Error(`${'long '.repeat(100)}\n    at the end sk-proj-${'aB3'.repeat(20)}`);
    const fail = () => Promise.reject(error);
    await expect(segment('usual', fail)).rejects.toBe(error);
    vi.stubEnv('HOTSPAN_ERROR_MESSAGE_LENGTH', '1000');
    await expect(segment('more', fail)).rejects.toBe(error);
    vi.stubEnv('HOTSPAN_ERROR_MESSAGE_LENGTH', '0');
    await expect(segment('none', fail)).rejects.toBe(error);
    vi.unstubAllEnvs();
    const { status, events } = sdk.span('usual');
    expect(status.message).toBe(`${'long '.repeat(51)}…`);
    const { 'exception.message': message, 'exception.stacktrace': stack } = events[0]!.attributes!;
    expect(message).toBe(status.message);
    expect(stack).toMatch(/^Error: (?:long ){51}…\n {4}at .*segment\.test\.ts/);
    expect(stack).not.toMatch(/the end|sk-/);
    expect(sdk.span('more').status.message).toBe(`${'long '.repeat(100)}\n    at the end {secret}`);
    expect(sdk.span('none').status.message).toBe('');
    expect(JSON.stringify(sdk.span('none').events)).not.toContain('long');
  });

  it('has no secrets in its name, and no name without end', () => {
    const sdk = startSdk();
    segment('GET https://u:pw@host/x?key=1', () => undefined);
    segment(`answer ${'x'.repeat(200_000)}`, () => undefined);
    expect(sdk.spans().map(({ name }) => name)).toEqual([
      'GET https://host/x?{query}',
      `answer ${'x'.repeat(992)}…`,
    ]);
  });

  it('passes an error through whose properties throw', () => {
    const sdk = startSdk();
    const error = new Error('hidden');
    Object.defineProperty(error, 'message', {
      get() {
        throw new Error('from the getter');
      },
    });
    let caught: unknown;
    try {
      segment('odd', () => {
        throw error;
      });
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught === error).toBe(true);
    expect(sdk.span('odd').status.code).toBe(SpanStatusCode.ERROR);
  });

  it('nests across await, in parallel branches, timers and async generators', async () => {
    const sdk = startSdk();
    async function* pages() {
      for (const page of [1, 2]) {
        await segment(`page ${page}`, turn);
        yield page;
      }
    }
    await segment('root', async () => {
      await turn();
      await Promise.all([
        segment('left', async () => {
          await turn();
          await segment('left child', turn);
        }),
        segment('right', async () => {
          await segment('right child', turn);
        }),
      ]);
      await segment(
        'timer',
        () => new Promise((resolve) => setTimeout(() => resolve(segment('in timer', () => 1)), 1)),
      );
      for await (const page of pages()) segment(`use ${page}`, () => page);
    });
    const parents = Object.fromEntries(sdk.spans().map(({ name }) => [name, sdk.parentName(name)]));
    expect(parents).toEqual({
      root: undefined,
      left: 'root',
      right: 'root',
      'left child': 'left',
      'right child': 'right',
      timer: 'root',
      'in timer': 'timer',
      'page 1': 'root',
      'page 2': 'root',
      'use 1': 'root',
      'use 2': 'root',
    });
  });

  it('leaves the context as it was', async () => {
    startSdk();
    const before = context.active();
    await segment('a', async () => segment('b', turn));
    expect(context.active()).toBe(before);
    expect(trace.getActiveSpan()).toBeUndefined();
  });

  it('never lets a child seem to start before or end after its parent', async () => {
    const sdk = startSdk();
    for (let round = 0; round < 200; round += 1) {
      await segment(`parent ${round}`, async () => {
        segment(`child ${round}`, () => undefined);
        await segment(`async child ${round}`, async () => Promise.resolve());
      });
    }
    for (let round = 0; round < 200; round += 1) {
      const parent = sdk.span(`parent ${round}`);
      for (const child of [sdk.span(`child ${round}`), sdk.span(`async child ${round}`)]) {
        expect(nanosOf(child.startTime)).toBeGreaterThanOrEqual(nanosOf(parent.startTime));
        expect(nanosOf(child.endTime)).toBeLessThanOrEqual(nanosOf(parent.endTime));
      }
    }
    // Not the SDK's own start times, which are whole milliseconds.
    const fractions = sdk.spans().map(({ startTime }) => startTime[1] % 1_000_000);
    expect(fractions.some((nanos) => nanos !== 0)).toBe(true);
  });

  it('does not end a span twice that the user ended', () => {
    const sdk = startSdk();
    segment('ended', (span) => span.end());
    expect(sdk.spans()).toHaveLength(1);
  });

  it('gives back a value that does not let itself be asked for `then`', () => {
    startSdk();
    const strict = new Proxy(
      {},
      {
        get() {
          throw new Error('no such property');
        },
      },
    );
    expect(segment('strict', () => strict) === strict).toBe(true);
  });

  it.each([true, false])(
    'gives the same kind of promise whether or not it is recorded: %s',
    async (isRecorded) => {
      startSdk(isRecorded ? {} : { sampler: new AlwaysOffSampler() });
      class Request extends Promise<string> {}
      const result = segment('request', () => Request.resolve('page'));
      expect(result.constructor).toBe(Promise);
      expect(await result).toBe('page');
    },
  );

  it('waits for a thenable, and asks it once', async () => {
    const sdk = startSdk();
    let asked = 0;
    const lazy = {
      then(resolve: (value: string) => void) {
        asked += 1;
        resolve('rows');
      },
    };
    expect(await segment('query', () => lazy as unknown as Promise<string>)).toBe('rows');
    expect(asked).toBe(1);
    expect(sdk.span('query')).toBeDefined();
  });
});

describe('segment without spans', () => {
  it('works when no SDK is registered', async () => {
    expect(segment('sync', (span) => span.isRecording())).toBe(false);
    expect(await segment('async', () => Promise.resolve(2))).toBe(2);
    const error = new Error('same');
    await expect(segment('fails', () => Promise.reject(error))).rejects.toBe(error);
  });

  it('passes the context on when the trace is sampled out', () => {
    const sdk = startSdk({ sampler: new AlwaysOffSampler() });
    const [outer, inner] = segment('outer', (span) => [
      span.spanContext().traceId,
      segment('inner', (child) => child.spanContext().traceId),
    ]);
    expect(inner).toBe(outer);
    expect(sdk.spans()).toEqual([]);
    expect(sdk.bottlenecks.summary().traces.analyzed).toBe(0);
  });

  it.each(['onStart', 'onEnd'] as const)('runs although a processor throws in %s', (method) => {
    const broken: SpanProcessor = {
      onStart: () => undefined,
      onEnd: () => undefined,
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
      [method]: () => {
        throw new Error('broken processor');
      },
    };
    startSdk({ processors: [broken] });
    expect(segment('work', () => 'done')).toBe('done');
  });
});

describe('wrong use of segment', () => {
  const wrong = segment as unknown as (...args: unknown[]) => unknown;
  const fn = () => undefined;

  it.each([
    [[], 'segment: expected `name` to be a non-empty string, got undefined'],
    [['', fn], 'segment: expected `name` to be a non-empty string, got ""'],
    [[7, fn], 'segment: expected `name` to be a non-empty string, got 7'],
    [['a'], 'segment: expected `fn` to be a function, got undefined'],
    [['a', {}], 'segment: expected `fn` to be a function, got undefined'],
    [['a', 'options', fn], 'segment: expected the options to be an object, got a string'],
    [
      ['a', { attributes: 'x' }, fn],
      'segment: expected `attributes` to be an object, got a string',
    ],
    [['a', { kind: 'client' }, fn], 'segment: expected `kind` to be a SpanKind, got a string'],
    [['a', { kind: 7 }, fn], 'segment: expected `kind` to be a SpanKind, got 7'],
    [
      ['a', { links: {} }, fn],
      'segment: expected `links` to be a list of objects with a `context`',
    ],
    [['a', { links: [null] }, fn], 'segment: expected `links` to be a list of objects'],
    [
      ['a', { attribute: {} }, fn],
      'segment: unknown option "attribute", expected one of: attributes, kind, links',
    ],
  ])('is told at the call: %j', (args, message) => {
    expect(() => wrong(...args)).toThrow(message);
  });
});
