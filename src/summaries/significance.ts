import { getOrMake } from '../bounded.js';
import type { Bin } from '../durations.js';

export interface TestResult {
  /** How often sides that do not differ would look at least as different, 0 to 1. */
  readonly pValue: number;
  /** 1 if the side after is larger, −1 if it is smaller, 0 if neither is. */
  readonly sign: number;
}

export interface Share {
  readonly count: number;
  readonly of: number;
}

export interface Amount {
  readonly sum: number;
  readonly events: number;
  /** Traces or calls. */
  readonly units: number;
}

/**
 * The test of Mann and Whitney ("On a test of whether one of two random variables is stochastically larger
 * than the other", 1947): normal, corrected for ties (durations in one bin) and for continuity.
 */
export function rankTest(before: readonly Bin[], after: readonly Bin[]): TestResult {
  let [beforeCount, afterCount, pairs, ties] = [0, 0, 0, 0];
  for (const bin of sideBySide(before, after)) {
    pairs += bin.after * (beforeCount + bin.before / 2);
    beforeCount += bin.before;
    afterCount += bin.after;
    ties += (bin.before + bin.after) ** 3 - (bin.before + bin.after);
  }
  const all = beforeCount + afterCount;
  const expected = (beforeCount * afterCount) / 2;
  const variance = (expected / 6) * (all + 1 - ties / (all * (all - 1)));
  if (!(variance > 0)) return { pValue: 1, sign: 0 };
  const distance = Math.max(0, Math.abs(pairs - expected) - 0.5);
  return { pValue: normalTails(distance / Math.sqrt(variance)), sign: Math.sign(pairs - expected) };
}

/**
 * Compares the shares above the common quantile of both sides: Mood's median test ("Introduction to the
 * Theory of Statistics", 1950) at another quantile.
 */
export function tailTest(
  before: readonly Bin[],
  after: readonly Bin[],
  quantile: number,
): TestResult {
  const bins = sideBySide(before, after);
  const total = bins.reduce((sum, bin) => sum + bin.before + bin.after, 0);
  const wanted = (1 - quantile) * total;
  const above = { before: 0, after: 0 };
  let cut = { ...above };
  for (const bin of bins.reverse()) {
    above.before += bin.before;
    above.after += bin.after;
    const isNearer = (side: typeof above) => Math.abs(side.before + side.after - wanted);
    if (isNearer(above) < isNearer(cut)) cut = { ...above };
  }
  return shareTest({ count: cut.before, of: above.before }, { count: cut.after, of: above.after });
}

/**
 * Fisher's exact test ("The logic of inductive inference", 1935), both sides as twice the smaller one. If
 * anything too careful. Its steps grow with the square root of the counts.
 */
export function shareTest(before: Share, after: Share): TestResult {
  const sign = Math.sign(after.count * before.of - before.count * after.of);
  if (sign === 0) return { pValue: 1, sign };
  // The share that is larger after is that of the others where it is smaller.
  const [low, high] = sign > 0 ? [before, after] : [after, before];
  const marked = low.count + high.count;
  const others = low.of + high.of - marked;
  let count = high.count;
  const logChoose = (of: number, chosen: number) =>
    logFactorial(of) - logFactorial(chosen) - logFactorial(of - chosen);
  let term = Math.exp(
    logChoose(marked, count) +
      logChoose(others, high.of - count) -
      logChoose(marked + others, high.of),
  );
  let tail = 0;
  while (term > tail * Number.EPSILON) {
    tail += term;
    term *= ((marked - count) * (high.of - count)) / ((count + 1) * (others - high.of + count + 1));
    count += 1;
  }
  return { pValue: Math.min(1, 2 * tail), sign };
}

/**
 * Assumes that amounts vary as much as their mean, as Poisson counts and exponential amounts do: then the
 * logarithm of their ratio has a standard error of √(1/n + 1/m), for n and m the units or events of the
 * sides, whichever are fewer. Nothing counts as half an event. Most amounts vary less: this is careful.
 */
export function amountTest(before: Amount, after: Amount): TestResult {
  if (before.sum === 0 && after.sum === 0) return { pValue: 1, sign: 0 };
  const [n, m] = [eventsOf(before), eventsOf(after)];
  const sumOf = (side: Amount, other: Amount, otherEvents: number) =>
    side.sum > 0 ? side.sum : other.sum / otherEvents / 2;
  const ratio = sumOf(after, before, n) / after.units / (sumOf(before, after, m) / before.units);
  const logarithm = Math.log(ratio);
  // Of sums that rounding left at almost nothing, or below 0.
  if (!Number.isFinite(logarithm)) return { pValue: 1, sign: 0 };
  return {
    pValue: normalTails(Math.abs(logarithm) / Math.sqrt(1 / n + 1 / m)),
    sign: Math.sign(logarithm),
  };
}

function eventsOf({ sum, events, units }: Amount): number {
  return sum > 0 ? Math.max(1, Math.min(events, units)) : 0.5;
}

/** Corrects the p-values by Benjamini and Hochberg ("Controlling the false discovery rate", 1995). */
export function adjustTogether(pValues: readonly number[]): number[] {
  const largestFirst = [...pValues.entries()].sort(([, a], [, b]) => b - a);
  const adjusted = [...pValues];
  let least = 1;
  for (const [from, [at, pValue]] of largestFirst.entries()) {
    least = Math.min(least, (pValue * pValues.length) / (pValues.length - from));
    adjusted[at] = least;
  }
  return adjusted;
}

/** Returns how often a normal variable is at least this many standard deviations off, to either side. */
function normalTails(deviations: number): number {
  // Abramowitz and Stegun, 7.1.26: off by 1.5e-7 at most.
  const x = deviations / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  return series.reduce((sum, factor) => (sum + factor) * t, 0) * Math.exp(-x * x);
}

function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let factor = 2; factor <= n; factor += 1) product *= factor;
    return Math.log(product);
  }
  // Stirling's series.
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
}

/** Returns the counts of both sides by bin, in rising order. */
function sideBySide(before: readonly Bin[], after: readonly Bin[]) {
  const byIndex = new Map<number, { before: number; after: number }>();
  const pairAt = (index: number) => getOrMake(byIndex, index, () => ({ before: 0, after: 0 }));
  for (const { index, count } of before) pairAt(index).before += count;
  for (const { index, count } of after) pairAt(index).after += count;
  return [...byIndex].sort(([a], [b]) => a - b).map(([, pair]) => pair);
}
