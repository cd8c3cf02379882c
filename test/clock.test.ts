import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { epochMillisOf, followSystemClock, readingOf, stampTime } from '../src/clock.js';

const MONOTONIC = 5_000.25;

/** Shows the system clock so far from the monotonic one, in turn; the last time for good. */
function showSystemClock(...offMillis: number[]): void {
  const times = offMillis.map((off) => Math.floor(performance.timeOrigin + MONOTONIC + off));
  const last = times.at(-1) ?? 0;
  vi.spyOn(Date, 'now').mockImplementation(() => times.shift() ?? last);
}

const offMillis = () => epochMillisOf(MONOTONIC) - performance.timeOrigin - MONOTONIC;

beforeEach(() => {
  vi.spyOn(performance, 'now').mockReturnValue(MONOTONIC);
});
afterEach(() => {
  showSystemClock(0.9);
  followSystemClock();
  vi.restoreAllMocks();
});

describe('followSystemClock', () => {
  it.each([-3_600_000, -10, 10, 3_600_000])('follows a clock that was set by %d ms', (off) => {
    showSystemClock(off);
    followSystemClock();
    expect(Math.abs(offMillis() - off)).toBeLessThanOrEqual(1);
  });

  it.each([-0.9, 0, 1.9])('takes %d ms for no correction', (off) => {
    showSystemClock(off);
    followSystemClock();
    expect(offMillis()).toBe(0);
  });

  it('does not follow twice where the clock shows whole milliseconds', () => {
    showSystemClock(100);
    followSystemClock();
    const followed = offMillis();
    showSystemClock(100.9);
    followSystemClock();
    expect(offMillis()).toBe(followed);
  });

  it('is precise again when the clock was set back', () => {
    showSystemClock(100);
    followSystemClock();
    showSystemClock(0.5);
    followSystemClock();
    expect(offMillis()).toBe(0);
  });

  it('is not misled by a process that was held up between two readings', () => {
    showSystemClock(40, 0);
    followSystemClock();
    expect(offMillis()).toBe(0);
  });
});

describe('readingOf', () => {
  it('knows the reading that a time was made from, exactly', () => {
    expect(readingOf(stampTime(1_700_000_000_000.1, 123.456_789))).toBe(123.456_789);
  });

  it('knows nothing of a time that somebody else made', () => {
    const [seconds, nanos] = stampTime(0, 1_234.5);
    expect([seconds, nanos]).toEqual([1, 234_500_000]);
    expect(readingOf([seconds, nanos])).toBeUndefined();
  });
});

describe('stampTime', () => {
  it('carries a second that rounding makes full', () => {
    const [seconds, nanos] = stampTime(0, 1_999.999_999_9);
    expect([seconds, nanos]).toEqual([2, 0]);
  });
});
