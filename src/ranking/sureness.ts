import { addGroups, noGroupSums, totalOf } from '../trace-groups.js';
import type { Bottleneck } from '../summary.js';

/** Student's t: how many standard errors are within 95 %, by the degrees of freedom. */
const STUDENT = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306],
  ...[2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131],
];

/**
 * Returns how far, in 95 of 100 cases, the share that `parts` have of `whole` is at most from what it would be if there
 * were no end of traces: by the method of random groups (Wolter, "Introduction to variance estimation", chapter 2),
 * for a ratio. `undefined` where all traces are in one group. It takes traces to be independent of each other.
 */
export function marginOf(
  parts: readonly number[],
  whole: readonly number[],
  sizes = parts,
): number | undefined {
  const all = totalOf(whole);
  const groups = whole.filter((sum) => sum > 0).length;
  if (groups < 2 || all <= 0) return undefined;
  const share = totalOf(parts) / all;
  let squares = 0;
  for (const [group, part] of parts.entries()) squares += (part - share * (whole[group] ?? 0)) ** 2;
  const error = Math.sqrt((squares * groups) / (groups - 1)) / all;
  return studentFor(Math.min(groups, effective(sizes)) - 1) * error;
}

/** Kish: how many groups of one size would tell as much. Of a rare row few tell anything. */
function effective(sizes: readonly number[]): number {
  let squares = 0;
  for (const size of sizes) squares += size * size;
  return squares === 0 ? Infinity : totalOf(sizes) ** 2 / squares;
}

function studentFor(freedom: number): number {
  const at = Math.min(Math.max(freedom, 1), STUDENT.length) - 1;
  const below = STUDENT[Math.floor(at)]!;
  return below + (at % 1) * (STUDENT[Math.ceil(at)]! - below);
}

type Sums = readonly number[] | undefined;
type Grouped = Pick<
  Bottleneck,
  'criticalSeconds' | 'savingSeconds' | 'criticalGroups' | 'savingGroups'
>;

/** By default a saving is the same share of the critical time in all groups. */
export function savingGroupsOf(row: Grouped): Sums {
  const { savingGroups, criticalGroups, savingSeconds, criticalSeconds } = row;
  if (savingGroups !== undefined || savingSeconds === undefined) return savingGroups;
  const ratio = criticalSeconds > 0 ? savingSeconds / criticalSeconds : 0;
  return criticalGroups?.map((sum) => ratio * sum);
}

type Intervals = Pick<
  Bottleneck,
  'criticalLowShare' | 'criticalHighShare' | 'savingLowSeconds' | 'savingHighSeconds'
>;

/** The intervals that contain share and saving of a row in 95 of 100 cases. */
export function intervalsOf(row: Grouped, whole: Sums): Intervals {
  if (whole === undefined || row.criticalGroups === undefined) return {};
  const all = totalOf(whole);
  const ofCritical = marginOf(row.criticalGroups, whole);
  if (ofCritical === undefined) return {};
  const share = row.criticalSeconds / all;
  const shares = {
    criticalLowShare: Math.max(0, share - ofCritical),
    criticalHighShare: Math.min(1, share + ofCritical),
  };
  const saving = savingGroupsOf(row);
  const ofSaving = saving && marginOf(saving, whole);
  if (ofSaving === undefined || row.savingSeconds === undefined) return shares;
  return {
    ...shares,
    savingLowSeconds: Math.max(0, row.savingSeconds - ofSaving * all),
    savingHighSeconds: Math.min(all, row.savingSeconds + ofSaving * all),
  };
}

/** Checks whether either of two sums may be the larger one, if there were no end of traces. */
export function cannotBeToldApart(one: Sums, other: Sums, whole: Sums): boolean {
  if (one === undefined || other === undefined || whole === undefined) return false;
  const difference = noGroupSums();
  const sizes = noGroupSums();
  addGroups(difference, one);
  addGroups(difference, other, -1);
  addGroups(sizes, one);
  addGroups(sizes, other);
  const margin = marginOf(difference, whole, sizes);
  return margin !== undefined && Math.abs(totalOf(difference)) <= margin * totalOf(whole);
}

/** Of the critical time. Less makes no interval wider. */
const MIN_ODD = 1e-5;

/** The groups as a row has them: those of the saving where its share of the critical time is not the same in all. */
export function groupsOf(
  criticalGroups: readonly number[],
  savingGroups: Sums,
): Pick<Bottleneck, 'criticalGroups' | 'savingGroups'> {
  if (savingGroups === undefined) return { criticalGroups };
  const all = totalOf(criticalGroups);
  const share = totalOf(savingGroups) / all;
  const isOdd = (sum: number, group: number) =>
    Math.abs((savingGroups[group] ?? 0) - share * sum) > MIN_ODD * all;
  return criticalGroups.some(isOdd) ? { criticalGroups, savingGroups } : { criticalGroups };
}
