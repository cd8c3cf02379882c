import { getOrMake } from '../bounded.js';
import { findOverlaps, type Overlap } from '../trace/race-shapes.js';
import type { RowName } from '../trace/row-names.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';

const MAX_PAIRS = 256;
/** Fewer wins prove nothing, and each runner must win some. */
const MIN_WINS = 5;
const MIN_WINS_OF_EACH = 2;
/** So many of the times that two overlapped, what followed went on with the first of them. */
const MIN_SHARE = 0.8;
/** A row that loses less often is right most of the time. */
const MIN_LOST = 0.05;

/** Two rows that overlap under a parent, and what followed them. */
interface Pair {
  readonly rows: readonly [RowName, RowName];
  joins: number;
  /** By what went on: how often the first and the second of the rows won. */
  readonly wins: Map<RowName, [number, number]>;
}

/**
 * Tells races from other siblings that overlap, over many traces: what follows goes on with whichever ends first, be it
 * the one or the other, and nothing waits for the last. In a race a loser is not waited for, and what a faster
 * loser would save is not known, since it might win.
 */
export class Races {
  readonly #pairs = new Map<string, Pair>();
  readonly #numbers = new Map<RowName, number>();

  *see(tree: TraceTree): Sliced {
    const overlaps = yield* findOverlaps(tree);
    yield* forEachInSlices(overlaps.length, (at) => this.#count(overlaps[at]!));
  }

  /** The spans of a trace that seem to have lost a race, and the keys of the pairs, as far as they may be one. */
  *losersIn(tree: TraceTree): Sliced<{ losers: SpanNode[]; pairs: string[] }> {
    const losers = new Set<SpanNode>();
    const pairs = new Set<string>();
    const overlaps = yield* findOverlaps(tree);
    yield* forEachInSlices(overlaps.length, (at) => {
      const overlap = overlaps[at]!;
      const { last, wonBy } = overlap;
      if (wonBy === undefined || !last.waitedFor) return;
      const key = this.#keyOf(overlap);
      if (!this.#mayBeRace(key)) return;
      losers.add(last);
      pairs.add(key);
    });
    return { losers: [...losers], pairs: [...pairs] };
  }

  isRace(key: string): boolean {
    return this.#winsOf(this.#pairs.get(key)) !== undefined;
  }

  /** The rows that lose races. */
  losingRows(): Set<RowName> {
    const rows = new Set<RowName>();
    for (const pair of this.#pairs.values()) {
      const wins = this.#winsOf(pair);
      if (wins === undefined) continue;
      const [a, b] = pair.rows;
      const least = MIN_LOST * (wins[0] + wins[1]);
      // Of one name, the winner is as slow as the fastest: that is right.
      if (a === b) continue;
      if (wins[1] >= least) rows.add(a);
      if (wins[0] >= least) rows.add(b);
    }
    return rows;
  }

  #count(overlap: Overlap): void {
    const pair = this.#pairOf(overlap);
    if (pair === undefined) return;
    const next = overlap.wonBy?.row;
    if (next === undefined) {
      pair.joins += 1;
      return;
    }
    const wins = getOrMake(pair.wins, next, (): [number, number] => [0, 0]);
    wins[overlap.first.row === pair.rows[0] ? 0 : 1] += 1;
  }

  #mayBeRace(key: string): boolean {
    const pair = this.#pairs.get(key);
    if (pair === undefined || this.isRace(key)) return pair !== undefined;
    return countOf(pair) < MIN_WINS;
  }

  #winsOf(pair: Pair | undefined): [number, number] | undefined {
    if (pair === undefined) return undefined;
    const least = Math.max(MIN_WINS, MIN_SHARE * countOf(pair));
    for (const wins of pair.wins.values()) {
      if (wins[0] + wins[1] < least) continue;
      if (pair.rows[0] === pair.rows[1] || Math.min(...wins) >= MIN_WINS_OF_EACH) return wins;
    }
    return undefined;
  }

  #pairOf(overlap: Overlap): Pair | undefined {
    const { first, last } = overlap;
    if (first.row === undefined || last.row === undefined) return undefined;
    const key = this.#keyOf(overlap);
    if (!this.#pairs.has(key) && this.#pairs.size >= MAX_PAIRS) return undefined;
    const rows = [first.row, last.row] as const;
    return getOrMake(this.#pairs, key, () => ({ rows, joins: 0, wins: new Map() }));
  }

  #keyOf({ parent, first, last }: Overlap): string {
    const [a, b] = [this.#numberOf(first.row), this.#numberOf(last.row)];
    return `${this.#numberOf(parent.row)} ${Math.min(a, b)} ${Math.max(a, b)}`;
  }

  #numberOf(row: RowName | undefined): number {
    return row === undefined ? 0 : getOrMake(this.#numbers, row, () => this.#numbers.size + 1);
  }
}

function countOf({ joins, wins }: Pair): number {
  let count = joins;
  for (const [a, b] of wins.values()) count += a + b;
  return count;
}
