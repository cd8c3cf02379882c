import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { segment } from '../../dist/doors/hotspan.js';

/** How much the durations of one name vary: the standard deviation of their logarithms. */
const SPREAD = 0.3;

/**
 * The requests of a program, on the real clock. Each piece of work takes the same time in every run, whatever order
 * the pieces come in, so that two runs differ by what was changed between them.
 */
export class World {
  #changed;
  #factor;
  /** How much rarer requests are than the program says. */
  pace = 1;

  /**
   * @param changed the name of the segments whose own work is changed; absent if none is
   * @param factor what its durations are multiplied by
   */
  constructor(changed, factor = 0) {
    this.#changed = changed;
    this.#factor = factor;
  }

  /** How long a piece of work takes. `key` tells it from the others of its name. */
  millis(name, mean, key) {
    if (name === this.#changed && this.#factor === 0) return 0;
    const deviation = normal(`${name} ${key}`);
    const factor = name === this.#changed ? this.#factor : 1;
    return mean * factor * Math.exp(SPREAD * deviation - SPREAD ** 2 / 2);
  }

  /** A segment that takes its time. */
  step(name, mean, key) {
    const millis = this.millis(name, mean, key);
    return segment(name, () => (millis === 0 ? Promise.resolve() : sleep(millis)));
  }

  /** Starts a request every so many milliseconds, somewhat unevenly, and waits for all. */
  async requests(name, { count, everyMillis }, handle) {
    let startMillis = performance.now();
    const all = [];
    for (let index = 0; index < count; index += 1) {
      const turns = index + 0.6 * uniform(`${name} ${index}`);
      const dueMillis = startMillis + everyMillis * this.pace * turns;
      const waitMillis = dueMillis - performance.now();
      if (waitMillis > 0) await sleep(waitMillis);
      // Requests do not pile up behind a moment in which the machine stood still.
      else startMillis -= waitMillis;
      all.push(segment(name, () => handle(index)));
    }
    await Promise.all(all);
  }
}

/** A number from 0 to 1 that is always the same for a text (FNV-1a, mixed as MurmurHash3 ends). */
function uniform(text) {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

function normal(text) {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(`${text} a`)));
  return radius * Math.cos(2 * Math.PI * uniform(`${text} b`));
}

/** The longest that a run may be held up by others that use the machine. */
const MOST_LAG_MILLIS = 20;
const MOST_TRIES = 5;

/** Returns what `run` does, of several runs if the machine does not let one pass undisturbed. */
export async function undisturbed(run) {
  let best;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const result = await run();
    delay.disable();
    const lagMillis = delay.max / 1e6;
    if (best === undefined || lagMillis < best.lagMillis) best = { lagMillis, result };
    if (lagMillis <= MOST_LAG_MILLIS) break;
  }
  return best.result;
}
