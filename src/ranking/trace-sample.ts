import { Largest } from '../bounded.js';

const SLOWEST = 20;
const OTHERS = 100;

interface Sampled<T> {
  readonly nanos: number;
  readonly value: T;
}

/**
 * Keeps the slowest traces, and a uniform choice of the rest (Vitter's algorithm R, "Random sampling with a
 * reservoir", 1985), so that sums over all traces can be estimated from it.
 */
export class TraceSample<T> {
  readonly #slowest = new Largest<Sampled<T>>(SLOWEST, ({ nanos }) => nanos);
  readonly #others: Sampled<T>[] = [];
  /** Traces that were not, or are no longer, among the slowest. */
  #offered = 0;
  /** A generator of one's own: the same traces give the same sample. */
  #state = 0x2545f491;

  get size(): number {
    return this.#slowest.list().length + this.#others.length;
  }

  /** Offers a trace that took so long. If it gets in, keeps and returns what `make` makes of it. */
  offer(nanos: number, make: () => T): T | undefined {
    const isSlow = this.#slowest.hasRoomFor(nanos);
    const at = isSlow ? undefined : this.#place();
    if (!isSlow && at === undefined) return undefined;
    const value = make();
    const rest = this.#slowest.offer({ nanos, value });
    const restAt = at ?? (rest && this.#place());
    if (restAt !== undefined) this.#others[restAt] = rest!;
    return value;
  }

  *weighted(): Generator<readonly [value: T, weight: number]> {
    for (const { value } of this.#slowest.list()) yield [value, 1];
    const weight = this.#offered / Math.max(1, this.#others.length);
    for (const { value } of this.#others) yield [value, weight];
  }

  /** Returns where among the others the next of them belongs, if it does. */
  #place(): number | undefined {
    this.#offered += 1;
    if (this.#others.length < OTHERS) return this.#others.length;
    const at = this.#random() % this.#offered;
    return at < OTHERS ? at : undefined;
  }

  /** Marsaglia, "Xorshift RNGs", 2003: good enough to choose by. */
  #random(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }
}
