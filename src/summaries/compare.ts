import { defined } from '../sums.js';
import { Quantiles } from '../durations.js';
import type { FigureUnit } from '../format.js';
import { valueOf } from './figure.js';
import type { ComparedName, Comparison, ComparisonTest, Side, Subject } from './figure.js';
import { FIGURES } from './figures.js';
import { adjustTogether, amountTest, rankTest, shareTest, tailTest } from './significance.js';
import type { TestResult } from './significance.js';

/** The share of false alarms to expect among the figures that are called a change. */
const LEVEL = 0.05;
/** Twice the error of an estimated quantile: two may differ by that for no other reason. */
const MIN_SIZE = 0.02;

/**
 * How a figure changed: `faster` or `slower` for times, `cheaper` or `dearer` for money, `more` or
 * `fewer` for everything else; `same` if it moved by less than 2 %, `noise` if it moved no more than it
 * may between two runs of the same program.
 */
export type Verdict =
  'faster' | 'slower' | 'cheaper' | 'dearer' | 'more' | 'fewer' | 'same' | 'noise';

/** One figure before and after. A side where it is unknown is absent, and so is what follows from it. */
export interface FigureChange {
  readonly before?: number;
  readonly after?: number;
  /** after − before. */
  readonly difference?: number;
  /** after ÷ before; absent when before is 0 or almost. */
  readonly ratio?: number;
  /** Corrected for the number of figures compared; absent when there is nothing to test. */
  readonly pValue?: number;
  /** Absent when it cannot be told. */
  readonly verdict?: Verdict;
}

export type Pair = readonly [before: Subject | undefined, after: Subject | undefined];

export interface Compared<S extends Side> {
  readonly name: ComparedName<S>;
  readonly unit: FigureUnit;
  readonly comparison: Comparison;
  readonly value: (subject: Subject) => number | undefined;
  readonly size: (before: number, after: number) => number;
  readonly test: (before: Subject, after: Subject) => TestResult | undefined;
}

const WORDS: Readonly<Record<FigureUnit, readonly [fell: Verdict, rose: Verdict]>> = {
  seconds: ['faster', 'slower'],
  usd: ['cheaper', 'dearer'],
  share: ['fewer', 'more'],
  count: ['fewer', 'more'],
};

export function comparedOf<S extends Side>(side: S): Compared<S>[] {
  return FIGURES.flatMap(([field, figure]) => {
    const comparison: Comparison | undefined = figure.diff?.[side];
    if (comparison === undefined) return [];
    const { unit } = figure;
    const name = comparison.name as ComparedName<S>;
    const own = (subject: Subject) => valueOf(field, figure, subject);
    return [{ name, unit, comparison, ...testOf(comparison.test, unit, own) }];
  }).sort(({ comparison: a }, { comparison: b }) => a.place - b.place);
}

function testOf(
  of: ComparisonTest,
  unit: FigureUnit,
  own: (subject: Subject) => number | undefined,
): Pick<Compared<Side>, 'value' | 'size' | 'test'> {
  if ('quantile' in of) {
    return {
      value: (subject) => (subject.calls > 0 ? own(subject) : undefined),
      size: relativeSize,
      test: (before, after) => {
        if (before.durations === undefined || after.durations === undefined) return undefined;
        const a = Quantiles.fromJson(before.durations).bins();
        const b = Quantiles.fromJson(after.durations).bins();
        return of.quantile === 0.5 ? rankTest(a, b) : tailTest(a, b, of.quantile);
      },
    };
  }
  if ('shareOf' in of) {
    const shareIn = (subject: Subject) => ({ count: of.count(subject), of: subject[of.shareOf] });
    return {
      value: (subject) => divide(of.count(subject), subject[of.shareOf]),
      size: shareSize,
      test: (before, after) => shareTest(shareIn(before), shareIn(after)),
    };
  }
  const sumIn = (subject: Subject) =>
    of.sum === undefined ? own(subject) : subject.values[of.sum];
  const amountIn = (subject: Subject) => ({
    sum: sumIn(subject) ?? 0,
    events: of.events(subject.values),
    units: subject[of.per],
  });
  return {
    value: (subject) => divide(sumIn(subject), subject[of.per]),
    size: relativeSize,
    test: (before, after) => {
      // A lost price is not a saving.
      if (unit === 'usd' && before.unpriced + after.unpriced > 0) return undefined;
      return amountTest(amountIn(before), amountIn(after));
    },
  };
}

function divide(sum: number | undefined, units: number): number | undefined {
  return sum === undefined || units === 0 ? undefined : sum / units;
}

function relativeSize(before: number, after: number): number {
  return before === after ? 0 : Math.abs(after - before) / Math.max(before, after);
}

/** The size by the rarer outcome: from 1 % of failures to 2 % is twice as many. */
function shareSize(before: number, after: number): number {
  const rarer = Math.max(Math.min(before, 1 - before), Math.min(after, 1 - after));
  return before === after ? 0 : Math.abs(after - before) / (rarer || 1);
}

/** Compares all figures of all pairs. The tests are corrected for their number. */
export function changesOf<S extends Side>(
  figures: readonly Compared<S>[],
  pairs: readonly Pair[],
): Record<ComparedName<S>, FigureChange>[] {
  const rows = pairs.map((pair) => figures.map((figure) => compare(figure, pair)));
  const tested = rows.flat().filter(({ test }) => test !== undefined);
  const pValues = adjustTogether(tested.map(({ test }) => test!.pValue));
  const adjusted = new Map(tested.map((each, at) => [each, pValues[at]]));
  return rows.map((row) => {
    const changes = row.map((each, at) => [figures[at]!.name, toChange(each, adjusted.get(each))]);
    return Object.fromEntries(changes) as Record<ComparedName<S>, FigureChange>;
  });
}

function compare(figure: Omit<Compared<Side>, 'name'>, [old, now]: Pair) {
  const before = old && figure.value(old);
  const after = now && figure.value(now);
  const isOnBoth = before !== undefined && after !== undefined;
  return { figure, before, after, test: isOnBoth ? figure.test(old!, now!) : undefined };
}

function toChange(outcome: ReturnType<typeof compare>, pValue: number | undefined): FigureChange {
  const { before, after } = outcome;
  if (before === undefined || after === undefined) return defined({ before, after });
  return {
    before,
    after,
    difference: after - before,
    // JSON has no number for a ratio to almost nothing.
    ...(before > 0 && Number.isFinite(after / before) ? { ratio: after / before } : {}),
    ...defined({ pValue, verdict: verdictOf(outcome, before, after, pValue) }),
  };
}

function verdictOf(
  { figure, test }: ReturnType<typeof compare>,
  before: number,
  after: number,
  pValue: number | undefined,
): Verdict | undefined {
  if (test === undefined || pValue === undefined) return undefined;
  if (figure.size(before, after) < MIN_SIZE) return 'same';
  // A median may have moved one way while the calls as a whole moved the other.
  if (pValue > LEVEL || test.sign !== Math.sign(after - before)) return 'noise';
  return (figure.comparison.words ?? WORDS[figure.unit])[after < before ? 0 : 1];
}

export function isChanged({ verdict }: FigureChange): boolean {
  return verdict !== undefined && verdict !== 'same' && verdict !== 'noise';
}
