/** Minimum, median and maximum of some figures. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/**
 * The value in the middle, or the mean of the two in the middle.
 *
 * @throws RangeError without any value
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('expected at least one value');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * How far some figures lie apart.
 *
 * @throws RangeError without any value
 */
export function spreadOf(values: readonly number[]): Spread {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}

/**
 * The ratio of two sides in each round. What slows the machine down for a while slows down both sides of
 * a round, so that it is not seen in these; it is in the ratio of two medians.
 *
 * @throws RangeError when there are not as many values on both sides
 */
export function ratiosOf(values: readonly number[], against: readonly number[]): number[] {
  if (values.length !== against.length) {
    throw new RangeError(
      `expected as many rounds on both sides, got ${values.length} and ${against.length}`,
    );
  }
  return values.map((value, round) => value / against[round]!);
}
