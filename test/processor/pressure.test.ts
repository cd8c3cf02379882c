import { ROOT_CONTEXT, trace, type Span } from '@opentelemetry/api';
import type { BottleneckOptions } from 'hotspan/processor';
import { describe, expect, it, vi } from 'vitest';
import { shareOf } from '../../src/processor/trace-choice.js';
import { fakeClock } from '../support/clock.js';
import { seededRandom } from '../support/random.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();

const LONG_MILLIS = 1_000;
const SHORT_MILLIS = 100;
/** Of the time of all traces, when one in ten takes ten times as long as the others. */
const LONG_SHARE = 1_000 / (9 * 100 + 1_000);

const startSpan = (name: string, parent?: Span) =>
  trace
    .getTracer('test')
    .startSpan(name, {}, parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent));

/** Starts a trace each millisecond; some 190 are open at once. */
function shareOfLong(bottlenecks: BottleneckOptions, millis: number) {
  const sdk = startSdk({ bottlenecks, exported: false });
  const random = seededRandom(7);
  const ends = new Map<number, Span[][]>();
  for (let now = 0; now < millis + LONG_MILLIS; now += 1) {
    for (const spans of ends.get(now) ?? []) for (const span of spans) span.end();
    ends.delete(now);
    if (now < millis) {
      const isLong = random.happens(0.1);
      const root = startSpan('request');
      const end = now + (isLong ? LONG_MILLIS : SHORT_MILLIS);
      const spans = [startSpan(isLong ? 'slow' : 'fast', root), root];
      ends.set(end, [...(ends.get(end) ?? []), spans]);
    }
    vi.advanceTimersByTime(1);
  }
  const summary = sdk.bottlenecks.summary();
  const slow = summary.bottlenecks.find(({ name }) => name === 'slow');
  return { share: slow?.criticalShare ?? 0, traces: summary.traces, all: millis };
}

describe('under pressure', () => {
  it.each([
    ['traces', { maxTraces: 100 }, 8_000],
    ['spans', { maxSpans: 200 }, 8_000],
    ['few traces', { maxTraces: 50 }, 20_000],
  ])('slow traces are kept as often as fast ones: %s', (_, options, millis) => {
    const { share, traces, all } = shareOfLong(options, millis);
    expect(traces.evicted).toBeGreaterThan(0.3 * all);
    expect(traces.analyzed + traces.evicted).toBe(all);
    expect(share).toBeGreaterThan(LONG_SHARE - 0.06);
    expect(share).toBeLessThan(LONG_SHARE + 0.06);
  });

  it('nothing is given up while there is room', () => {
    expect(shareOfLong({ maxTraces: 400 }, 2_000).traces.evicted).toBe(0);
  });

  it('traces that nobody ends give way, and then all are kept again', () => {
    const { bottlenecks } = startSdk({ bottlenecks: { maxTraces: 20 }, exported: false });
    for (let at = 0; at < 200; at += 1) startSpan('forgotten');
    vi.advanceTimersByTime(10 * 60_000);
    const run = (count: number) => {
      const before = bottlenecks.summary().traces.analyzed;
      for (let at = 0; at < count; at += 1) startSpan('request').end();
      return bottlenecks.summary().traces.analyzed - before;
    };
    run(5_000);
    expect(run(100)).toBe(100);
  });
});

it('the share of a trace is spread evenly, also where ids are alike', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (let at = 0; at < 10_000; at += 1) {
    counts[Math.floor(10 * shareOf(at.toString(16).padStart(32, '0')))]! += 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
