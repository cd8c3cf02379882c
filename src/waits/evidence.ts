import { getOrMake } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import type { Sliced } from '../trace/slices.js';
import type { Around, End, Ends } from './ends.js';
import { someOf } from './lists.js';
import { Pairs, variationOf } from './pairs.js';
import type { StretchKind, Stretch } from './stretches.js';

/** Fewer stretches prove nothing. */
const MIN_STRETCHES = 8;
/** So many of a kind show what all of them wait for. */
const MAX_LOOKED_AT = 64;
/** The kinds and, of each, the rows that sums are kept for. */
const MAX_KINDS = 128;
const MAX_CAUSES = 64;

/** One of the two ends around the end of a stretch is that near, as a share of the time between them. */
const NEAR = 0.02;
/** By chance at most so many are near, give or take. */
const MAX_NEAR_BY_CHANCE = 0.05;
/** By chance the end of a stretch is halfway between two ends; where one waits for the other, at most at 0.2. */
const MAX_NEARNESS = 0.3;
/** By chance the gaps before it are half as long as those after it and more; where one waits, at most a tenth. */
const MAX_GAP = 0.25;
/** By chance 0.3 to 1 and more; where one waits for the other, at most 0.1. */
const MAX_VARIANCE = 0.25;
const MAX_CORRELATION = 0.8;

/** So many end with one of another row that they wait for it. */
const MANY = 1.3;

/** Ends that are nearer to each other, as a share of the stretch, are at one time. */
const SAME = 0.005;

/** A row that stretches wait for. */
export interface Cause {
  readonly row: RowName;
  /** `true` if only those do that end near an end of the row. */
  readonly onlyNear: boolean;
  /** What is near, if the share of the time between two ends is not all that tells it. */
  readonly nearNanos?: number;
  /** The share of them that do. */
  readonly share: number;
}

/** How the stretches of one kind end, compared with the ends of one row. */
class Case {
  /** From the last end of the row to the end of the stretch, and the stretch's length. */
  readonly gaps = new Pairs();
  /** How near the last end is, and 1 if it is very near. */
  readonly nearness = new Pairs();
  /** From the end of the stretch to the next end of the row, at most its length. */
  readonly nexts = new Pairs();

  merge({ gaps, nearness, nexts }: Case): void {
    this.gaps.merge(gaps);
    this.nearness.merge(nearness);
    this.nexts.merge(nexts);
  }

  /** Which of the stretches wait for the row. */
  waiting(): 'all' | 'near' | undefined {
    if (this.#isAlwaysCause()) return 'all';
    const byChance = MAX_NEAR_BY_CHANCE * this.stretches('all');
    const enough = byChance + 4 * Math.sqrt(byChance) + 4;
    return this.stretches('near') >= enough ? 'near' : undefined;
  }

  stretches(which: 'all' | 'near'): number {
    const { count } = this.nearness;
    return which === 'all' ? count : Math.round(count * this.nearness.meanB());
  }

  #isAlwaysCause(): boolean {
    const { gaps, nearness, nexts } = this;
    if (gaps.count < MIN_STRETCHES) return false;
    // A few may be near each other by chance.
    const sureness = 1 - 2 / Math.sqrt(gaps.count);
    if (!(nearness.meanA() < MAX_NEARNESS * sureness)) return false;
    if (!(gaps.meanA() / nexts.meanA() < MAX_GAP * sureness)) return false;
    const variance = gaps.varianceA() / gaps.varianceB();
    if (!(variance < MAX_VARIANCE)) return false;
    // Siblings of which one takes a tenth longer than the other do not wait for it.
    return variance < 1e-4 || gaps.correlation() < MAX_CORRELATION;
  }
}

/** What was seen of the stretches of one kind. */
export class KindEvidence {
  readonly #cases = new Map<RowName, Case>();
  readonly #lengths = new Pairs();

  look(
    stretches: readonly Stretch[],
    { service }: RowName,
    ends: Ends,
    rows: readonly RowName[],
  ): void {
    for (const stretch of someOf(stretches, MAX_LOOKED_AT)) {
      const length = stretch.endNanos - stretch.startNanos;
      this.#lengths.add(length, 0);
      for (const row of rows) {
        if (row.service !== service) continue;
        const around = ends.around(stretch, row);
        if (around === undefined) continue;
        if (!this.#cases.has(row) && this.#cases.size >= MAX_CAUSES) continue;
        const found = getOrMake(this.#cases, row, () => new Case());
        found.gaps.add(around.gapNanos, length);
        const nearness = nearnessOf(around);
        found.nexts.add(around.nextNanos, 0);
        found.nearness.add(nearness, nearness <= NEAR ? 1 : 0);
      }
    }
  }

  merge(other: KindEvidence): void {
    this.#lengths.merge(other.#lengths);
    for (const [row, found] of other.#cases) {
      if (!this.#cases.has(row) && this.#cases.size >= MAX_CAUSES) continue;
      getOrMake(this.#cases, row, () => new Case()).merge(found);
    }
  }

  /** The rows that the stretches wait for: all of them, or those that end near an end of the row. */
  causes(): Cause[] {
    const causes: Cause[] = [];
    for (const [row, found] of this.#cases) {
      const waiting = found.waiting();
      if (waiting === undefined) continue;
      const share = found.stretches(waiting) / this.#lengths.count;
      causes.push({ row, onlyNear: waiting === 'near', share });
    }
    return causes;
  }

  /** How much their lengths vary; `undefined` while few were seen. */
  variation(): number | undefined {
    return this.#lengths.count < MIN_STRETCHES ? undefined : variationOf(this.#lengths);
  }
}

/**
 * Returns what each kind of stretches waits for. Of two rows whose spans end together one waits for the other: the
 * one that more of its spans do, or else the one of which several end with one of the other, or else the one that
 * takes longer or shorter more often. Work varies less.
 */
export function causesOf(
  kinds: readonly StretchKind[],
  known: Evidence,
): Map<StretchKind, Cause[]> {
  const all = new Map(kinds.map((kind) => [kind, known.get(kind.key)?.causes() ?? []]));
  const rows = new Map(
    [...all].map(([kind, causes]) => [kind, causes.length > 0 ? rowsOf(kind) : NONE]),
  );
  const found = new Map<StretchKind, Cause[]>();
  for (const [kind, causes] of all) {
    const kept = causes.filter((cause) => {
      return ![...all].some(([other, others]) => {
        if (other === kind || !rows.get(other)!.has(cause.row)) return false;
        const back = others.find(({ row }) => row === kind.row);
        if (back === undefined) return false;
        if (isApart(back.share, cause.share, 2)) return back.share > cause.share;
        const count = cause.share * kind.stretches.length;
        const backCount = back.share * other.stretches.length;
        if (isApart(backCount, count, MANY)) return backCount > count;
        const variation = ({ key }: StretchKind) => known.get(key)?.variation() ?? 0;
        return variation(other) > variation(kind);
      });
    });
    found.set(kind, kept);
  }
  return found;
}

const NONE: ReadonlySet<RowName | undefined> = new Set();

/** The rows that end where the stretches of a kind do: its own, and of spans around it. */
function rowsOf({ stretches }: StretchKind): ReadonlySet<RowName | undefined> {
  const rows = new Set<RowName | undefined>();
  for (const { node } of stretches.slice(0, MIN_STRETCHES)) {
    for (let at: Stretch['node'] | undefined = node; at !== undefined; at = at.parent)
      rows.add(at.row);
  }
  return rows;
}

/** Returns the end that a stretch waited for: the nearest, of several at one time the innermost. */
export function endOfWait(stretch: Stretch, causes: readonly Cause[], ends: Ends): End | undefined {
  let best: Around | undefined = undefined;
  for (const { row, onlyNear, nearNanos = 0 } of causes) {
    const around = ends.around(stretch, row);
    if (around === undefined) continue;
    if (onlyNear && nearnessOf(around) > NEAR && around.gapNanos > nearNanos) continue;
    if (best === undefined || isBetter(around, best, stretch)) best = around;
  }
  return best?.last;
}

/** From 0 to 1: how much of the time between two ends of a row is before the end of the stretch. */
function nearnessOf({ gapNanos, nextNanos }: Around): number {
  return gapNanos === 0 ? 0 : gapNanos / (gapNanos + nextNanos);
}

function isBetter(a: Around, b: Around, { startNanos, endNanos }: Stretch): boolean {
  const nearer = b.gapNanos - a.gapNanos;
  // They end together: some microseconds decide nothing.
  if (Math.abs(nearer) > SAME * (endNanos - startNanos)) return nearer > 0;
  return depthOf(a.last.node) > depthOf(b.last.node);
}

function depthOf(node: Stretch['node']): number {
  let depth = 0;
  for (let at = node.parent; at !== undefined; at = at.parent) depth += 1;
  return depth;
}

/** What was seen of all kinds, in bounded memory. */
export class Evidence {
  readonly #kinds = new Map<string, KindEvidence>();

  get isEmpty(): boolean {
    return this.#kinds.size === 0;
  }

  *look(
    kinds: Iterable<StretchKind>,
    isLookedAt: (stretch: Stretch) => boolean,
    ends: Ends,
  ): Sliced {
    const all = [...ends.rows()];
    for (const { key, row, isStart, stretches } of kinds) {
      const chosen = stretches.filter(isLookedAt);
      // The spans of a row do not wait for each other, but a worker begins one when another is done.
      const rows = isStart ? all : all.filter((other) => other !== row);
      if (chosen.length > 0) this.#of(key)?.look(chosen, row, ends, rows);
      yield;
    }
  }

  merge(other: Evidence): void {
    for (const [key, found] of other.#kinds) this.#of(key)?.merge(found);
  }

  get(key: string): KindEvidence | undefined {
    return this.#kinds.get(key);
  }

  #of(key: string): KindEvidence | undefined {
    if (!this.#kinds.has(key) && this.#kinds.size >= MAX_KINDS) return undefined;
    return getOrMake(this.#kinds, key, () => new KindEvidence());
  }
}

function isApart(a: number, b: number, factor: number): boolean {
  return Math.max(a, b) > factor * Math.min(a, b);
}
