import { describe, expect, it } from 'vitest';
import { nanosSince, originFor } from '../../src/readers/epoch-time.js';
import { sinceMillis } from '../../src/readers/choice.js';

const NOW = Date.UTC(2026, 10, 24, 12);

describe('a time to begin at is', () => {
  it.each<[string | Date | number, number]>([
    ['90s', NOW - 90_000],
    ['30m', NOW - 1_800_000],
    ['1.5h', NOW - 5_400_000],
    [' 2d ', NOW - 2 * 86_400_000],
    ['1w', NOW - 7 * 86_400_000],
    ['2026-11-24T10:00:00Z', NOW - 7_200_000],
    ['2026-11-24', NOW - 12 * 3_600_000],
    [String(NOW), NOW],
    [NOW, NOW],
    [new Date(NOW), NOW],
  ])('%s', (since, millis) => {
    expect(sinceMillis(since, NOW)).toBe(millis);
  });

  it.each(['', 'soon', '5', '-1h', '1y', NaN, Infinity, new Date('x'), '9'.repeat(30)])(
    'not %s',
    (since) => {
      expect(() => sinceMillis(since, NOW)).toThrow(/^since: expected a time span such as 30m/);
    },
  );
});

describe('a time since the epoch', () => {
  it('keeps its nanoseconds, relative to an origin', () => {
    expect(nanosSince(1_795_492_276, '1795492276000000001')).toBe(1);
    expect(nanosSince(1_795_492_277, '1795492276999999999')).toBe(-1);
    expect(nanosSince(1_795_492_276, 1_795_492_276_500_000_000)).toBe(5e8);
    expect(nanosSince(0, '12')).toBe(12);
  });

  it('has a second to count from', () => {
    expect(originFor('1795492276400000000')).toBe(1_795_492_276);
    expect(originFor('999999999')).toBe(0);
    expect(originFor('now')).toBeNaN();
  });

  it.each(['', 'x', '1.5', '-1', '1e9', ' 1', '1'.repeat(21), -1, NaN, Infinity, null, {}, []])(
    'is not %j',
    (time) => {
      expect(nanosSince(0, time)).toBeNaN();
    },
  );
});
