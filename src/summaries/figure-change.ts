import { defined } from '../sums.js';
import type { Figure } from './figure.js';
import { adjustTogether, type TestResult } from './significance.js';

/** Of what is called a change at most this share is expected to be noise. */
const LEVEL = 0.05;
/** Twice the error of a sketched quantile: two may differ by that for no other reason. */
const MIN_SIZE = 0.02;

/**
 * What became of a figure: `faster` and `slower` for times, `cheaper` and `dearer` for money, `more`
 * and `fewer` for everything else; `same` when it moved by less than 2 %, `noise` when it moved no more
 * than it may between two runs of the same program.
 */
export type Verdict =
  'faster' | 'slower' | 'cheaper' | 'dearer' | 'more' | 'fewer' | 'same' | 'noise';

/** One figure before and after. A side where it is not known is absent, and what follows from it. */
export interface FigureChange {
  readonly before?: number;
  readonly after?: number;
  /** after − before. */
  readonly difference?: number;
  /** after ÷ before; absent when before is 0. */
  readonly ratio?: number;
  /** Corrected for how many figures were looked at; absent when there is nothing to test. */
  readonly pValue?: number;
  /** Absent when it cannot be told. */
  readonly verdict?: Verdict;
}

/** The two sides of a comparison; one may be missing. */
export type Pair<Side> = readonly [before: Side | undefined, after: Side | undefined];

/** The changes of all figures of all pairs, the tests corrected for their number. */
export function changesOf<Side, Name extends string>(
  figures: Readonly<Record<Name, Figure<Side>>>,
  pairs: readonly Pair<Side>[],
): Record<Name, FigureChange>[] {
  const names = Object.keys(figures) as Name[];
  const compared = pairs.flatMap((pair) => names.map((name) => compareFigure(figures[name], pair)));
  const tested = compared.filter(({ test }) => test !== undefined);
  const pValues = adjustTogether(tested.map(({ test }) => test!.pValue));
  const adjusted = new Map(tested.map((each, at) => [each, pValues[at]]));
  const changes = compared.map((each) => toChange(each, adjusted.get(each)));
  return pairs.map(
    (_, at) =>
      Object.fromEntries(
        names.map((name, column) => [name, changes[at * names.length + column]!]),
      ) as Record<Name, FigureChange>,
  );
}

interface Compared {
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly size: number | undefined;
  readonly test: TestResult | undefined;
  readonly words: Figure<never>['words'];
}

function compareFigure<Side>(figure: Figure<Side>, [old, now]: Pair<Side>): Compared {
  const before = old === undefined ? undefined : figure.value(old);
  const after = now === undefined ? undefined : figure.value(now);
  const { words } = figure;
  if (before === undefined || after === undefined) {
    return { before, after, words, size: undefined, test: undefined };
  }
  const test = figure.test(old!, now!);
  return { before, after, words, size: figure.size(before, after), test };
}

function toChange(compared: Compared, pValue: number | undefined): FigureChange {
  const { before, after } = compared;
  if (before === undefined || after === undefined) return defined({ before, after });
  return {
    before,
    after,
    difference: after - before,
    ...(before > 0 ? { ratio: after / before } : {}),
    ...defined({ pValue, verdict: verdictOf(compared, pValue) }),
  };
}

function verdictOf(compared: Compared, pValue: number | undefined): Verdict | undefined {
  const { before = 0, after = 0, size = 0, test, words } = compared;
  if (test === undefined || pValue === undefined) return undefined;
  if (size < MIN_SIZE) return 'same';
  const [fell, rose] = words;
  // A median may have moved one way while the calls as a whole moved the other.
  if (pValue > LEVEL || test.sign !== Math.sign(after - before)) return 'noise';
  return after < before ? fell : rose;
}

/** Whether a figure changed by more than noise. */
export function isChanged({ verdict }: FigureChange): boolean {
  return verdict !== undefined && verdict !== 'same' && verdict !== 'noise';
}
