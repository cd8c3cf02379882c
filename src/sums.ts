/** A sum that knows whether anything was added: no price is not the price 0. */
export class OptionalSum {
  #sum: number | undefined;

  /** Adds a value, if there is one. */
  add(value: number | undefined): void {
    if (value !== undefined) this.#sum = (this.#sum ?? 0) + value;
  }

  /** The sum, `undefined` when nothing was added. */
  get value(): number | undefined {
    return this.#sum;
  }
}

/** The sum of what is known; `undefined` when nothing is. */
export function sumOf<T>(
  items: readonly T[],
  pick: (item: T) => number | undefined,
): number | undefined {
  const sum = new OptionalSum();
  for (const item of items) sum.add(pick(item));
  return sum.value;
}

/** The fields that are not `undefined`: what is not known is absent. */
export function defined<T extends object>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
