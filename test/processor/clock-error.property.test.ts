import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rankLive } from '../../scripts/accuracy/live.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { records, type SpanSketch } from '../support/trace.js';

/** The critical time of each row, in the time that a millisecond of the sketch takes: `scale` milliseconds. */
async function criticalOf(spans: readonly SpanSketch[], scale: number) {
  const scaled = spans.map(({ start, end, ...span }, at) => ({
    ...{ ...span, name: span.id },
    // No two at one moment: nanoseconds would decide which comes first.
    ...{ start: (start * 24 + 2 * at) * scale, end: (end * 24 + 2 * at + 1) * scale },
  }));
  const rounded = records(scaled).map((record) => ({
    ...record,
    startNanos: Math.round(record.startNanos),
    endNanos: Math.round(record.endNanos),
  }));
  const { bottlenecks } = await rankLive(rounded);
  const critical = bottlenecks.map(({ name, criticalSeconds }) => {
    return [name, Math.round((criticalSeconds * 1e3) / scale)] as const;
  });
  return Object.fromEntries(critical);
}

it('a live trace and the same trace a thousand times slower get the same shares', async () => {
  await fc.assert(
    fc.asyncProperty(anyTrace(12, 24), async (spans) => {
      expect(await criticalOf(spans, 0.002)).toEqual(await criticalOf(spans, 2));
    }),
    { numRuns: 300 },
  );
});
