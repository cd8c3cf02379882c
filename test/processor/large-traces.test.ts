import { ROOT_CONTEXT, trace, type Span } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { heapGrowth } from '../support/heap.js';
import { startSdk, stopSdkAfterEach, type Sdk } from '../support/sdk.js';

stopSdkAfterEach();
afterEach(() => {
  vi.restoreAllMocks();
});

const CHILDREN = 12_000;

const startSpan = (name: string, parent?: Span) =>
  trace
    .getTracer('test')
    .startSpan(name, {}, parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT);

/** A local root that has ended, and some of its children that have not. */
function endLargeTrace(running = 0): { root: Span; open: Span[] } {
  const root = startSpan('root');
  const open = Array.from({ length: running }, () => startSpan('running', root));
  for (let child = running; child < CHILDREN; child += 1) startSpan('child', root).end();
  root.end();
  return { root, open };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Without `summary()`, which does the rest of the work. */
async function turnsUntilIdle(): Promise<number> {
  let busy = 0;
  const immediate = vi.spyOn(globalThis, 'setImmediate');
  for (let idle = 0; idle < 3;) {
    const before = immediate.mock.calls.length;
    await turn();
    const isBusy = immediate.mock.calls.length > before + 1;
    idle = isBusy ? 0 : idle + 1;
    busy += Number(isBusy);
  }
  return busy;
}

function figures(sdk: Sdk) {
  const { traces, spans, bottlenecks, latency } = sdk.bottlenecks.summary();
  const calls = Object.fromEntries(bottlenecks.map((row) => [row.name, row.calls]));
  const critical = bottlenecks.reduce((sum, row) => sum + row.criticalSeconds, 0);
  return { traces, spans, calls, critical, latency };
}

describe('a large trace', () => {
  it('is analyzed in turns of the event loop of its own, not in the call that ends it', async () => {
    const sdk = startSdk({ exported: false });
    const clock = vi.spyOn(performance, 'now');
    const setImmediates = vi.spyOn(globalThis, 'setImmediate');
    endLargeTrace();
    expect(setImmediates).toHaveBeenCalledTimes(1);
    setImmediates.mockRestore();
    // Every look at the clock is 1 ms later: a turn is over after 4 slices.
    let millis = performance.now();
    clock.mockImplementation(() => (millis += 1));
    expect(await turnsUntilIdle()).toBeGreaterThan(3);
    clock.mockRestore();
    const { calls, critical, latency, traces } = figures(sdk);
    expect(calls).toEqual({ root: 1, child: CHILDREN });
    expect(critical).toBeCloseTo(latency.totalSeconds, 9);
    expect(traces).toMatchObject({ analyzed: 1, incomplete: 0 });
  });

  it('is in the summary as soon as it has ended', () => {
    const sdk = startSdk({ exported: false });
    endLargeTrace();
    expect(figures(sdk).calls).toEqual({ root: 1, child: CHILDREN });
  });

  it('is in the summary after the shutdown', async () => {
    const sdk = startSdk({ exported: false });
    endLargeTrace();
    await sdk.bottlenecks.shutdown();
    expect(figures(sdk).calls).toEqual({ root: 1, child: CHILDREN });
  });

  it('is forgotten with all else', () => {
    const sdk = startSdk({ exported: false });
    endLargeTrace();
    sdk.bottlenecks.reset();
    expect(figures(sdk).calls).toEqual({});
  });

  it('is cut where its local root ended: what ends while it is analyzed is late', () => {
    const sdk = startSdk({ exported: false });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { root, open } = endLargeTrace(5);
    // So long it waits for those that run.
    vi.advanceTimersByTime(101);
    vi.useRealTimers();
    expect(sdk.bottlenecks.openSegments().count).toBe(5);
    for (const span of open.slice(0, 2)) span.end();
    startSpan('after', root).end();
    const { spans, calls, critical, latency, traces } = figures(sdk);
    expect(spans).toEqual({ analyzed: CHILDREN + 1 - 5, late: 3, dropped: 0 });
    expect(calls).toEqual({ root: 1, child: CHILDREN - 5, running: 2, after: 1 });
    expect(critical).toBeCloseTo(latency.totalSeconds, 9);
    expect(traces).toMatchObject({ analyzed: 1, incomplete: 1 });
    for (const span of open) span.end();
    expect(figures(sdk).calls.running).toBe(5);
  });

  it('does not pile up where nothing gets a turn', async () => {
    const sdk = startSdk({ exported: false, bottlenecks: { maxSpans: 2 * CHILDREN } });
    const growth = await heapGrowth(10, () => {
      endLargeTrace();
    });
    expect(growth).toBeLessThan(10);
    expect(figures(sdk).traces).toMatchObject({ analyzed: 20, evicted: 0 });
  });

  it('does no harm when a function of the user’s asks for the summary meanwhile', () => {
    const groupName = (name: string) => `${name} of ${sdk.bottlenecks.summary().traces.analyzed}`;
    const sdk: Sdk = startSdk({ exported: false, bottlenecks: { groupName } });
    endLargeTrace();
    expect(sdk.bottlenecks.summary().warnings).toEqual([]);
    expect(figures(sdk).traces.analyzed).toBe(1);
  });
});
