/** Work that stops at every `yield`, a few milliseconds apart at most, so that others have their turn. */
export type Sliced<T = void> = Generator<undefined, T, undefined>;

/** How many spans are looked at in one. */
export const SLICE = 4_000;

export function runAtOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

export function* forEachInSlices(
  count: number,
  each: (index: number) => void,
  slice = SLICE,
): Sliced {
  for (let from = 0; from < count; from += slice) {
    const until = Math.min(from + slice, count);
    for (let index = from; index < until; index += 1) each(index);
    if (until < count) yield;
  }
}

/** As `sort`, which is stable: slices of the items sorted, and merged two by two. */
export function* sortInSlices<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Sliced<T[]> {
  if (items.length <= SLICE) return [...items].sort(compare);
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += SLICE) {
    runs.push(items.slice(from, from + SLICE).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      const second = runs[at + 1];
      merged.push(second === undefined ? runs[at]! : yield* merge(runs[at]!, second, compare));
    }
    runs = merged;
  }
  return runs[0]!;
}

function* merge<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): Sliced<T[]> {
  const merged: T[] = [];
  let atA = 0;
  let atB = 0;
  while (atA < a.length || atB < b.length) {
    const isFirst = atB === b.length || (atA < a.length && compare(a[atA]!, b[atB]!) <= 0);
    merged.push(isFirst ? a[atA++]! : b[atB++]!);
    if (merged.length % (4 * SLICE) === 0) yield;
  }
  return merged;
}
