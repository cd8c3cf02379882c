import { ROOT_CONTEXT, trace, type Span } from '@opentelemetry/api';
import { segment } from 'hotspan';
import { toText } from 'hotspan/report';
import { describe, expect, it, vi } from 'vitest';
import { fakeClock, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();

const startSpan = (name: string, parent?: Span) =>
  trace
    .getTracer('test')
    .startSpan(name, {}, parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT);

const names = (segments: { longest: readonly { name: string }[] }) =>
  segments.longest.map(({ name }) => name);

describe('openSegments', () => {
  it('tells what is running, the longest first, with how long and what waits for what', async () => {
    const { bottlenecks } = startSdk();
    expect(bottlenecks.openSegments()).toEqual({ count: 0, longest: [] });
    const done = segment('answer', async () => {
      await sleep(2_000);
      await Promise.all([segment('ask', () => sleep(10_000)), segment('search', () => sleep(500))]);
    });
    await vi.advanceTimersByTimeAsync(3_000);
    const open = bottlenecks.openSegments();
    expect(open).toEqual({
      count: 2,
      longest: [
        expect.objectContaining({ name: 'answer', service: 'test', seconds: 3, openChildren: 1 }),
        expect.objectContaining({ name: 'ask', service: 'test', seconds: 1, openChildren: 0 }),
      ],
    });
    expect(open.longest[0]?.traceId).toBe(open.longest[1]?.traceId);
    const summary = bottlenecks.summary();
    expect(summary.running).toEqual(open);
    expect(toText(summary)).toContain('still running: ask for 1.00 s (2 segments open)');
    await vi.runAllTimersAsync();
    await done;
    expect(bottlenecks.openSegments().count).toBe(0);
    expect(bottlenecks.summary()).not.toHaveProperty('running');
  });

  it('tells what goes on after its local root, and forgets it when it ends', () => {
    const { bottlenecks } = startSdk();
    const root = startSpan('root');
    const child = startSpan('child', root);
    root.end();
    expect(names(bottlenecks.openSegments())).toEqual(['child']);
    child.end();
    expect(bottlenecks.openSegments().count).toBe(0);
  });

  it('tells what goes on although its trace was given up', () => {
    const { bottlenecks } = startSdk({ bottlenecks: { maxTraces: 1 } });
    const spans = [startSpan('first'), startSpan('second')];
    expect(names(bottlenecks.openSegments())).toEqual(['first', 'second']);
    for (const span of spans) span.end();
    expect(bottlenecks.openSegments().count).toBe(0);
  });

  it('tells the row of an attempt, which is that of its operation', () => {
    const { bottlenecks } = startSdk();
    const call = startSpan('chat gpt-4o');
    const attributes = { 'hotspan.attempt.number': 1 };
    const around = trace.setSpan(ROOT_CONTEXT, call);
    const attempt = trace
      .getTracer('test')
      .startSpan('chat gpt-4o attempt', { attributes }, around);
    const [outer, inner] = bottlenecks.openSegments().longest;
    expect([outer?.row, inner?.name, inner?.row]).toEqual([
      ...[undefined, 'chat gpt-4o attempt', 'chat gpt-4o'],
    ]);
    attempt.end();
    call.end();
  });

  it('lists 20 and counts all', async () => {
    const { bottlenecks } = startSdk();
    const spans: Span[] = [];
    for (let i = 0; i < 100; i += 1) {
      spans.push(startSpan(`n${i}`));
      await vi.advanceTimersByTimeAsync(10);
    }
    const open = bottlenecks.openSegments();
    expect(open.count).toBe(100);
    expect(names(open)).toEqual(Array.from({ length: 20 }, (_, i) => `n${i}`));
    expect(toText(bottlenecks.summary())).toMatch(
      /still running: n0 for 1\.00 s · .* · n4 for 960 ms · … \(100 segments open\)/,
    );
  });

  it('remembers what was running at the shutdown', async () => {
    const { bottlenecks } = startSdk();
    const span = startSpan('hangs');
    await vi.advanceTimersByTimeAsync(1_000);
    await bottlenecks.shutdown();
    await vi.advanceTimersByTimeAsync(1_000);
    span.end();
    expect(bottlenecks.summary().running).toMatchObject({
      count: 1,
      longest: [{ name: 'hangs', seconds: 1 }],
    });
  });
});
