import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceSample } from '../../src/ranking/trace-sample.js';

function sampleOf(durations: readonly number[]): TraceSample<number> {
  const sample = new TraceSample<number>();
  for (const nanos of durations) sample.offer(nanos, () => nanos);
  return sample;
}

describe('TraceSample', () => {
  it('keeps all of a few', () => {
    const durations = Array.from({ length: 120 }, (_, i) => (i * 37) % 120);
    const kept = [...sampleOf(durations).weighted()];
    expect(kept.map(([value]) => value).sort((a, b) => a - b)).toEqual(
      [...durations].sort((a, b) => a - b),
    );
    expect(kept.every(([, weight]) => weight === 1)).toBe(true);
  });

  it('always has the slowest, is bounded, and stands for all', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e9), { maxLength: 600 }), (durations) => {
        const sample = sampleOf(durations);
        const kept = [...sample.weighted()];
        expect(sample.size).toBe(Math.min(durations.length, 120));
        const slowest = [...durations].sort((a, b) => b - a).slice(0, 20);
        expect(kept.slice(0, slowest.length).map(([value]) => value)).toEqual(slowest);
        const weights = kept.reduce((sum, [, weight]) => sum + weight, 0);
        expect(weights).toBeCloseTo(durations.length, 6);
      }),
    );
  });

  it('chooses the others evenly, so that sums can be estimated', () => {
    // A sawtooth: every part of the run has all durations.
    const durations = Array.from({ length: 20_000 }, (_, i) => i % 1_000);
    let estimate = 0;
    for (const [value, weight] of sampleOf(durations).weighted()) estimate += value * weight;
    const sum = durations.reduce((total, nanos) => total + nanos, 0);
    // The standard error of 100 even choices is 6 %.
    expect(Math.abs(estimate / sum - 1)).toBeLessThan(0.2);
  });

  it('makes less and less', () => {
    const sample = new TraceSample<number>();
    let made = 0;
    for (let i = 0; i < 100_000; i += 1) sample.offer(i % 977, () => (made += 1));
    expect(made).toBeLessThan(2_000);
  });
});
