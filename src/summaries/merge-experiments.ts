import { groupBy } from '../bounded.js';
import type { ExperimentResult } from '../summary.js';
import { defined, sumOf } from '../sums.js';

/** Each process measured by itself: results of one row are averaged, those of more periods count more. */
export function mergeExperiments(experiments: readonly ExperimentResult[]): ExperimentResult[] {
  const groups = groupBy(experiments, ({ service, segment }) => `${service}\n${segment}`);
  return [...groups.values()].map((group) => {
    if (group.length === 1) return group[0]!;
    const { segment, service } = group[0]!;
    const periods = sumOf(group, (each) => each.periods)!;
    const mean = (of: (each: ExperimentResult) => number) =>
      sumOf(group, (each) => of(each) * each.periods)! / periods;
    const savingSecondsPerTrace = mean((each) => each.savingSecondsPerTrace);
    // Independent measurements: their errors add up in squares.
    const half = (end: 'lowSecondsPerTrace' | 'highSecondsPerTrace') =>
      Math.hypot(
        ...group.map((each) => (each[end] - each.savingSecondsPerTrace) * (each.periods / periods)),
      );
    const isPredicted = group.every((each) => each.predictedSecondsPerTrace !== undefined);
    const predictedSecondsPerTrace = isPredicted
      ? mean((each) => each.predictedSecondsPerTrace!)
      : undefined;
    return {
      ...{ segment, service, periods, slope: mean((each) => each.slope), savingSecondsPerTrace },
      lowSecondsPerTrace: savingSecondsPerTrace - half('lowSecondsPerTrace'),
      highSecondsPerTrace: savingSecondsPerTrace + half('highSecondsPerTrace'),
      ...defined({ predictedSecondsPerTrace }),
    };
  });
}
