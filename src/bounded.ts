/** The key that stands in for those that a bounded collection has no room for. */
export const OTHER = '(other)';
/** The most services, models, kinds of errors and warnings to tell apart. */
export const MAX_KINDS = 100;

/** Sorts names by their letters, {@link OTHER} last. */
export function sortNames(names: readonly string[]): string[] {
  const isOther = (name: string) => Number(name === OTHER);
  return [...names].sort((a, b) => isOther(a) - isOther(b) || (a < b ? -1 : Number(a > b)));
}

/** A map of at most `limit` keys; all further keys share one value, which `makeOther` makes. */
export class BoundedMap<V> {
  readonly #values = new Map<string, V>();
  readonly #limit: number;
  readonly #makeOther: () => V;
  #other: V | undefined;

  constructor(limit: number, makeOther: () => V) {
    this.#limit = limit;
    this.#makeOther = makeOther;
  }

  /** Returns the value of `key`; calls `make` when it is new and there is room for it. */
  get(key: string, make: () => V): V {
    let value = this.#values.get(key);
    if (value !== undefined) return value;
    if (this.#values.size >= this.#limit) return (this.#other ??= this.#makeOther());
    value = make();
    this.#values.set(key, value);
    return value;
  }

  /** Returns all values in the order in which their keys came, the one of further keys last. */
  values(): V[] {
    const values = [...this.#values.values()];
    return this.#other === undefined ? values : [...values, this.#other];
  }
}

/** Keeps the `limit` largest items by `size`, in falling order. */
export class Largest<T> {
  readonly #items: T[] = [];
  readonly #limit: number;
  readonly #size: (item: T) => number;
  #smallest = -Infinity;

  constructor(limit: number, size: (item: T) => number) {
    this.#limit = limit;
    this.#size = size;
  }

  /** Checks whether an item of this size is among the largest, so that others need not be made. */
  hasRoomFor(size: number): boolean {
    return this.#items.length < this.#limit || size > this.#smallest;
  }

  /** Keeps the item if it is among the largest. Returns the one that has no place: another, or itself. */
  offer(item: T): T | undefined {
    const items = this.#items;
    const size = this.#size(item);
    if (!this.hasRoomFor(size)) return item;
    const pushedOut = items.length >= this.#limit ? items.pop() : undefined;
    let at = items.length;
    while (at > 0 && this.#size(items[at - 1] as T) < size) at -= 1;
    items.splice(at, 0, item);
    this.#smallest = this.#size(items[items.length - 1]!);
    return pushedOut;
  }

  /** The items, largest first. */
  list(): readonly T[] {
    return this.#items;
  }
}

/** Items that belong together, or for which there was no room (`isOther`). */
export interface Group<T> {
  readonly items: readonly T[];
  readonly isOther: boolean;
}

/**
 * Gathers the items of one key, the largest group first, ties by key: the order of the items does not
 * matter. Items beyond `limit` groups share the last one, with those that have `otherKey` already.
 */
export function groupBounded<T>(
  items: readonly T[],
  limit: number,
  otherKey: string,
  keyOf: (item: T) => string,
  sizeOf: (item: T) => number,
): Group<T>[] {
  const byKey = new Map<string, { items: T[]; size: number }>();
  const other: T[] = [];
  for (const item of items) {
    const key = keyOf(item);
    if (key === otherKey) {
      other.push(item);
      continue;
    }
    const group = byKey.get(key) ?? { items: [], size: 0 };
    byKey.set(key, group);
    group.items.push(item);
    group.size += sizeOf(item);
  }
  const sorted = [...byKey].sort(
    ([a, { size }], [b, than]) => than.size - size || (a < b ? -1 : 1),
  );
  for (const [, group] of sorted.slice(limit)) other.push(...group.items);
  const kept = sorted.slice(0, limit).map(([, group]) => ({ items: group.items, isOther: false }));
  return other.length === 0 ? kept : [...kept, { items: other, isOther: true }];
}

/**
 * Remembers values by keys that come once each: at least the newest `limit`, at most twice as many. To
 * delete the oldest key of one `Map` would mean to look for it, past all that were deleted before.
 */
export class RecentMap<V> {
  readonly #limit: number;
  #newer = new Map<string, V>();
  #older = new Map<string, V>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns the value of a key, if it is still known. */
  get(key: string): V | undefined {
    return this.#newer.get(key) ?? this.#older.get(key);
  }

  /** Remembers a value. */
  set(key: string, value: V): void {
    if (this.#newer.size >= this.#limit) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, value);
  }
}
