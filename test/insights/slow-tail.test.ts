import { expect, it } from 'vitest';
import { slowTail } from '../../src/insights/slow-tail.js';
import type { Bottleneck } from '../../src/summary.js';

it('saves no more than the slow calls took, whatever the others differ from the median', () => {
  const durations = [
    ...Array.from({ length: 60 }, () => 10),
    ...Array.from({ length: 35 }, () => 40),
    ...Array.from({ length: 5 }, () => 200),
  ].map((millis) => millis * 1e6);
  const totalSeconds = 3;
  const row = {
    ...{ name: 'search', service: 'app', calls: 100, durations: { nanos: durations } },
    ...{ p50Seconds: 0.01, p99Seconds: 0.2, maxSeconds: 0.2 },
    ...{ criticalSeconds: totalSeconds, totalSeconds },
  } as unknown as Bottleneck;
  const [finding] = slowTail({ rows: [row], seconds: 4, costUsd: undefined, inputTokens: 0 });
  expect(finding?.evidence.slowCalls).toBe(5);
  // Five calls of 200 ms, and not the 2 s by which all differ from the median.
  expect(finding?.savingSeconds).toBeCloseTo(5 * 0.19, 6);
});
