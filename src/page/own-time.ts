import type { Bottleneck } from '../summary.js';
import { inPercent } from './amounts.js';

/** One thing that a row does with its own time. */
export interface OwnTime {
  readonly words: string;
  /** `true` for what makes only the code itself faster. */
  readonly isWork?: true;
  /** The row that it waits for. */
  readonly row?: string;
  /** Of the row's own time that was waited for, 0 to 1. */
  readonly share: number;
}

const MIN_SHARE = 0.05;
const MOST = 2;

/**
 * What a row does with its own time, as far as spans tell, most first: waits for another row, is idle, has a model
 * answer, works without a pause. What is told of less than 5 % of it is left out.
 */
export function ownTime(row: Bottleneck): OwnTime[] {
  const { waitsFor = [], criticalSeconds, idleSeconds = 0, inputTokens, outputTokens } = row;
  const { blockedSeconds = 0, selfSeconds } = row;
  const waited = waitsFor.reduce((sum, { seconds }) => sum + seconds, 0);
  // Its waits are in the critical time of the rows that it waited for.
  const all = criticalSeconds + waited;
  if (!(all > 0)) return [];
  const working = selfSeconds > 0 ? Math.min(blockedSeconds / selfSeconds, 1) : 0;
  const isModel = inputTokens !== undefined || outputTokens !== undefined;
  const told: OwnTime[] = [
    ...waitsFor.map((wait) => ({ words: 'waits for', row: wait.row, share: wait.seconds / all })),
    { words: 'idle', share: idleSeconds / all },
    { words: 'model answers', share: isModel ? (criticalSeconds - idleSeconds) / all : 0 },
    { words: 'works', isWork: true, share: (working * (criticalSeconds - idleSeconds)) / all },
  ];
  return told
    .filter(({ share }) => share >= MIN_SHARE)
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST);
}

/** The share in words; empty where it is nearly all. */
export function shareWords(share: number): string {
  return share >= 0.95 ? '' : inPercent(share);
}
