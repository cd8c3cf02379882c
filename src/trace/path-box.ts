import { getOrMake } from '../bounded.js';
import type { RowName } from './row-names.js';

/** What a box stands for that is not work of its row. */
export type BoxMeaning = 'failed' | 'backoff' | 'wait' | 'idle';

/**
 * A row where it was called by those above it: a box of the flame graph, while it is collected. Its figures are its
 * own, without those of its children; times are nanoseconds.
 */
export class PathBox {
  calls = 0;
  selfNanos = 0;
  criticalNanos = 0;
  usd = 0;
  /** Its critical time in a slow trace of its entry point, and in a typical one; filled in for a summary. */
  slowNanos = 0;
  typicalNanos = 0;
  children: Map<RowName, PathBox> | undefined = undefined;
  /** Those that have a meaning; mostly there is none. */
  leaves: PathBox[] | undefined = undefined;
  /** Most spans have the row of their sibling before: it is asked before the `children` are. */
  lastChild: PathBox | undefined = undefined;
  /** The box that has its figures from now on, since there was no room for it. */
  goneTo: PathBox | undefined = undefined;
  readonly depth: number;

  constructor(
    readonly row: RowName,
    readonly above?: PathBox,
    readonly means?: BoxMeaning,
  ) {
    this.depth = above === undefined ? 0 : above.depth + 1;
  }

  /** The box that has its figures now. It is higher up, so that there are few in between. */
  get live(): PathBox {
    return this.goneTo === undefined ? this : this.goneTo.live;
  }

  childOf(row: RowName): PathBox {
    return getOrMake(
      (this.children ??= new Map<RowName, PathBox>()),
      row,
      () => new PathBox(row, this),
    );
  }

  leafOf(row: RowName, means: BoxMeaning): PathBox {
    const leaves = (this.leaves ??= []);
    let leaf = leaves.find((each) => each.row === row && each.means === means);
    if (leaf === undefined) leaves.push((leaf = new PathBox(row, this, means)));
    return leaf;
  }

  add(other: PathBox): void {
    this.calls += other.calls;
    this.selfNanos += other.selfNanos;
    this.criticalNanos += other.criticalNanos;
    this.usd += other.usd;
    this.slowNanos += other.slowNanos;
    this.typicalNanos += other.typicalNanos;
  }
}

/** All boxes below one, parents before their children. */
export function boxesBelow(top: PathBox): PathBox[] {
  const boxes = [top];
  // The list grows while it is walked.
  for (const { children, leaves } of boxes) {
    if (children !== undefined) for (const child of children.values()) boxes.push(child);
    if (leaves !== undefined) boxes.push(...leaves);
  }
  boxes.shift();
  return boxes;
}
