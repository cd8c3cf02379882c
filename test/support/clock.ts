import { afterEach, beforeEach, vi } from 'vitest';

/** A fake clock for every test of the file: nothing sleeps. */
export function fakeClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
      now: Date.UTC(2026, 0, 1),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** Resolves after fake milliseconds, while {@link run} moves the clock. */
export function sleep(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

/** Moves the fake clock until all timers are done, and gives what the promise came to. */
export async function run<T>(promise: Promise<T>): Promise<T> {
  // A rejection must not count as unhandled while the clock runs.
  promise.catch(() => undefined);
  await vi.runAllTimersAsync();
  return promise;
}
