/** A sum that stays `undefined` until something is added: no price is not the price 0. */
export class OptionalSum {
  value: number | undefined;

  add(value: number | undefined): void {
    if (value !== undefined) this.value = (this.value ?? 0) + value;
  }
}

export function sumOf<T>(
  items: readonly T[],
  pick: (item: T) => number | undefined,
): number | undefined {
  let sum: number | undefined;
  for (const item of items) {
    const value = pick(item);
    if (value !== undefined) sum = (sum ?? 0) + value;
  }
  return sum;
}

/** Returns the fields that are not `undefined`: unknown figures are absent. */
export function defined<T extends object>(fields: T) {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
