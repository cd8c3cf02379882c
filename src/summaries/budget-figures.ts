import type { FigureUnit } from '../format.js';
import { valueOf, type Figure, type Side, type Subject } from './figure.js';
import { FIGURES } from './figures.js';

export interface BudgetFigure {
  readonly unit: FigureUnit;
  readonly help: string;
  readonly isSum: boolean;
  readonly sides: readonly Side[];
  /** `true` if it is of each value of an attribute. */
  readonly isBy?: true;
  readonly read: (subject: Subject) => BudgetReading;
}

export interface BudgetReading {
  /** Absent when it is unknown. */
  readonly actual?: number;
  /** Why there is no value, or why it may be more. */
  readonly lacks?: string;
}

const NO_PRICE = 'no call has a known price';
const NONE = { all: 'no trace has ended', row: 'no call of it has ended' } as const;

export const BUDGET_FIGURES: ReadonlyMap<string, BudgetFigure> = new Map(
  FIGURES.flatMap(([field, figure]) => {
    const { unit, from, budget, in: parts } = figure;
    if (budget === undefined) return [];
    const { name, help, isSum = false } = budget;
    const isOf = { all: 'latency' in parts || 'totals' in parts, row: 'row' in parts };
    const sides = (['all', 'row'] as const).filter((side) => isOf[side] || from?.[side]);
    const read = (subject: Subject) => readFigure(field, figure, subject);
    const all: [string, BudgetFigure][] = [[name, { unit, help, isSum, sides, read }]];
    if (isSum) {
      const perTrace = (subject: Subject) => divide(read(subject), subject.traces);
      const each = `${help}, divided by the traces`;
      all.push([`${name}-per-trace`, { unit, help: each, isSum, sides, read: perTrace }]);
    }
    if ('by' in parts) {
      const each = `${help}, of each value of an attribute`;
      all.push([`${name}-by`, { unit, help: each, isSum: false, sides: [], isBy: true, read }]);
    }
    return all;
  }),
);

function readFigure(field: string, figure: Figure, subject: Subject): BudgetReading {
  const { side, calls, unpriced } = subject;
  const { isSum, zeroMeans } = figure.budget!;
  const isCost = figure.unit === 'usd';
  const actual = valueOf(field, figure, subject) ?? (isSum && !isCost ? 0 : NaN);
  if (!Number.isFinite(actual)) return { lacks: isCost ? NO_PRICE : NONE[side] };
  if (zeroMeans !== undefined) return actual === 0 ? { lacks: zeroMeans } : { actual };
  if (isCost) {
    if (side === 'row' || unpriced === 0) return { actual };
    // Where calls are unpriced, the known cost is the least that it may be.
    return { actual, lacks: `LLM calls without a known price: ${unpriced}` };
  }
  // 0 of no calls would keep any budget; that there are none is known all the same.
  const isOfNone = calls === 0 && (side === 'all' || actual === 0) && field !== 'count';
  return isOfNone ? { lacks: NONE[side] } : { actual };
}

function divide({ actual, ...reading }: BudgetReading, traces: number): BudgetReading {
  if (actual === undefined) return reading;
  return traces === 0 ? { lacks: NONE.all } : { ...reading, actual: actual / traces };
}
