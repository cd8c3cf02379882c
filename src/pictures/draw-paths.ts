import { groupBy } from '../bounded.js';
import type { CallPath } from '../pictures.js';
import { sumOf } from '../sums.js';
import type { PathBox } from '../trace/path-box.js';
import type { RowName } from '../trace/row-names.js';
import type { Flows } from '../waits/flows.js';
import { DrawnPaths } from './drawn-paths.js';

/** Critical time by box, in one local root. */
export type CriticalByBox = readonly (readonly [box: PathBox, criticalNanos: number])[];

/** Some slow local roots of one entry point, and some typical ones. */
export interface ComparedRoots {
  readonly slow: readonly CriticalByBox[];
  readonly typical: readonly CriticalByBox[];
}

/**
 * Returns the call paths as a summary has them: rows have the names that they have by now, and what was a wait for
 * another row is a leaf of its own.
 *
 * @param boxes parents before their children
 * @param flows what of the rows' critical time was a wait; the boxes of a row have their part of it
 */
export function drawPaths(
  boxes: readonly PathBox[],
  flows: Flows,
  compared: readonly ComparedRoots[],
): CallPath[] {
  const drawn = new DrawnPaths();
  const copies = new Map<PathBox, PathBox>();
  const rows = new Map<PathBox, RowName>();
  for (const box of boxes) {
    const row = currentRow(box.row);
    const copy = drawn.boxIn(copies.get(box.above!) ?? drawn.top, row, box.means);
    copy.add(box);
    copies.set(box, copy);
    rows.set(copy, row);
  }
  for (const { slow, typical } of compared) {
    addMeans(copies, slow, 'slowNanos');
    addMeans(copies, typical, 'typicalNanos');
  }
  moveWaits(rows, flows, drawn);
  return drawn.list();
}

function currentRow(row: RowName): RowName {
  let current = row;
  while (current.goneTo !== undefined) current = current.goneTo;
  return current;
}

function addMeans(
  copies: ReadonlyMap<PathBox, PathBox>,
  roots: readonly CriticalByBox[],
  into: 'slowNanos' | 'typicalNanos',
): void {
  for (const byBox of roots) {
    for (const [box, nanos] of byBox) {
      const copy = copies.get(box.live);
      if (copy !== undefined) copy[into] += nanos / roots.length;
    }
  }
}

interface Share {
  readonly to: RowName;
  readonly means: 'wait' | 'idle';
  /** Of the critical time of a row, without the waits before attempts. */
  readonly share: number;
}

function moveWaits(rows: ReadonlyMap<PathBox, RowName>, flows: Flows, drawn: DrawnPaths): void {
  const shares = new Map<RowName, Share[]>();
  for (const [row, boxes] of groupBy([...rows.keys()], (box) => rows.get(box)!)) {
    shares.set(row, sharesOf(row, boxes, flows));
  }
  for (const [box, row] of rows) {
    const { criticalNanos, slowNanos, typicalNanos, means } = box;
    if (!(criticalNanos > 0) || means === 'backoff') continue;
    const host = means === undefined ? box : box.above!;
    for (const { to, means, share } of shares.get(row)!) {
      const leaf = drawn.boxIn(host, to, means);
      leaf.criticalNanos += share * criticalNanos;
      leaf.slowNanos += share * slowNanos;
      leaf.typicalNanos += share * typicalNanos;
      box.criticalNanos -= share * criticalNanos;
      box.slowNanos -= share * slowNanos;
      box.typicalNanos -= share * typicalNanos;
    }
  }
}

/** The wait before an attempt is idle time, too, but has a box already. */
function sharesOf(row: RowName, boxes: readonly PathBox[], flows: Flows): Share[] {
  let nanos = 0;
  let backoff = 0;
  for (const { means, criticalNanos } of boxes) {
    nanos += criticalNanos;
    if (means === 'backoff') backoff += criticalNanos;
  }
  const rest = nanos - backoff;
  const waits = flows
    .from(row, nanos)
    .filter(({ to }) => to.goneTo === undefined)
    .map(({ to, isIdle, nanos: all }) => {
      const isKnown = isIdle && to === row;
      return { to, isIdle, nanos: isKnown ? Math.max(0, all - backoff) : all };
    })
    .filter((wait) => wait.nanos > 0);
  const most = Math.max(rest, sumOf(waits, (wait) => wait.nanos) ?? 0);
  return waits.map(({ to, isIdle, nanos: of }) => {
    return { to, means: isIdle ? 'idle' : 'wait', share: of / most };
  });
}
