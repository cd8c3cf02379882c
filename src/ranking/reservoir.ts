/**
 * A uniform choice of what comes, in bounded memory: Vitter's algorithm R ("Random sampling with a
 * reservoir", 1985).
 */
export class Reservoir<T> {
  #items: T[] = [];
  #comes = 0;
  /** A generator of one's own: the same items give the same choice. */
  #state = 0x2545f491;

  constructor(private readonly size: number) {}

  get items(): readonly T[] {
    return this.#items;
  }

  /** Returns where the next item belongs, if it gets in: it need not be made otherwise. */
  place(): number | undefined {
    this.#comes += 1;
    if (this.#items.length < this.size) return this.#items.length;
    // As unsigned integers: with doubles the remainder would take three times as long.
    const at = this.#random() % (this.#comes >>> 0);
    return at < this.size ? at : undefined;
  }

  put(at: number, item: T): void {
    this.#items[Math.min(at, this.#items.length)] = item;
  }

  /** Begins anew with items that were chosen from so many. */
  restart(items: readonly T[], chosenFrom: number): void {
    this.#items = items.slice(0, this.size);
    this.#comes = chosenFrom;
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
