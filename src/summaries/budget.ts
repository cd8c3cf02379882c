import { closestMatch } from 'leven';
import { FIGURES, type BudgetUnit, type Figure, type Reading } from './budget-figures.js';
import { parseLimit } from './budget-limit.js';
import { findRow } from './find-row.js';
import type { Summary } from '../summary.js';

/** A limit that a figure of a summary has to keep. Made by {@link parseBudget}. */
export interface Budget {
  /** Whether the figure may be no more than the limit, or no less. */
  readonly bound: 'max' | 'min';
  /** As it is listed at {@link parseBudget}: `p95`, `cost-per-trace`. */
  readonly figure: string;
  /** The name of the row; absent when the figure is of all traces. */
  readonly segment?: string;
  readonly unit: BudgetUnit;
  /** In its unit: seconds, US dollars, a share of 1 or a count. */
  readonly limit: number;
}

/** What became of a {@link Budget}. */
export interface BudgetResult extends Budget {
  /** `unknown` when the summary does not tell: that is no pass. */
  readonly outcome: 'kept' | 'broken' | 'unknown';
  /** In the budget's unit; absent when it is not known. */
  readonly actual?: number;
  /** Why `actual` is absent, or is only the least that it may be. */
  readonly lacks?: string;
}

/**
 * Reads a budget: `figure=limit`, of all traces, or `figure:segment=limit`, of one row.
 *
 * Figures of both: `p50`, `p95`, `p99`, `max`, `error-rate`, `success-rate`, `total`, `waste`, `cost`,
 * `tokens`, `retries`, `errors`; of all traces alone: `cost-per-success`, `traces`, `llm-calls`; of a
 * segment alone: `share`, `self`, `critical`, `calls`. `total`, `self`, `critical`, `waste`, `cost`,
 * `tokens`, `calls`, `llm-calls`, `retries` and `errors` are sums over all traces; with `-per-trace`
 * behind them (`cost-per-trace`) they are divided by the number of traces. Case and hyphens make no
 * difference: `costPerTrace`.
 *
 * Times need a unit (`ns`, `us`, `ms`, `s`, `m`, `h`), rates a `%`; money may have a `$`.
 *
 * A segment may hold anything: the figure ends at the first colon, the limit begins after the last `=`.
 * Where several services have one of that name it is `service/segment`.
 *
 * ```ts
 * import { parseBudget } from 'hotspan/report';
 *
 * console.log(parseBudget('p95:chat gpt-4o=1.5s').limit); // → 1.5
 * console.log(parseBudget('success-rate=99%', 'min').limit); // → 0.99
 * ```
 *
 * @param bound whether the limit is the most (`max`, the default) or the least (`min`)
 * @throws TypeError when it is no budget; the message says in one line what was expected
 */
export function parseBudget(text: string, bound: Budget['bound'] = 'max'): Budget {
  const wrong = (expected: string) => new TypeError(`budget "${text}": expected ${expected}`);
  const end = text.lastIndexOf('=');
  if (end < 0) throw wrong('figure=limit or figure:segment=limit, such as p95:search=2s');
  const [written = '', ...rest] = text.slice(0, end).split(':');
  const name = figureNamed(written);
  const figure = name === undefined ? undefined : FIGURES.get(name);
  if (name === undefined || figure === undefined) throw wrong(aFigureBut(written));
  const segment = rest.length === 0 ? undefined : rest.join(':');
  const misplaced = misplacedSegment(name, figure, segment);
  if (misplaced !== undefined) throw wrong(misplaced);
  const limit = parseLimit(text.slice(end + 1).trim(), figure.unit);
  if (typeof limit === 'string') throw wrong(limit);
  return { bound, figure: name, ...(segment && { segment }), unit: figure.unit, limit };
}

/**
 * Holds a summary to its budgets, in the order given. What is not known, such as the cost when no call
 * has a price, keeps no budget.
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
 * @throws RangeError when the summary has no row of a budget's segment, or several; the message says in
 *   one line which ones are near
 */
export function checkBudgets(summary: Summary, budgets: readonly Budget[]): BudgetResult[] {
  return budgets.map((budget) => {
    const { value, lacks } = read(summary, budget);
    return {
      ...budget,
      outcome: judge(budget, value, lacks !== undefined),
      ...(value === undefined ? {} : { actual: value }),
      ...(lacks === undefined ? {} : { lacks }),
    };
  });
}

function read(summary: Summary, { figure: name, segment }: Budget): Reading {
  const figure = FIGURES.get(name);
  const reading =
    segment === undefined
      ? figure?.ofAll?.(summary)
      : figure?.ofRow?.(findRow(summary.bottlenecks, segment), summary);
  return reading ?? { lacks: 'there is no such figure' };
}

/** What sums of doubles are off by is not what breaks a budget. */
const ROUNDING = 1e-9;

function judge(
  { bound, limit }: Budget,
  actual: number | undefined,
  mayBeMore: boolean,
): BudgetResult['outcome'] {
  if (actual === undefined) return 'unknown';
  const isAbove = actual > limit * (1 + ROUNDING);
  if (bound === 'max') {
    if (isAbove) return 'broken';
    return mayBeMore ? 'unknown' : 'kept';
  }
  if (actual >= limit * (1 - ROUNDING)) return 'kept';
  return mayBeMore ? 'unknown' : 'broken';
}

function bare(name: string): string {
  return name.replace(/[-_\s]/g, '').toLowerCase();
}

function figureNamed(written: string): string | undefined {
  return [...FIGURES.keys()].find((name) => bare(name) === bare(written));
}

function aFigureBut(written: string): string {
  const names = [...FIGURES.keys()];
  const near = closestMatch(written.slice(0, 40), names, { maxDistance: 2 });
  const list = names.filter((name) => !name.endsWith('-per-trace')).join(', ');
  return `a figure, ${near === undefined ? '' : `perhaps ${near}: `}one of ${list}`;
}

function misplacedSegment(
  name: string,
  { ofAll, ofRow }: Figure,
  segment: string | undefined,
): string | undefined {
  if (segment === '') return `a segment after the colon, as in ${name}:search`;
  if (segment === undefined && ofAll === undefined) {
    return `a segment, as in ${name}:search, because ${name} is of one`;
  }
  if (segment !== undefined && ofRow === undefined) {
    return `no segment, because ${name} is of all traces`;
  }
  return undefined;
}
