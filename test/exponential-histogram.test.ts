import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, SCALE } from '../src/exponential-histogram.js';

const PER_OCTAVE = 2 ** SCALE;

/** OpenTelemetry's definition, without rounding: 2^(i/64) < value <= 2^((i+1)/64). */
function isIn(bucket: number, value: number): boolean {
  const power = BigInt(value) ** BigInt(PER_OCTAVE);
  return (bucket < 0 || 2n ** BigInt(bucket) < power) && power <= 2n ** BigInt(bucket + 1);
}

describe('bucketOf', () => {
  it('puts powers of two at the end of a bucket, as the data model asks for', () => {
    for (let exponent = 0; exponent < 60; exponent += 1) {
      expect(bucketOf(2 ** exponent)).toBe(exponent * PER_OCTAVE - 1);
    }
  });

  it('is right beside every edge', () => {
    // Up to 19 hours. Beyond, the nearest double to an edge may be a whole nanosecond on its other side.
    for (let edge = 0; edge <= 46 * PER_OCTAVE; edge += 1) {
      const below = Math.floor(2 ** (edge / PER_OCTAVE));
      for (const value of [below - 1, below, below + 1, below + 2]) {
        if (value < 1) continue;
        expect([value, isIn(bucketOf(value), value)]).toEqual([value, true]);
      }
    }
  });

  it('is right anywhere', () => {
    const exponents = fc.double({ min: 0, max: 46, noNaN: true });
    fc.assert(
      fc.property(exponents, (exponent) => {
        const value = Math.floor(2 ** exponent);
        expect(isIn(bucketOf(value), value)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
