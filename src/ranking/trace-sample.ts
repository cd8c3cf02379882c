import { Largest } from '../bounded.js';
import { Reservoir } from './reservoir.js';

const SLOWEST = 20;
const OTHERS = 100;

interface Sampled<T> {
  readonly nanos: number;
  readonly value: T;
}

/**
 * Keeps the slowest traces, and a uniform choice of the rest, so that sums over all traces can be estimated from it.
 */
export class TraceSample<T> {
  readonly #slowest = new Largest<Sampled<T>>(SLOWEST, ({ nanos }) => nanos);
  readonly #others = new Reservoir<Sampled<T>>(OTHERS);
  /** Traces that were not, or are no longer, among the slowest. */
  #offered = 0;

  get size(): number {
    return this.#slowest.list().length + this.#others.items.length;
  }

  /**
   * Offers a trace that took so long. If it gets in, keeps and returns what `make` makes of it.
   *
   * @param isTypical `false` for traces that are only taken if they are among the slowest
   */
  offer(nanos: number, make: () => T, isTypical = true): T | undefined {
    const isSlow = this.#slowest.hasRoomFor(nanos);
    if (!isSlow) this.#offered += 1;
    const at = isSlow || !isTypical ? undefined : this.#others.place();
    if (!isSlow && at === undefined) return undefined;
    const value = make();
    const rest = this.#slowest.offer({ nanos, value });
    if (isSlow && rest !== undefined) this.#offered += 1;
    const restAt = at ?? (rest && this.#others.place());
    if (restAt !== undefined) this.#others.put(restAt, rest!);
    return value;
  }

  *weighted(): Generator<readonly [value: T, weight: number]> {
    for (const { value } of this.#slowest.list()) yield [value, 1];
    const weight = this.#offered / Math.max(1, this.#others.items.length);
    for (const { value } of this.#others.items) yield [value, weight];
  }
}
