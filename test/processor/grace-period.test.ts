import { context, ROOT_CONTEXT, trace, type Span } from '@opentelemetry/api';
import { segment } from 'hotspan';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach, type Sdk } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();

const startSpan = (name: string, parent?: Span) =>
  trace
    .getTracer('test')
    .startSpan(name, {}, parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT);
const pass = (millis: number) => vi.advanceTimersByTime(millis);

function figures({ bottlenecks }: Sdk) {
  const { traces, spans, bottlenecks: rows, latency, lateSegments } = bottlenecks.summary();
  const calls = Object.fromEntries(rows.map((row) => [row.name, row.calls]));
  const critical = rows.reduce((sum, row) => sum + row.criticalSeconds, 0);
  expect(critical).toBeCloseTo(latency.totalSeconds, 9);
  return { traces, spans, calls, latency, lateSegments };
}

/** A request whose handler still runs when the response has been sent. */
function request() {
  const root = startSpan('request');
  const handler = startSpan('handler', root);
  pass(20);
  root.end();
  return { root, handler };
}

describe('spans that end shortly after their local root', () => {
  //  request    |--------------------|
  //  . handler  |---------------------------|
  it('belong to it, and its own interval bounds the critical path', async () => {
    const sdk = startSdk();
    const request = segment('request', async () => {
      void segment('handler', () => sleep(70));
      await sleep(20);
    });
    await run(request);
    expect(figures(sdk)).toMatchObject({
      traces: { analyzed: 1, incomplete: 0 },
      spans: { analyzed: 2, late: 0 },
      calls: { request: 1, handler: 1 },
      latency: { totalSeconds: 0.02 },
    });
    expect(figures(sdk).lateSegments).toBeUndefined();
  });

  it('may have started meanwhile, below a span of the trace', () => {
    const sdk = startSdk();
    const { root, handler } = request();
    const log = startSpan('log', root);
    handler.end();
    pass(90);
    log.end();
    expect(figures(sdk)).toMatchObject({ traces: { incomplete: 0 }, spans: { analyzed: 3 } });
  });

  it('are waited for at most a tenth of a second', () => {
    const sdk = startSdk();
    const { handler } = request();
    pass(101);
    handler.end();
    expect(figures(sdk)).toMatchObject({
      traces: { analyzed: 1, incomplete: 1 },
      spans: { analyzed: 1, late: 1 },
      lateSegments: [{ segment: 'handler', service: 'test', count: 1 }],
    });
  });

  it('are not waited for by a summary, a reset or a shutdown', async () => {
    const sdk = startSdk();
    request();
    expect(figures(sdk).traces).toMatchObject({ analyzed: 1, incomplete: 1 });
    const { handler } = request();
    sdk.bottlenecks.reset();
    handler.end();
    expect(figures(sdk)).toMatchObject({ traces: { analyzed: 0 }, spans: { late: 1 } });
    request();
    await sdk.bottlenecks.shutdown();
    expect(figures(sdk).traces).toMatchObject({ analyzed: 1, incomplete: 1, evicted: 0 });
  });

  it('are not waited for beyond the limits, and then nothing is evicted for them', () => {
    const sdk = startSdk({ bottlenecks: { maxTraces: 2 } });
    const handlers = Array.from({ length: 5 }, () => request().handler);
    for (const handler of handlers) handler.end();
    expect(figures(sdk)).toMatchObject({
      traces: { analyzed: 5, incomplete: 3, evicted: 0 },
      spans: { analyzed: 7, late: 3 },
    });
  });

  it('cost traces whose spans have ended no timer, and all others one', () => {
    const sdk = startSdk({ exported: false });
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const root = startSpan('root');
    startSpan('child', root).end();
    root.end();
    expect(timers).not.toHaveBeenCalled();
    const handlers = [request().handler, request().handler];
    expect(timers).toHaveBeenCalledTimes(1);
    for (const handler of handlers) handler.end();
    pass(1_000);
    expect(timers).toHaveBeenCalledTimes(1);
    expect(figures(sdk).traces).toMatchObject({ analyzed: 3, incomplete: 0 });
    timers.mockRestore();
  });

  it('are each waited for since the end of their own local root', () => {
    const sdk = startSdk();
    const first = request();
    pass(60);
    const second = request();
    // The first has waited for 105 ms, the second for 25 ms.
    pass(25);
    for (const { handler } of [first, second]) handler.end();
    expect(figures(sdk)).toMatchObject({ traces: { incomplete: 1 }, spans: { late: 1 } });
  });

  it('lose nothing, whatever ends when', () => {
    const step = fc.record({
      action: fc.constantFrom('root', 'child', 'child', 'end', 'end', 'pass', 'summary'),
      at: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        trace.disable();
        context.disable();
        const sdk = startSdk({ exported: false });
        const spans: Span[] = [];
        for (const { action, at } of steps) {
          const chosen = spans[at % Math.max(1, spans.length)];
          if (action === 'pass') pass(at % 80);
          else if (action === 'summary') sdk.bottlenecks.summary();
          else if (action === 'end') chosen?.end();
          else spans.push(startSpan(action, action === 'root' ? undefined : chosen));
        }
        for (const span of spans) span.end();
        pass(1_000);
        const { spans: counts, calls } = figures(sdk);
        expect(counts.analyzed + counts.late).toBe(spans.length);
        expect(counts.dropped).toBe(0);
        expect((calls.root ?? 0) + (calls.child ?? 0)).toBe(spans.length);
      }),
      { numRuns: 300 },
    );
  });
});
