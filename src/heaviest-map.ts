import { fnv32 } from './hash.js';

/** How a {@link HeaviestMap} weighs what it holds. */
export interface Weighing<V> {
  /** Makes what stands in for all keys that are not kept. */
  readonly makeOther: () => V;
  /** How much a value weighs. It may only grow while the value is kept. */
  readonly weightOf: (value: V) => number;
  /** Adds what a key had that is given up, so that sums over all values stay exact. */
  readonly merge: (other: V, value: V) => void;
}

/** For values that only count. */
export const BY_COUNT: Omit<Weighing<{ count: number }>, 'makeOther'> = {
  weightOf: ({ count }) => count,
  merge: (other, { count }) => (other.count += count),
};

interface Entry<V> {
  readonly key: string;
  readonly value: V;
  /** What the key may have weighed before it was kept: the weight of the one that made room for it. */
  readonly inherited: number;
  /** Of that, at most so much is really its own. */
  readonly missed: number;
  /** Its weight when it was last looked at. */
  known: number;
}

/** A power of two. */
const PAST_KEYS = 4_096;

/**
 * A map of at most `limit` keys that keeps the heaviest, whichever came first: Space-Saving (Metwally,
 * Agrawal and El Abbadi, "Efficient computation of frequent and top-k elements in data streams", 2005). A new
 * key takes the place of the lightest, and the benefit of the doubt: it counts as heavy as that one was. A key
 * that has more than one `limit`th of the weight of all is always kept. Space-Saving says of a key that came
 * late that its value lacks no more than that; here a row of sums by hash (the count-min sketch of Cormode and
 * Muthukrishnan, 2005) mostly says that it lacks nothing.
 */
export class HeaviestMap<V> {
  readonly #entries = new Map<string, Entry<V>>();
  /** The lightest first, as a binary heap by `known`. Made when the first key has no room. */
  #heap: Entry<V>[] | undefined = undefined;
  /** The weight of what was given up, by the hashes of its keys. */
  #past: Float64Array | undefined = undefined;
  #other: V | undefined = undefined;
  #heaviestGone = 0;

  constructor(
    private readonly limit: number,
    private readonly weighing: Weighing<V>,
  ) {}

  /** Returns the value of a key, which may be made for it. It is the key's own until the next call. */
  get(key: string, make: () => V): V {
    return this.#entries.get(key)?.value ?? this.#add(key, make());
  }

  /** Returns the value of a key that is kept. */
  find(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Takes a key out, with all that it had. */
  delete(key: string): void {
    if (this.#entries.delete(key)) this.#heap = undefined;
  }

  /** What all keys share that are not kept; `undefined` if there are none. */
  get other(): V | undefined {
    return this.#other;
  }

  /** In the order in which their keys came, the one of all others last. */
  values(): V[] {
    const values = Array.from(this.#entries.values(), ({ value }) => value);
    return this.#other === undefined ? values : [...values, this.#other];
  }

  /** At most how much of the weight of a key is in the value of the others; of any one, if it is not kept. */
  missed(key: string): number {
    return this.#entries.get(key)?.missed ?? this.#heaviestGone;
  }

  #add(key: string, value: V): V {
    const isFull = this.#entries.size >= this.limit;
    if (isFull) this.#giveUpLightest();
    const inherited = this.#heaviestGone;
    const missed = Math.min(inherited, this.#past?.[hashOf(key)] ?? 0);
    const entry = { key, value, inherited, missed, known: inherited };
    this.#entries.set(key, entry);
    if (this.#heap === undefined) return value;
    if (isFull) {
      this.#heap[0] = entry;
      sink(this.#heap, 0);
    } else {
      this.#heap.push(entry);
      rise(this.#heap, this.#heap.length - 1);
    }
    return value;
  }

  /** Leaves its place at the top of the heap to the one that comes for it. */
  #giveUpLightest(): void {
    const { makeOther, weightOf, merge } = this.weighing;
    const heap = (this.#heap ??= this.#makeHeap());
    for (;;) {
      const lightest = heap[0]!;
      const own = weightOf(lightest.value);
      // Those that have grown since they were last looked at sink.
      if (lightest.inherited + own > lightest.known) {
        lightest.known = lightest.inherited + own;
        sink(heap, 0);
        continue;
      }
      const { key, known } = lightest;
      this.#heaviestGone = Math.max(this.#heaviestGone, known);
      this.#past ??= new Float64Array(PAST_KEYS);
      this.#past[hashOf(key)]! += own;
      this.#entries.delete(key);
      merge((this.#other ??= makeOther()), lightest.value);
      return;
    }
  }

  #makeHeap(): Entry<V>[] {
    const heap = [...this.#entries.values()];
    for (const entry of heap) entry.known = entry.inherited + this.weighing.weightOf(entry.value);
    return heap.sort((a, b) => a.known - b.known);
  }
}

interface Known {
  readonly known: number;
}

function sink(heap: Known[], from: number): void {
  const entry = heap[from]!;
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child + 1 < heap.length && heap[child + 1]!.known < heap[child]!.known) child += 1;
    if (child >= heap.length || heap[child]!.known >= entry.known) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = entry;
}

function rise(heap: Known[], from: number): void {
  const entry = heap[from]!;
  let at = from;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]!.known <= entry.known) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
}

/** Folded. */
function hashOf(key: string): number {
  const hash = fnv32(key);
  return (hash ^ (hash >>> 16)) & (PAST_KEYS - 1);
}
