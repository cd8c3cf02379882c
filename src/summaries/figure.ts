import type { Durations } from '../durations.js';
import type { FigureUnit } from '../format.js';
import type { OverallChanges, RowChanges } from './diff.js';
import type { Bottleneck, ByValue, EntryPoint, ModelUsage, RankBy, Summary } from '../summary.js';

export interface Parts {
  readonly row: Bottleneck;
  readonly latency: Summary['latency'];
  readonly totals: Summary['totals'];
  readonly model: ModelUsage;
  readonly entryPoint: EntryPoint;
  readonly by: ByValue;
}
export type Part = keyof Parts;

type Numbers<T> = { [K in keyof T]-?: T[K] extends number | undefined ? K : never }[keyof T];

/** The JSON names of the figures. A `rank` and a `mayRank` are places, no figures. */
export type FigureName = Exclude<{ [P in Part]: Numbers<Parts[P]> }[Part], 'rank' | 'mayRank'>;

export type Values = Readonly<Partial<Record<FigureName, number | undefined>>>;

/** The figures that stand in a summary, each with the parts that hold it. The compiler checks both. */
export type FigureTable = {
  readonly [Name in FigureName]: DeclaredFigure & {
    readonly in: {
      readonly [
        P in Part as Name extends keyof Parts[P] ? P : never
      ]: undefined extends Parts[P][Name & keyof Parts[P]] ? 'if known' : 'always';
    };
  };
};

/** What budgets and diffs look at: all traces of a summary, or one of its rows. */
export type Side = 'all' | 'row';

export interface Subject {
  readonly side: Side;
  readonly values: Values;
  readonly traces: number;
  /** The calls of a row; the traces where the subject is all of them. */
  readonly calls: number;
  readonly successes: number;
  /** LLM calls without a known price, of all rows: a summary does not count them by row. */
  readonly unpriced: number;
  readonly durations: Durations | undefined;
}

export type ComparedName<S extends Side> = S extends 'all'
  ? keyof OverallChanges
  : keyof RowChanges;

export interface Comparison<S extends Side = Side> {
  /** Its JSON name in the diff. */
  readonly name: ComparedName<S>;
  /** Its name for people; without one it is not printed. */
  readonly label?: string;
  /** The head of its column in the table of rows; without one it has no column. */
  readonly head?: string;
  /** Its place among the others, the lowest first. */
  readonly place: number;
  /** What is said when it fell and when it rose. Default: by its unit. */
  readonly words?: readonly ['fewer', 'more'];
  readonly isBetterHigh?: boolean;
  readonly test: ComparisonTest;
}

/** A quantile of the durations, a share, or a sum that is divided by traces, calls or successes. */
export type ComparisonTest =
  | { readonly quantile: number }
  | { readonly shareOf: 'traces' | 'calls'; readonly count: (subject: Subject) => number }
  | {
      readonly per: 'traces' | 'calls' | 'successes';
      /** How many events the sum is made of: the more, the less it varies by chance. */
      readonly events: (values: Values) => number;
      /** The sum, if it is another figure. */
      readonly sum?: FigureName;
    };

export interface Whole {
  readonly latencySeconds: number;
  readonly traces: number;
  readonly successes: number;
}

export interface DeclaredFigure {
  readonly in: Readonly<Partial<Record<Part, 'always' | 'if known'>>>;
  /** Default: the sum of what is known. `durations`, `firstTokens`: computed anew from all of those. */
  readonly merge?:
    | 'durations'
    | 'firstTokens'
    | ((parts: readonly Values[], sums: Values, whole: Whole) => number | undefined);
  /** How to compute it where no field holds it. */
  readonly from?: Readonly<Partial<Record<Side, (values: Values) => number | undefined>>>;
  readonly column?: {
    readonly head: string;
    readonly color?: 'yellow' | 'red';
    /** Show the column only when the rows are ranked by one of these. */
    readonly onlyBy?: readonly RankBy[];
    readonly hidesZero?: boolean;
    /** See `Column`. */
    readonly yields?: number;
  };
  readonly budget?: {
    readonly name: string;
    readonly help: string;
    /** `true` if it is a sum over all traces: then there is a figure `…-per-trace` as well. */
    readonly isSum?: boolean;
    /** Why it is unknown when it is 0. */
    readonly zeroMeans?: string;
  };
  readonly diff?: { readonly all?: Comparison<'all'>; readonly row?: Comparison<'row'> };
}

export interface Figure extends DeclaredFigure {
  readonly unit: FigureUnit;
}

/** Returns a figure of all traces or of a row; `undefined` if it is unknown there. */
export function valueOf(name: string, { from }: Figure, subject: Subject): number | undefined {
  return from?.[subject.side]?.(subject.values) ?? subject.values[name as FigureName];
}

export function allOf(summary: Summary): Subject {
  const { totals, latency } = summary;
  return {
    side: 'all',
    values: { ...totals, ...latency },
    traces: latency.count,
    calls: latency.count,
    successes: successesOf(summary),
    unpriced: totals.unpricedCalls,
    durations: latency.durations,
  };
}

export function rowOf({ latency, totals }: Summary, row: Bottleneck): Subject {
  return {
    side: 'row',
    values: row,
    traces: latency.count,
    calls: row.calls,
    successes: row.calls - row.errors,
    unpriced: totals.unpricedCalls,
    durations: row.durations,
  };
}

export function byValueOf({ latency, totals }: Summary, value: ByValue): Subject {
  return {
    side: 'row',
    values: value,
    traces: latency.count,
    calls: value.calls,
    successes: value.calls - value.errors,
    unpriced: totals.unpricedCalls,
    durations: value.durations,
  };
}

/** Returns how many local roots ended without an error. */
export function successesOf({ latency, totals }: Summary): number {
  return Math.round((totals.successRate ?? 0) * latency.count);
}
