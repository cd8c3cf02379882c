/** The minimum, median and maximum of some figures. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/**
 * Returns the value in the middle, or the mean of the two in the middle.
 *
 * @throws RangeError if there are no values
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('expected at least one value');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Returns the minimum, median and maximum.
 *
 * @throws RangeError if there are no values
 */
export function spreadOf(values: readonly number[]): Spread {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}

/**
 * Returns the ratio of two sides in each round. If the machine is slow for a while, it slows down both sides
 * of a round, so it hardly affects these ratios. It would affect the ratio of two medians.
 *
 * @throws RangeError if the sides have different numbers of values
 */
export function ratiosOf(values: readonly number[], against: readonly number[]): number[] {
  if (values.length !== against.length) {
    throw new RangeError(
      `expected as many rounds on both sides, got ${values.length} and ${against.length}`,
    );
  }
  return values.map((value, round) => value / against[round]!);
}
