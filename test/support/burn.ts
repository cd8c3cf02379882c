import { runInThisContext } from 'node:vm';

/** In which the functions of {@link makeBurn} are. */
export const BURN_FILE = 'burn.js';

/**
 * A function of that name that uses so many milliseconds of the processor, in its own code. Of the
 * processor and not of the clock: a machine with other work gives it less, and then it has few samples.
 *
 * A new one each time: what V8 has optimized before a profiler began it does not tell from the caller.
 */
export function makeBurn(name: string): (millis: number) => number {
  const code = `(function ${name}(millis) {
    const start = process.cpuUsage();
    let x = 1;
    while (process.cpuUsage(start).user < millis * 1e3) for (let n = 0; n < 20_000; n += 1) x = Math.sqrt(x + n);
    return x;
  })`;
  return runInThisContext(code, BURN_FILE) as (millis: number) => number;
}

/** Lets others have a turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
