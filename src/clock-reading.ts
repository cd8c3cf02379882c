/**
 * The last time that hotspan read for a span of its own: the clock need not be asked again when the
 * processor sees that span a moment later. A reading of the clock is a tenth of what ranking a span may
 * cost.
 */
let lastTime: unknown;
let lastMonotonicMillis = 0;

/** Remembers which moment on the monotonic clock a time stands for, until the next reading. */
export function rememberReading(time: readonly [number, number], monotonicMillis: number): void {
  lastTime = time;
  lastMonotonicMillis = monotonicMillis;
}

/**
 * The moment on the monotonic clock, in milliseconds, of the very time that was remembered last;
 * `undefined` for any other, even an equal one.
 */
export function readingOf(time: readonly [number, number]): number | undefined {
  return time === lastTime ? lastMonotonicMillis : undefined;
}
