import type { Bin } from '../durations.js';
import {
  amountTest,
  rankTest,
  shareTest,
  tailTest,
  type Amount,
  type Share,
  type TestResult,
} from './significance.js';

/** One figure of a side that two summaries can be compared by. */
export interface Figure<Side> {
  /** What is said when it fell, and when it rose. */
  readonly words: readonly ['faster', 'slower'] | readonly ['cheaper', 'dearer'] | typeof COUNT;
  /** `undefined` when it is not known. */
  readonly value: (side: Side) => number | undefined;
  /** How large the change is, as a share: below 0.02 it is too small to matter. */
  readonly size: (before: number, after: number) => number;
  /** `undefined` when it cannot be told: a distribution or prices that it needs are not known. */
  readonly test: (before: Side, after: Side) => TestResult | undefined;
}

/** Something that is not time or money. */
export const COUNT = ['fewer', 'more'] as const;
const MONEY = ['cheaper', 'dearer'] as const;
/** How long something took. */
export const TIME = ['faster', 'slower'] as const;

/** A quantile of durations; of the median all ranks are asked, of others the tail above. */
export function quantileFigure<Side>(
  quantile: number,
  value: (side: Side) => number | undefined,
  binsOf: (side: Side) => readonly Bin[] | undefined,
): Figure<Side> {
  return {
    words: TIME,
    value,
    size: relativeSize,
    test: (before, after) => {
      const [a, b] = [binsOf(before), binsOf(after)];
      if (a === undefined || b === undefined) return undefined;
      return quantile === 0.5 ? rankTest(a, b) : tailTest(a, b, quantile);
    },
  };
}

/** A share of 1. Its size is that of the rarer outcome: from 1 % of failures to 2 % is twice as many. */
export function shareFigure<Side>(shareOf: (side: Side) => Share): Figure<Side> {
  return {
    words: COUNT,
    value: (side) => {
      const { count, of } = shareOf(side);
      return of > 0 ? count / of : undefined;
    },
    size: (before, after) => {
      const rarer = Math.max(Math.min(before, 1 - before), Math.min(after, 1 - after));
      return before === after ? 0 : Math.abs(after - before) / (rarer || 1);
    },
    test: (before, after) => shareTest(shareOf(before), shareOf(after)),
  };
}

/** A sum per trace or per call. */
export function amountFigure<Side>(
  words: Figure<Side>['words'],
  amountOf: (side: Side) => Amount | undefined,
): Figure<Side> {
  return {
    words,
    value: (side) => {
      const amount = amountOf(side);
      return amount === undefined || amount.units === 0 ? undefined : amount.sum / amount.units;
    },
    size: relativeSize,
    test: (before, after) => {
      const [a, b] = [amountOf(before), amountOf(after)];
      return a === undefined || b === undefined ? undefined : amountTest(a, b);
    },
  };
}

/** A sum of money per trace or per call; what it changed cannot be told while calls have no price. */
export function costFigure<Side>(
  amountOf: (side: Side) => Amount | undefined,
  unpricedOf: (side: Side) => number,
): Figure<Side> {
  const figure = amountFigure(MONEY, amountOf);
  return {
    ...figure,
    test: (before, after) =>
      unpricedOf(before) + unpricedOf(after) > 0 ? undefined : figure.test(before, after),
  };
}

function relativeSize(before: number, after: number): number {
  return before === after ? 0 : Math.abs(after - before) / Math.max(before, after);
}
