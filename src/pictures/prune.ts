import { OTHER } from '../bounded.js';
import { boxesBelow, type PathBox } from '../trace/path-box.js';
import type { RowName } from '../trace/row-names.js';

export const MAX_PATHS = 2_000;
/** A box whose names are not long takes so many characters of JSON. */
const CHARACTERS = 200;
const WITHOUT_NAMES = 150;
/** A dollar counts as much as a minute. */
const NANOS_PER_USD = 60e9;

/** Stands for the rows that there was no room for below a box. */
export const OTHER_ROW: RowName = { name: OTHER, service: '' };

/**
 * Gives up the boxes with the least time and cost, with all below them, until the rest has room; their figures go to
 * a box `(other)` beside those that stay. A box stays before its children do, since it weighs what they weigh too.
 */
export function prune(top: PathBox): void {
  const boxes = boxesBelow(top);
  if (boxes.reduce((sum, box) => sum + sizeOf(box), 0) <= MAX_PATHS * CHARACTERS) return;
  const heaviest = byWeight(boxes);
  const ranks = new Map(heaviest.map((box, rank) => [box, rank]));
  const kept = countWithRoom(heaviest);
  const isKept = (box: PathBox) => box === top || ranks.get(box)! < kept;
  // Those below a box that goes come after it: they find where it went.
  for (const box of boxes) {
    if (isKept(box)) continue;
    const above = box.above!;
    const other = isKept(above) ? above.childOf(OTHER_ROW) : above.live;
    if (other === box) continue;
    box.goneTo = other;
    other.add(box);
  }
  for (const box of [top, ...boxes]) {
    box.lastChild = undefined;
    if (box.goneTo !== undefined) box.children = box.leaves = undefined;
    for (const [row, child] of box.children ?? [])
      if (child.goneTo !== undefined) box.children!.delete(row);
    box.leaves = box.leaves?.filter(({ goneTo }) => goneTo === undefined);
  }
}

function byWeight(boxes: readonly PathBox[]): PathBox[] {
  const weights = new Map<PathBox, number>();
  for (let at = boxes.length - 1; at >= 0; at -= 1) {
    const box = boxes[at]!;
    const { calls, selfNanos, criticalNanos, usd, above } = box;
    const own = calls + selfNanos + criticalNanos + usd * NANOS_PER_USD;
    const weight = (weights.get(box) ?? 0) + Math.max(0, own);
    weights.set(box, weight);
    weights.set(above!, (weights.get(above!) ?? 0) + weight);
  }
  return [...boxes].sort((a, b) => weights.get(b)! - weights.get(a)!);
}

/** How many of the heaviest have room, together with a box for the others below each that needs it. */
function countWithRoom(heaviest: readonly PathBox[]): number {
  const childrenLeft = new Map<PathBox, number>();
  for (const { above } of heaviest) childrenLeft.set(above!, (childrenLeft.get(above!) ?? 0) + 1);
  // The children of a box come after it: until the last one stays, it needs a box for the others.
  let room = MAX_PATHS * CHARACTERS - CHARACTERS;
  for (const [kept, box] of heaviest.entries()) {
    const left = childrenLeft.get(box.above!)! - 1;
    childrenLeft.set(box.above!, left);
    room -= sizeOf(box) + (childrenLeft.has(box) ? CHARACTERS : 0);
    if (left === 0) room += CHARACTERS;
    if (room < 0) return kept;
  }
  return heaviest.length;
}

function sizeOf({ row: { name, service } }: PathBox): number {
  return Math.max(CHARACTERS, WITHOUT_NAMES + name.length + service.length);
}
