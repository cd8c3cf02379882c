import { sumOf } from './sums.js';

/** Stands in for the keys that a bounded collection has no room for. */
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
  #other: V | undefined;

  constructor(
    private readonly limit: number,
    private readonly makeOther: () => V,
  ) {}

  get(key: string, make: () => V): V {
    let value = this.#values.get(key);
    if (value !== undefined) return value;
    if (this.#values.size >= this.limit) return (this.#other ??= this.makeOther());
    value = make();
    this.#values.set(key, value);
    return value;
  }

  /** In the order in which their keys came, the one of further keys last. */
  values(): V[] {
    const values = [...this.#values.values()];
    return this.#other === undefined ? values : [...values, this.#other];
  }
}

/** Keeps the `limit` largest items by `size`, in falling order. */
export class Largest<T> {
  readonly #items: T[] = [];
  #smallest = -Infinity;

  constructor(
    private readonly limit: number,
    private readonly size: (item: T) => number,
  ) {}

  /** Asked first, so that items without a place need not be made. */
  hasRoomFor(size: number): boolean {
    return this.#items.length < this.limit || size > this.#smallest;
  }

  /** Keeps the item if it is among the largest. Returns the one that has no place: another, or itself. */
  offer(item: T): T | undefined {
    const items = this.#items;
    const size = this.size(item);
    if (!this.hasRoomFor(size)) return item;
    const pushedOut = items.length >= this.limit ? items.pop() : undefined;
    let at = items.length;
    while (at > 0 && this.size(items[at - 1] as T) < size) at -= 1;
    items.splice(at, 0, item);
    this.#smallest = this.size(items[items.length - 1]!);
    return pushedOut;
  }

  list(): readonly T[] {
    return this.#items;
  }
}

export function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

export function groupBy<K, T>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) getOrMake(groups, keyOf(item), () => []).push(item);
  return groups;
}

/**
 * The largest groups first, ties by key, each named by its first item. Items beyond `limit` groups share the
 * last one, named `other`, with those that have its key already.
 */
export function groupBounded<Name, T extends Name>(
  items: readonly T[],
  limit: number,
  other: Name,
  keyOf: (named: Name) => string,
  sizeOf: (item: T) => number,
): { readonly items: readonly T[]; readonly named: Name; readonly size: number }[] {
  const sizeOfAll = (group: readonly T[]) => sumOf(group, sizeOf) ?? 0;
  const byKey = groupBy(items, keyOf);
  const others = byKey.get(keyOf(other)) ?? [];
  byKey.delete(keyOf(other));
  const kept = [...byKey]
    .map(([key, group]) => ({ key, items: group, named: group[0]!, size: sizeOfAll(group) }))
    .sort((a, b) => b.size - a.size || (a.key < b.key ? -1 : 1));
  others.push(...kept.splice(limit).flatMap((group) => group.items));
  if (others.length === 0) return kept;
  return [...kept, { items: others, named: other, size: sizeOfAll(others) }];
}

/**
 * Remembers values by keys that come once each: at least the newest `limit`, at most twice as many. To
 * delete the oldest key of one `Map` would mean to look for it, past all that were deleted before.
 */
export class RecentMap<V> {
  #newer = new Map<string, V>();
  #older = new Map<string, V>();

  constructor(private readonly limit: number) {}

  get(key: string): V | undefined {
    return this.#newer.get(key) ?? this.#older.get(key);
  }

  set(key: string, value: V): void {
    if (this.#newer.size >= this.limit) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, value);
  }
}
