/** What stands in for the keys that a bounded collection has no room for. */
export const OTHER = '(other)';

/**
 * A map that never grows beyond `limit` keys and one more: all further keys share the value that
 * `makeOther` makes, under {@link OTHER}.
 */
export class BoundedMap<V> {
  readonly #values = new Map<string, V>();
  readonly #limit: number;
  readonly #makeOther: () => V;
  #other: V | undefined;

  constructor(limit: number, makeOther: () => V) {
    this.#limit = limit;
    this.#makeOther = makeOther;
  }

  /** The value of `key`; `make` is called when it is new and there is room for it. */
  get(key: string, make: () => V): V {
    let value = this.#values.get(key);
    if (value !== undefined) return value;
    if (this.#values.size >= this.#limit) return (this.#other ??= this.#makeOther());
    value = make();
    this.#values.set(key, value);
    return value;
  }

  /** All values, in the order in which their keys came; the one of further keys last. */
  values(): V[] {
    const values = [...this.#values.values()];
    return this.#other === undefined ? values : [...values, this.#other];
  }
}

/** The `limit` largest items by `size`, in falling order. */
export class Largest<T> {
  readonly #items: T[] = [];
  readonly #limit: number;
  readonly #size: (item: T) => number;
  #smallest = -Infinity;

  constructor(limit: number, size: (item: T) => number) {
    this.#limit = limit;
    this.#size = size;
  }

  /** Whether an item of this size is among the largest, so that others need not be made. */
  hasRoomFor(size: number): boolean {
    return this.#items.length < this.#limit || size > this.#smallest;
  }

  /** Keeps the item if it is among the largest. */
  offer(item: T): void {
    const items = this.#items;
    const size = this.#size(item);
    if (!this.hasRoomFor(size)) return;
    if (items.length >= this.#limit) items.pop();
    let at = items.length;
    while (at > 0 && this.#size(items[at - 1] as T) < size) at -= 1;
    items.splice(at, 0, item);
    this.#smallest = this.#size(items[items.length - 1]!);
  }

  /** The items, largest first. */
  list(): readonly T[] {
    return this.#items;
  }
}
