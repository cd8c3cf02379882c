/** A sum that stays `undefined` until something is added: no price is not the price 0. */
export class OptionalSum {
  #sum: number | undefined;

  add(value: number | undefined): void {
    if (value !== undefined) this.#sum = (this.#sum ?? 0) + value;
  }

  get value(): number | undefined {
    return this.#sum;
  }
}

export function sumOf<T>(
  items: readonly T[],
  pick: (item: T) => number | undefined,
): number | undefined {
  const sum = new OptionalSum();
  for (const item of items) sum.add(pick(item));
  return sum.value;
}

/** Returns the fields that are not `undefined`: unknown figures are absent. */
export function defined<T extends object>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
