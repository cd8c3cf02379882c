import { closestMatch } from 'leven';
import { BUDGET_FIGURES, type BudgetFigure, type BudgetReading } from './budget-figures.js';
import type { FigureUnit } from '../format.js';
import { findRow } from './find-row.js';
import { OTHER } from '../bounded.js';
import { MAX_VALUES, NONE } from '../ranking/by-values.js';
import { allOf, byValueOf, rowOf } from './figure.js';
import type { Summary } from '../summary.js';

/** A limit on one figure of a summary. Made by {@link parseBudget}. */
export interface Budget {
  /** `max`: the figure may not be above the limit. `min`: it may not be below. */
  readonly bound: 'max' | 'min';
  /** A name from the list at {@link parseBudget}, such as `p95` or `cost-per-trace`. */
  readonly figure: string;
  /** The name of a row, or of an attribute. Absent when the budget limits all traces together. */
  readonly segment?: string;
  readonly unit: FigureUnit;
  /** In seconds, US dollars, a share of 1 or a count, as `unit` says. */
  readonly limit: number;
}

/** The outcome of a {@link Budget}. */
export interface BudgetResult extends Budget {
  /** `unknown` when the summary does not hold the figure. Treat it as broken. */
  readonly outcome: 'kept' | 'broken' | 'unknown';
  /** The figure, in the budget's unit. Absent when it is unknown. */
  readonly actual?: number;
  /** The value of the attribute that has this figure: the highest for `max`, the lowest for `min`. */
  readonly value?: string;
  /** Why `actual` is absent, or why the true figure may be higher. */
  readonly lacks?: string;
}

/**
 * Reads a budget from text: `figure=limit` for all traces, or `figure:segment=limit` for one row.
 *
 * - For both: `p50`, `p95`, `p99`, `max`, `error-rate`, `success-rate`, `total`, `waste`, `cost`,
 *   `tokens`, `retries`, `errors`.
 * - For all traces only: `cost-per-success`, `traces`, `llm-calls`.
 * - For a segment only: `share`, `self`, `critical`, `calls`.
 *
 * `total`, `self`, `critical`, `waste`, `cost`, `tokens`, `calls`, `llm-calls`, `retries` and `errors`
 * add up all traces. Append `-per-trace` to divide them by the number of traces: `cost-per-trace`.
 * Append `-by` for each value of an attribute that the traces were grouped by: `cost-by:session.id`. Case and hyphens do not matter: `costPerTrace` works too.
 *
 * Write times with a unit (`ns`, `us`, `ms`, `s`, `m`, `h`), rates with `%`, money with or without `$`.
 *
 * Segment names may contain any character: the figure ends at the first colon, and the limit starts
 * after the last `=`. If several services have a segment of that name, write `service/segment`.
 *
 * ```ts
 * import { parseBudget } from 'hotspan/report';
 *
 * console.log(parseBudget('p95:chat gpt-4o=1.5s').limit); // → 1.5
 * console.log(parseBudget('success-rate=99%', 'min').limit); // → 0.99
 * ```
 *
 * @param bound `max` (the default) if the figure may not exceed the limit, `min` if it may not be lower
 * @throws TypeError if the text is not a budget; the message says in one line what was expected
 */
export function parseBudget(text: string, bound: Budget['bound'] = 'max'): Budget {
  const wrong = (expected: string) => new TypeError(`budget "${text}": expected ${expected}`);
  const end = text.lastIndexOf('=');
  if (end < 0) throw wrong('figure=limit or figure:segment=limit, such as p95:search=2s');
  const [written = '', ...rest] = text.slice(0, end).split(':');
  const bare = (name: string) => name.replace(/[-_\s]/g, '').toLowerCase();
  const name = [...BUDGET_FIGURES.keys()].find((each) => bare(each) === bare(written));
  if (name === undefined) throw wrong(aFigureBut(written));
  const figure = BUDGET_FIGURES.get(name)!;
  const segment = rest.length === 0 ? undefined : rest.join(':');
  const misplaced = misplacedSegment(name, figure, segment);
  if (misplaced !== undefined) throw wrong(misplaced);
  const limit = parseLimit(text.slice(end + 1).trim(), figure.unit);
  if (typeof limit === 'string') throw wrong(limit);
  return { bound, figure: name, ...(segment && { segment }), unit: figure.unit, limit };
}

/**
 * Compares the figures of a summary with budgets. Returns one result for each budget, in their order.
 * A figure that the summary does not hold, such as the cost when no call has a price, gets the outcome
 * `unknown`, never `kept`.
 *
 * ```ts
 * import { segment } from 'hotspan';
 * import { checkBudgets, parseBudget } from 'hotspan/report';
 * import { startTracing } from 'hotspan/node';
 *
 * const tracing = startTracing();
 * segment('search', () => 1);
 * const budgets = [parseBudget('p95:search=2s'), parseBudget('success-rate=99%', 'min')];
 * const results = checkBudgets(tracing.summary(), budgets);
 * console.log(results.every(({ outcome }) => outcome === 'kept')); // → true
 * await tracing.shutdown();
 * ```
 *
 * @throws RangeError if the summary has no row for a budget's segment, or several; the message names
 *   the nearest ones in one line
 */
export function checkBudgets(summary: Summary, budgets: readonly Budget[]): BudgetResult[] {
  return budgets.map((budget) => {
    const { figure, segment } = budget;
    const known = BUDGET_FIGURES.get(figure);
    if (known?.isBy === true) return checkBy(summary, budget, known);
    const subject =
      segment === undefined
        ? allOf(summary)
        : rowOf(summary, findRow(summary.bottlenecks, segment));
    const isKnown = known?.sides.includes(subject.side) === true;
    const reading = isKnown ? known.read(subject) : { lacks: 'there is no such figure' };
    return { ...budget, outcome: outcomeOf(budget, reading), ...reading };
  });
}

/** The attributes that a budget looks at. */
export function byOf({ figure, segment }: Budget): string[] {
  return BUDGET_FIGURES.get(figure)?.isBy === true && segment !== undefined ? [segment] : [];
}

/** Looks at the value that comes closest to the limit, or is furthest beyond it. */
function checkBy(summary: Summary, budget: Budget, { read }: BudgetFigure): BudgetResult {
  const { bound, segment } = budget;
  const found = summary.by?.find(({ attribute }) => attribute === segment);
  if (found === undefined) {
    throw new RangeError(`the summary is not grouped by "${segment ?? ''}" (see \`by\`)`);
  }
  const sign = bound === 'max' ? 1 : -1;
  const [worst] = found.values
    .filter(({ value }) => value !== OTHER && value !== NONE)
    .map(({ value, ...values }) => ({ value, ...read(byValueOf(summary, { value, ...values })) }))
    .filter(({ actual }) => actual !== undefined)
    .sort((a, b) => sign * (b.actual! - a.actual!));
  if (worst === undefined) return { ...budget, outcome: 'unknown', lacks: 'no value has it' };
  const isCut = found.values.some(({ value }) => value === OTHER);
  const lacks = isCut ? { lacks: `there are more values than ${MAX_VALUES}` } : {};
  return { ...budget, ...lacks, ...worst, outcome: outcomeOf(budget, { ...lacks, ...worst }) };
}

/** Sums of doubles are off by this share: that breaks no budget. */
const ROUNDING = 1e-9;

function outcomeOf({ bound, limit }: Budget, { actual, lacks }: BudgetReading) {
  if (actual === undefined) return 'unknown';
  const isBelow = actual < limit * (1 - ROUNDING);
  const isAbove = actual > limit * (1 + ROUNDING);
  // Where something lacks, the true figure may be higher.
  if (bound === 'max' && isAbove) return 'broken';
  if (bound === 'min' && !isBelow) return 'kept';
  if (lacks !== undefined) return 'unknown';
  return bound === 'min' ? 'broken' : 'kept';
}

function aFigureBut(written: string): string {
  const names = [...BUDGET_FIGURES.keys()];
  const near = closestMatch(written.slice(0, 40), names, { maxDistance: 2 });
  const list = names.filter((name) => !/-(per-trace|by)$/.test(name)).join(', ');
  return `a figure, ${near === undefined ? '' : `perhaps ${near}: `}one of ${list}`;
}

function misplacedSegment(
  name: string,
  { sides, isBy }: BudgetFigure,
  segment: string | undefined,
): string | undefined {
  if (isBy === true) return segment ? undefined : `an attribute, as in ${name}:session.id`;
  if (segment === '') return `a segment after the colon, as in ${name}:search`;
  if (segment === undefined && !sides.includes('all')) {
    return `a segment, as in ${name}:search, because ${name} is a figure of one segment`;
  }
  if (segment !== undefined && !sides.includes('row')) {
    return `no segment, because ${name} is a figure of all traces`;
  }
  return undefined;
}

type Scale = readonly [exponent: number, factor: number];
const NUMBER = String.raw`(\d+(?:\.\d+)?|\.\d+)`;
const PLAIN = { '': [0, 1] } as const;

const NOTATIONS: Readonly<
  Record<FigureUnit, { pattern: RegExp; expected: string; units: Readonly<Record<string, Scale>> }>
> = {
  seconds: {
    pattern: new RegExp(`^${NUMBER}\\s*(ns|us|µs|μs|ms|s|m|min|h)$`),
    expected: 'a time with its unit, such as 1.5s, 300ms or 2m',
    units: {
      ...{ ns: [-9, 1], us: [-6, 1], µs: [-6, 1], μs: [-6, 1], ms: [-3, 1] },
      ...{ s: [0, 1], m: [0, 60], min: [0, 60], h: [0, 3600] },
    },
  },
  usd: {
    pattern: new RegExp(`^\\$?\\s*${NUMBER}()$`),
    expected: 'US dollars, such as $0.05 or 0.05',
    units: PLAIN,
  },
  share: {
    pattern: new RegExp(`^${NUMBER}\\s*(%)$`),
    expected: 'a part of 100 %, such as 1% or 99.5%',
    units: { '%': [-2, 1] },
  },
  count: {
    pattern: new RegExp(`^${NUMBER}()$`),
    expected: 'a number, such as 3 or 2.5',
    units: PLAIN,
  },
};

/** Returns the limit in its unit, or in words what was expected. */
function parseLimit(text: string, unit: FigureUnit): number | string {
  const { pattern, expected, units } = NOTATIONS[unit];
  const [, digits = '', suffix = ''] = pattern.exec(text) ?? [];
  const scale = units[suffix];
  const wrong = `${expected}, got "${text.slice(0, 40)}"`;
  if (digits === '' || scale === undefined) return wrong;
  const [exponent, factor] = scale;
  // 1.1 / 100 is not 0.011, but 1.1e-2 is.
  const limit = Number(`${digits}e${exponent}`) * factor;
  return Number.isFinite(limit) && (unit !== 'share' || limit <= 1) ? limit : wrong;
}
