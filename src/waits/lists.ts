/** Returns at most so many of the items, evenly chosen. */
export function someOf<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, at) => items[Math.floor((at * items.length) / most)]!);
}

/** Returns the place of the first item for which `is` holds, of items for which it holds from some place on. */
export function firstPlace<T>(items: ArrayLike<T>, is: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(items[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
