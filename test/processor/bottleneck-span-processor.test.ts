import {
  context,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { retry, segment } from 'hotspan';
import { BottleneckSpanProcessor, type BottleneckOptions, type SdkSpan } from 'hotspan/processor';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fakeClock, run, sleep } from '../support/clock.js';
import { shareOf } from '../../src/processor/trace-choice.js';
import { startSdk, stopSdkAfterEach, type Sdk } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();
afterEach(() => {
  vi.restoreAllMocks();
});

const tracer = () => trace.getTracer('test');
const spanIn = (parent: Context, name: string) => tracer().startSpan(name, {}, parent);

/**
 * The SDK with both clocks in the test's hand: milliseconds since the epoch with a fraction, and the
 * system's clock, which is off from them by `shift` and shows whole milliseconds.
 */
function startSdkOnClock(shift = 0) {
  vi.useRealTimers();
  const clock = { millis: performance.timeOrigin + 1_000.7 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.millis - performance.timeOrigin);
  vi.spyOn(Date, 'now').mockImplementation(() => Math.floor(clock.millis + shift));
  return { sdk: startSdk(), clock };
}

function hrTime(millis: number): [number, number] {
  return [Math.trunc(millis / 1000), Math.round((millis % 1000) * 1e6)];
}

function rowsOf(sdk: Sdk) {
  return Object.fromEntries(sdk.bottlenecks.summary().bottlenecks.map((row) => [row.name, row]));
}

describe('BottleneckSpanProcessor', () => {
  it('ranks a trace when its local root ends, by critical time', async () => {
    const sdk = startSdk();
    await run(
      segment('answer', async () => {
        await Promise.all([segment('search', () => sleep(30)), segment('search', () => sleep(50))]);
        await segment('write', () => sleep(100));
        expect(sdk.bottlenecks.summary().bottlenecks).toEqual([]);
      }),
    );
    const summary = sdk.bottlenecks.summary();
    expect(summary).toMatchObject({
      rankedBy: 'critical',
      observedSeconds: 0.15,
      traces: { analyzed: 1, incomplete: 0, evicted: 0 },
      spans: { analyzed: 4, late: 0, dropped: 0 },
    });
    const { write, search, answer } = rowsOf(sdk);
    expect(write?.criticalSeconds).toBeCloseTo(0.1, 9);
    expect(write?.criticalShare).toBeCloseTo(2 / 3, 9);
    expect(search).toMatchObject({ rank: 2, calls: 2 });
    expect(search?.criticalSeconds).toBeCloseTo(0.05, 9);
    expect(search?.selfSeconds).toBeCloseTo(0.08, 9);
    expect(answer?.criticalSeconds).toBeCloseTo(0, 9);
  });

  it('reads the clock once for a span of others: at its start the SDK has', () => {
    startSdkOnClock();
    const now = vi.spyOn(performance, 'now');
    const readings = (started: Tracer) => {
      now.mockClear();
      started.startSpan('root').end();
      return now.mock.calls.length;
    };
    const bare = new NodeTracerProvider().getTracer('bare');
    // The first may have to follow the system's clock.
    readings(tracer());
    expect(readings(tracer())).toBe(readings(bare) + 1);
  });

  it('reads no clock for a span of others that took microseconds', () => {
    const { sdk, clock } = startSdkOnClock();
    const now = vi.spyOn(performance, 'now');
    const readings = (started: Tracer) => {
      now.mockClear();
      const span = started.startSpan('short');
      clock.millis += 0.004;
      span.end();
      return now.mock.calls.length;
    };
    readings(tracer());
    expect(readings(tracer())).toBe(readings(new NodeTracerProvider().getTracer('bare')));
    expect(rowsOf(sdk).short?.maxSeconds).toBeCloseTo(0.000004, 6);
  });

  it('does not believe a short span that ends after the present', () => {
    const { sdk, clock } = startSdkOnClock();
    const root = tracer().startSpan('root');
    clock.millis += 0.5;
    const child = tracer().startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, root));
    // The fraction of a millisecond that its start time has lost looks like a duration.
    child.end(hrTime(clock.millis));
    root.end();
    expect(rowsOf(sdk).root?.maxSeconds).toBeCloseTo(0.0005, 8);
    expect(rowsOf(sdk).child?.criticalSeconds).toBeLessThanOrEqual(0.0005);
  });

  it('stamps spans of others on the monotonic clock, though their start times are floored', () => {
    const { sdk, clock } = startSdkOnClock();
    const root = tracer().startSpan('root');
    clock.millis += 0.25;
    const child = tracer().startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, root));
    clock.millis += 0.5;
    child.end();
    root.end();
    expect(sdk.span('child').startTime[1] % 1_000_000).toBe(0);
    expect(rowsOf(sdk).child?.maxSeconds).toBeCloseTo(0.0005, 9);
    expect(rowsOf(sdk).root?.selfSeconds).toBeCloseTo(0.00025, 9);
  });

  it('keeps the duration of a span that is written when it is over', () => {
    const { sdk, clock } = startSdkOnClock();
    const root = tracer().startSpan('root');
    clock.millis += 10;
    const end = clock.millis - 0.3;
    tracer()
      .startSpan('query', { startTime: hrTime(end - 1.5) }, trace.setSpan(ROOT_CONTEXT, root))
      .end(hrTime(end));
    root.end();
    expect(rowsOf(sdk).query?.maxSeconds).toBeCloseTo(0.0015, 6);
    expect(rowsOf(sdk).query?.criticalSeconds).toBeCloseTo(0.0015, 6);
  });

  it('keeps the place of a span that is written when it is over, in whole milliseconds', () => {
    const { sdk, clock } = startSdkOnClock();
    clock.millis = Math.ceil(clock.millis) + 0.2;
    const root = tracer().startSpan('root');
    const from = Date.now();
    clock.millis += 1.5;
    const until = Date.now();
    tracer().startSpan('query', { startTime: from }, trace.setSpan(ROOT_CONTEXT, root)).end(until);
    root.end();
    // 1.5 ms are 1 ms in whole milliseconds; it is where it was, and it is all waited for.
    expect(rowsOf(sdk).query?.maxSeconds).toBeCloseTo(0.001, 6);
    expect(rowsOf(sdk).query?.criticalSeconds).toBeCloseTo(0.001, 6);
  });

  it('does not lose the end of a span that is ended with Date.now()', () => {
    const { sdk, clock } = startSdkOnClock();
    const root = tracer().startSpan('root');
    clock.millis += 0.1;
    segment('before', () => undefined);
    context.with(trace.setSpan(ROOT_CONTEXT, root), () => {
      segment('child', () => {
        clock.millis += 1.4;
      });
    });
    root.end(Date.now());
    expect(rowsOf(sdk).child?.criticalSeconds).toBeCloseTo(0.0014, 6);
  });

  it.each([-1.9, -1.1, 0, 1.1, 1.9])(
    'is precise when the system’s clock is off by %d ms from the monotonic one',
    (shift) => {
      const { sdk, clock } = startSdkOnClock(shift);
      for (let round = 0; round < 20; round += 1) {
        clock.millis += 0.37;
        segment('half a millisecond', () => {
          clock.millis += 0.5;
        });
      }
      expect(rowsOf(sdk)['half a millisecond']?.p50Seconds).toBeCloseTo(0.0005, 6);
      expect(rowsOf(sdk)['half a millisecond']?.maxSeconds).toBeCloseTo(0.0005, 6);
    },
  );

  it('keeps times that the caller set', () => {
    const sdk = startSdk();
    const now = Date.now();
    const root = tracer().startSpan('queued', { startTime: now - 5_000 });
    tracer()
      .startSpan('waiting', { startTime: now - 5_000 }, trace.setSpan(ROOT_CONTEXT, root))
      .end(now - 1_000);
    root.end();
    expect(rowsOf(sdk).queued?.maxSeconds).toBeCloseTo(5, 3);
    expect(rowsOf(sdk).waiting?.criticalSeconds).toBeCloseTo(4, 3);
  });

  it('is not misled when the system’s clock is set back meanwhile', async () => {
    const sdk = startSdk();
    await run(
      segment('root', async () => {
        await sleep(100);
        vi.setSystemTime(Date.now() - 3_600_000);
        await segment('after', () => sleep(50));
      }),
    );
    const { root, after } = rowsOf(sdk);
    expect(root?.maxSeconds).toBeGreaterThanOrEqual(0.1);
    expect(after?.maxSeconds).toBeCloseTo(0.05, 6);
  });

  it('takes a span with a remote parent for a local root', () => {
    const sdk = startSdk();
    const remote = {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags: 1,
      isRemote: true,
    };
    context.with(trace.setSpanContext(ROOT_CONTEXT, remote), () => {
      segment('served', () => segment('inner', () => 1));
    });
    expect(sdk.bottlenecks.summary().latency.count).toBe(1);
  });

  it('knows a parent that the context holds by its ids alone', async () => {
    const sdk = startSdk();
    await run(
      segment('root', async (root) => {
        const ids = trace.setSpanContext(ROOT_CONTEXT, root.spanContext());
        await context.with(ids, () => segment('child', () => sleep(10)));
      }),
    );
    expect(rowsOf(sdk).child?.criticalSeconds).toBeCloseTo(0.01, 9);
    expect(sdk.bottlenecks.summary().latency.count).toBe(1);
  });

  it('counts errors by type, also those of others who give none', () => {
    const sdk = startSdk();
    const span = tracer().startSpan('foreign');
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    const { errors, totals } = sdk.bottlenecks.summary();
    expect(errors).toMatchObject([{ type: '_OTHER', segment: 'foreign', count: 1 }]);
    expect(totals.successRate).toBe(0);
  });
});

describe('parents that are not at hand', () => {
  const byIds = (span: Span) => trace.setSpanContext(ROOT_CONTEXT, span.spanContext());

  it('are found in every local root of a trace', () => {
    const sdk = startSdk();
    const remote = {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags: 1,
      isRemote: true,
    };
    const served = trace.setSpanContext(ROOT_CONTEXT, remote);
    const [first, second] = [spanIn(served, 'first'), spanIn(served, 'second')];
    spanIn(byIds(first), 'in first').end();
    spanIn(byIds(second), 'in second').end();
    for (const span of [first, second]) span.end();
    expect(sdk.bottlenecks.summary()).toMatchObject({
      latency: { count: 2 },
      spans: { analyzed: 4, late: 0, dropped: 0 },
    });
  });

  it('are below the local root, when another provider has them', () => {
    const sdk = startSdk();
    const root = tracer().startSpan('root');
    const elsewhere = { ...root.spanContext(), spanId: 'f'.repeat(16) };
    spanIn(trace.setSpanContext(ROOT_CONTEXT, elsewhere), 'child').end();
    root.end();
    expect(sdk.bottlenecks.summary().latency.count).toBe(1);
  });
});

describe('what is done twice', () => {
  const llm = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
  const usage = { ...llm, 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.cost': 0.5 };

  /** What the SDK recorded of a model call, and of another span inside it. */
  function modelCalls(outer: Attributes, inner: Attributes): Sdk {
    const sdk = startSdk();
    const call = tracer().startSpan('call', { attributes: outer });
    tracer().startSpan('inside', { attributes: inner }, trace.setSpan(ROOT_CONTEXT, call)).end();
    call.end();
    return sdk;
  }

  it('counts once, when another instrumentation reports the same model call inside', () => {
    const sdk = modelCalls(usage, usage);
    const { totals, models } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, inputTokens: 10, costUsd: 0.5, unpricedCalls: 0 });
    expect(models).toMatchObject([{ calls: 1, costUsd: 0.5 }]);
    expect(Object.keys(rowsOf(sdk))).toEqual(['chat gpt-4o']);
  });

  it('counts as two calls, when the model inside is another', () => {
    const guard = { ...usage, 'gen_ai.request.model': 'gpt-4o-mini' };
    const { totals, models } = modelCalls(usage, guard).bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 2, inputTokens: 20, costUsd: 1 });
    expect(models.map(({ model }) => model)).toEqual(['gpt-4o', 'gpt-4o-mini']);
  });

  it('counts once, when one of the two knows the version of the model', () => {
    const version = { ...usage, 'gen_ai.response.model': 'gpt-4o-2024-08-06' };
    const { totals } = modelCalls(usage, version).bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, costUsd: 0.5 });
  });

  it('counts what is inside, when the call around it knows no usage', () => {
    const { totals } = modelCalls(llm, usage).bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, unpricedCalls: 0, inputTokens: 10, costUsd: 0.5 });
  });

  it('is wasted once in all, when a retry fails inside a failed attempt of another', async () => {
    const sdk = startSdk();
    const fail = async () => {
      await sleep(100);
      throw new Error('no');
    };
    const options = { maxAttempts: 2, backoffMillis: 0 };
    await run(retry('outer', options, () => retry('inner', options, fail))).catch(() => undefined);
    expect(rowsOf(sdk).inner?.wastedSeconds).toBeCloseTo(0.4, 6);
    expect(rowsOf(sdk).outer?.wastedSeconds).toBeCloseTo(0.4, 6);
    expect(sdk.bottlenecks.summary().totals.wastedSeconds).toBeCloseTo(0.4, 6);
  });

  it('counts once, when the processor is registered twice', () => {
    const bottlenecks = new BottleneckSpanProcessor();
    startSdk({ processors: [bottlenecks, bottlenecks] });
    segment('root', () => segment('child', () => 1));
    expect(bottlenecks.summary()).toMatchObject({
      traces: { analyzed: 1, incomplete: 0 },
      spans: { analyzed: 2, late: 0, dropped: 0 },
    });
  });
});

describe('what comes after its local root', () => {
  it('is cut there while it still runs, and its call counts when it ends', async () => {
    const sdk = startSdk();
    let background: Promise<void> | undefined;
    const done = segment('root', async () => {
      background = segment('background', () => sleep(500));
      await segment('work', () => sleep(100));
    });
    await vi.advanceTimersByTimeAsync(200);
    await done;
    expect(rowsOf(sdk).background).toMatchObject({
      calls: 0,
      criticalSeconds: 0,
      selfSeconds: 0.1,
    });
    expect(rowsOf(sdk).work?.criticalSeconds).toBeCloseTo(0.1, 9);
    expect(sdk.bottlenecks.summary().traces.incomplete).toBe(1);

    await run(background!);
    expect(rowsOf(sdk).background).toMatchObject({ calls: 1, criticalSeconds: 0 });
    expect(rowsOf(sdk).background?.totalSeconds).toBeCloseTo(0.5, 9);
    expect(sdk.bottlenecks.summary().spans).toEqual({ analyzed: 2, late: 1, dropped: 0 });
  });

  it('has self time and no critical time when it starts afterwards', async () => {
    const sdk = startSdk();
    const afterwards = () => {
      void segment('afterwards', async () => {
        await sleep(30);
        await segment('below', () => sleep(20));
      });
    };
    await run(
      segment('root', async () => {
        // Real timers keep the context; the fake ones do not.
        setTimeout(context.bind(context.active(), afterwards), 100);
        await sleep(10);
      }),
    );
    expect(rowsOf(sdk).afterwards).toMatchObject({ calls: 1, criticalSeconds: 0 });
    expect(rowsOf(sdk).afterwards?.selfSeconds).toBeCloseTo(0.03, 9);
    expect(rowsOf(sdk).below?.selfSeconds).toBeCloseTo(0.02, 9);
    const { latency, spans, traces } = sdk.bottlenecks.summary();
    expect(latency.count).toBe(1);
    expect(traces.analyzed).toBe(1);
    expect(spans).toEqual({ analyzed: 1, late: 2, dropped: 0 });
  });

  it('keeps an attempt with its operation', async () => {
    const sdk = startSdk();
    let load: Promise<number> | undefined;
    await run(
      segment('root', async () => {
        load = retry('load', { backoffMillis: 1_000 }, async ({ attempt }) => {
          await sleep(100);
          if (attempt === 1) throw new Error('again');
          return attempt;
        });
        await sleep(10);
      }),
    );
    await load;
    expect(rowsOf(sdk).load).toMatchObject({ calls: 1, attempts: 2, retries: 1 });
    expect(Object.keys(rowsOf(sdk)).sort()).toEqual(['load', 'root']);
  });
});

describe('within its limits', () => {
  it('gives up a trace when too many are open, chosen by its id, and counts its spans', () => {
    const sdk = startSdk({ bottlenecks: { maxTraces: 2 } });
    const roots = ['a', 'b', 'c'].map((name) => tracer().startSpan(name));
    const shares = roots.map((root) => shareOf(root.spanContext().traceId));
    const chosen = shares.indexOf(Math.max(...shares));
    spanIn(trace.setSpan(ROOT_CONTEXT, roots[chosen]!), 'child').end();
    for (const root of roots) root.end();
    const summary = sdk.bottlenecks.summary();
    expect(summary.traces).toEqual({ analyzed: 2, incomplete: 0, evicted: 1, replayed: 2 });
    expect(summary.spans).toEqual({ analyzed: 2, late: 0, dropped: 2 });
    const name = ['a', 'b', 'c'][chosen]!;
    expect(rowsOf(sdk)[name]).toMatchObject({ calls: 1, criticalSeconds: 0 });
  });

  it('keeps as many spans of a trace as it may, and calls and cost of the others', () => {
    const sdk = startSdk({ bottlenecks: { maxSpansPerTrace: 3 } });
    const root = tracer().startSpan('root');
    const inRoot = trace.setSpan(ROOT_CONTEXT, root);
    const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.cost': 0.5 };
    for (let call = 0; call < 5; call += 1) {
      tracer().startSpan('chat', { attributes }, inRoot).end();
    }
    root.end();
    const summary = sdk.bottlenecks.summary();
    expect(summary.traces).toEqual({ analyzed: 1, incomplete: 1, evicted: 0, replayed: 1 });
    expect(summary.spans).toEqual({ analyzed: 3, late: 0, dropped: 3 });
    expect(rowsOf(sdk).chat).toMatchObject({ calls: 5, costUsd: 2.5 });
  });

  it('gives up traces when all together hold too many spans', () => {
    const sdk = startSdk({ bottlenecks: { maxSpans: 4 } });
    const roots = ['a', 'b', 'c'].map((name) => tracer().startSpan(name));
    for (const root of roots) spanIn(trace.setSpan(ROOT_CONTEXT, root), 'child').end();
    for (const root of roots) root.end();
    const { traces, spans } = sdk.bottlenecks.summary();
    expect(traces.analyzed + traces.evicted).toBe(3);
    expect(traces.evicted).toBeGreaterThan(0);
    expect(spans.analyzed + spans.dropped).toBe(6);
    expect(rowsOf(sdk).child).toMatchObject({ calls: 3 });
  });

  it('folds an attempt beyond the limits into its operation as well', () => {
    const sdk = startSdk({ bottlenecks: { maxSpansPerTrace: 1 } });
    const root = tracer().startSpan('load');
    const attributes = { 'hotspan.attempt.number': 1, 'hotspan.attempt.outcome': 'success' };
    tracer().startSpan('load attempt', { attributes }, trace.setSpan(ROOT_CONTEXT, root)).end();
    root.end();
    expect(rowsOf(sdk).load).toMatchObject({ calls: 1, attempts: 1 });
    expect(rowsOf(sdk)['load attempt']).toBeUndefined();
  });

  it('says of every span that ended where it went, whatever the traces and limits', () => {
    const step = fc.record({
      action: fc.constantFrom('root', 'child', 'child', 'end'),
      at: fc.nat(),
    });
    const limit = fc.integer({ min: 1, max: 6 });
    const limits = fc.record({ maxTraces: limit, maxSpansPerTrace: limit, maxSpans: limit });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), limits, (steps, options) => {
        trace.disable();
        const sdk = startSdk({ bottlenecks: options });
        const spans: ReturnType<typeof spanIn>[] = [];
        for (const { action, at } of steps) {
          const chosen = spans[at % Math.max(1, spans.length)];
          if (action === 'end') chosen?.end();
          else if (action === 'root' || chosen === undefined)
            spans.push(tracer().startSpan('root'));
          else spans.push(spanIn(trace.setSpan(ROOT_CONTEXT, chosen), 'child'));
        }
        for (const span of spans) span.end();
        const summary = sdk.bottlenecks.summary();
        const { analyzed, late, dropped } = summary.spans;
        expect(analyzed + late + dropped).toBe(spans.length);
        const calls = summary.bottlenecks.reduce((sum, row) => sum + row.calls, 0);
        expect(calls).toBe(spans.length);
        const critical = summary.bottlenecks.reduce((sum, row) => sum + row.criticalSeconds, 0);
        expect(critical).toBeCloseTo(summary.latency.totalSeconds, 9);
      }),
      { numRuns: 300 },
    );
  });
});

describe('fed with garbage', () => {
  it.each([
    ['nothing', undefined],
    ['an empty object', {}],
    ['a frozen object', Object.freeze({ spanContext: () => ({ traceId: 't', spanId: 's' }) })],
    [
      'a span whose attributes throw',
      {
        spanContext: () => {
          throw new Error('no');
        },
      },
    ],
  ])('does not throw, and counts it: %s', (_, garbage) => {
    const bottlenecks = new BottleneckSpanProcessor();
    bottlenecks.onStart(garbage as unknown as SdkSpan, ROOT_CONTEXT);
    bottlenecks.onEnd(garbage as unknown as SdkSpan);
    expect(bottlenecks.summary().warnings).toEqual([
      'a span could not be read and was left out (2 times)',
    ]);
  });

  it('takes the time of the call for times that are no numbers', () => {
    const bottlenecks = new BottleneckSpanProcessor();
    const span = {
      name: 'odd',
      kind: 99,
      startTime: [Number.NaN, 0],
      endTime: ['x', 'y'],
      status: { code: 0 },
      attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.cost': Number.NaN },
      spanContext: () => ({ traceId: 't', spanId: 's', traceFlags: 1 }),
    } as unknown as SdkSpan;
    bottlenecks.onStart(span, ROOT_CONTEXT);
    bottlenecks.onEnd(span);
    bottlenecks.onEnd(span);
    const { spans, bottlenecks: rows, warnings } = bottlenecks.summary();
    expect(spans.analyzed).toBe(1);
    expect(rows).toMatchObject([{ name: 'odd', calls: 1, totalSeconds: 0 }]);
    expect(warnings).toHaveLength(2);
  });

  it('counts a span that it did not see start', () => {
    const sdk = startSdk();
    const span = tracer().startSpan('early');
    const late = new BottleneckSpanProcessor();
    late.onEnd(span as unknown as SdkSpan);
    expect(late.summary().spans.dropped).toBe(1);
    expect(sdk.bottlenecks.summary().spans.dropped).toBe(0);
  });
});

describe('at the end', () => {
  it('keeps its summary after shutdown, and takes nothing more', async () => {
    const sdk = startSdk();
    segment('before', () => 1);
    await sdk.bottlenecks.forceFlush();
    await sdk.bottlenecks.shutdown();
    segment('after', () => 1);
    expect(Object.keys(rowsOf(sdk))).toEqual(['before']);
  });
});

describe('traces that are open at the end', () => {
  it('are evicted and counted, with the calls and the cost of what had ended', async () => {
    const sdk = startSdk();
    const root = tracer().startSpan('worker');
    const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.cost': 0.5 };
    tracer().startSpan('chat', { attributes }, trace.setSpan(ROOT_CONTEXT, root)).end();
    await sdk.bottlenecks.shutdown();
    expect(sdk.bottlenecks.summary()).toMatchObject({
      traces: { analyzed: 0, evicted: 1 },
      spans: { dropped: 1 },
      totals: { llmCalls: 1, costUsd: 0.5 },
    });
  });
});

describe('a trace that cannot be read', () => {
  it('is let go at the end all the same', async () => {
    const bottlenecks = new BottleneckSpanProcessor();
    const ids = (spanId: string) => () => ({ traceId: 't', spanId, traceFlags: 1 });
    const base = { kind: 0, startTime: [1, 0], endTime: [1, 0], status: { code: 0 }, links: [] };
    const root = {
      ...base,
      name: 'root',
      spanContext: ids('r'),
      get attributes() {
        throw new Error('no');
      },
    } as unknown as SdkSpan & Span;
    const attempt = {
      ...base,
      name: 'root attempt',
      attributes: { 'hotspan.attempt.number': 1 },
      parentSpanContext: ids('r')(),
      spanContext: ids('a'),
    } as unknown as SdkSpan;
    bottlenecks.onStart(root, ROOT_CONTEXT);
    bottlenecks.onStart(attempt, trace.setSpan(ROOT_CONTEXT, root));
    bottlenecks.onEnd(attempt);
    await bottlenecks.shutdown();
    expect(bottlenecks.summary().traces.evicted).toBe(1);
    expect(bottlenecks.summary().spans.dropped).toBe(1);
  });
});

describe('wrong options', () => {
  it.each([
    [{ maxTraces: 0 }, '`maxTraces` to be a whole number of at least 1, got 0'],
    [{ maxSpans: 1.5 }, '`maxSpans` to be a whole number of at least 1, got 1.5'],
    [
      { rankBy: 'speed' },
      '`rankBy` to be one of critical, saving, self, total, p95, cost, waste, got a string',
    ],
    [{ fold: 'no' }, '`fold` to be true or false, got a string'],
    [{ limit: 3 }, 'unknown option "limit"'],
    ['fast', 'expected the options to be an object, got a string'],
  ])('are told at once: %j', (options, message) => {
    expect(() => new BottleneckSpanProcessor(options as BottleneckOptions)).toThrow(message);
  });
});
