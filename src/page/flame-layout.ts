import type { PageDiffPath } from '../page-data.js';
import type { CallPath } from '../summary.js';

/** The figures of a path that boxes are drawn from and told with. */
export const PATH_FIGURES = [
  ...(['criticalSeconds', 'selfSeconds', 'costUsd', 'slowSeconds', 'typicalSeconds'] as const),
  ...(['beforeSeconds', 'afterSeconds'] as const),
];
type Figure = (typeof PATH_FIGURES)[number];
export type BoxFigures = Readonly<Record<Figure, number>>;

/** A call path, of a summary or of a diff. */
export type FlamePath = Pick<CallPath, 'name' | 'service' | 'parent' | 'means'> &
  Partial<
    BoxFigures &
      Pick<CallPath, 'calls'> &
      Pick<PageDiffPath, 'beforeCalls' | 'afterCalls' | 'isNoise'>
  >;

/** What the width of a box stands for, and what is told of a box then. */
export interface Measure {
  readonly width: Figure;
  /** The colours tell the difference, from one figure to the other. Default: where time is spent. */
  readonly change?: readonly [from: Figure, to: Figure];
  readonly button: string;
  /** What the first box says. */
  readonly all: string;
  readonly caption: string;
  /** What stands beside the words of a box; `whole` are the figures of the first one. */
  readonly figure: (sums: BoxFigures, whole: BoxFigures) => string;
  /** The line below the picture. */
  readonly facts: (
    sums: BoxFigures,
    whole: BoxFigures,
    path?: FlamePath,
  ) => readonly (string | false)[];
}

export type Hue = 'pass' | 'wait' | 'waste' | 'money' | 'off';

/** How a box is filled. `level` is the strength of the hue, 1 to 4. */
export interface BoxLook {
  readonly hue: Hue;
  readonly level: number;
  /** Nothing works meanwhile. */
  readonly isHatched: boolean;
}

export interface FlameBox {
  /** Absent for the first box, which is all of them. */
  readonly path?: FlamePath;
  /** The place of its parent in the list, -1 for the first box. */
  readonly parent: number;
  readonly depth: number;
  /** The boxes in it, the widest first. */
  readonly children: number[];
  readonly own: number;
  total: number;
  /** From where to where in the whole, 0 to 1. */
  from: number;
  to: number;
  look: BoxLook;
}

/** What is shown of the whole: from, to (0 to 1), and the depth of the first row. */
export interface View {
  readonly from: number;
  readonly to: number;
  readonly top: number;
}

/** A box as it is drawn. */
export interface ShownBox {
  readonly index: number;
  readonly x: number;
  readonly width: number;
  readonly depth: number;
}

/** `true` if any box would have a width. */
export function hasMeasure(paths: readonly FlamePath[], { width }: Measure): boolean {
  return paths.some((path) => amount(path[width]) > 0);
}

/** Lays out all call paths below one box of all. A parent that does not come before its child counts as none. */
export function layFlame(paths: readonly FlamePath[], measure: Measure): FlameBox[] {
  const all: FlameBox = { parent: -1, depth: 0, own: 0, ...UNPLACED, children: [] };
  const boxes = [all];
  paths.forEach((path, at) => {
    const { parent: above = -1 } = path;
    const parent = Number.isInteger(above) && above >= 0 && above < at ? above + 1 : 0;
    const own = amount(path[measure.width]);
    const depth = boxes[parent]!.depth + 1;
    boxes.push({ path, parent, depth, own, ...UNPLACED, children: [] });
    boxes[parent]!.children.push(at + 1);
  });
  for (let at = boxes.length - 1; at >= 0; at -= 1) {
    const box = boxes[at]!;
    box.total += box.own;
    if (at > 0) boxes[box.parent]!.total += box.total;
  }
  place(boxes);
  const change = measure.change && changeIn(boxes, measure.change);
  for (const box of boxes) box.look = change?.(box) ?? lookOf(box, measure);
  return boxes;
}

const PASS: BoxLook = { hue: 'pass', level: 4, isHatched: false };
const UNPLACED = { total: 0, from: 0, to: 0, look: PASS };

function place(boxes: readonly FlameBox[]): void {
  const whole = boxes[0]!.total;
  boxes[0]!.to = whole > 0 ? 1 : 0;
  for (const box of boxes) {
    let { from } = box;
    box.children.sort((one, other) => boxes[other]!.total - boxes[one]!.total || one - other);
    for (const child of box.children) {
      const { total } = boxes[child]!;
      const to = whole > 0 ? Math.min(from + total / whole, box.to) : 0;
      Object.assign(boxes[child]!, { from, to });
      from = to;
    }
  }
}

const MEANS = {
  failed: { hue: 'waste', level: 4, isHatched: false },
  backoff: { hue: 'waste', level: 4, isHatched: true },
  wait: { hue: 'wait', level: 4, isHatched: true },
  idle: { hue: 'off', level: 4, isHatched: true },
} as const satisfies Record<NonNullable<CallPath['means']>, BoxLook>;

/** Only what keeps over half of its time to itself has a colour: the eye lands where time is spent. */
function lookOf({ path, own, total }: FlameBox, measure: Measure): BoxLook {
  if (path?.means !== undefined) return MEANS[path.means];
  if (own <= total / 2) return PASS;
  return { hue: measure.width === 'costUsd' ? 'money' : 'wait', level: 4, isHatched: false };
}

/** By its own difference: by that of all in it, its parents would have the same colour. */
function changeIn(boxes: readonly FlameBox[], [from, to]: NonNullable<Measure['change']>) {
  const difference = (path?: FlamePath) => amount(path?.[to]) - amount(path?.[from]);
  const mostOf = (paths: readonly (FlamePath | undefined)[]) =>
    paths.reduce((sofar, path) => Math.max(sofar, Math.abs(difference(path))), 0);
  const paths = boxes.map(({ path }) => path);
  const most = mostOf(paths.filter((path) => path?.isNoise !== true)) || mostOf(paths);
  return ({ path }: FlameBox): BoxLook => {
    const isHatched = path?.means !== undefined && MEANS[path.means].isHatched;
    const own = difference(path);
    const strength = most > 0 ? Math.sqrt(Math.abs(own) / most) : 0;
    if (strength < 0.1) return { ...PASS, isHatched };
    // The palest is left to what may be noise.
    const level = path?.isNoise === true ? 1 : 1 + Math.ceil(Math.min(strength, 1) * 3);
    return { hue: own > 0 ? 'waste' : 'wait', level, isHatched };
  };
}

/** What counts of a figure: none that is below 0, or without end. */
export function amount(value: number | undefined): number {
  return value !== undefined && value > 0 && value < Infinity ? value : 0;
}

/** The boxes of each depth, from left to right. */
export function layersOf(boxes: readonly FlameBox[]): number[][] {
  const layers: number[][] = [];
  boxes.forEach(({ depth, to, from }, at) => {
    if (to > from) (layers[depth] ??= []).push(at);
  });
  for (const layer of layers) layer.sort((one, other) => boxes[one]!.from - boxes[other]!.from);
  return layers;
}

/** Narrower ones are drawn as one with their neighbours, as the widest of them. */
const NARROW = 1.5;

/** What of a layer is drawn in so many pixels; boxes above the view fill it. */
export function shownBoxes(
  boxes: readonly FlameBox[],
  layer: readonly number[],
  view: View,
  pixels: number,
): ShownBox[] {
  const scale = pixels / (view.to - view.from);
  const shown: ShownBox[] = [];
  let widest = 0;
  let wasNarrow = false;
  for (const index of layer) {
    const { from, to, depth } = boxes[index]!;
    if (to <= view.from || from >= view.to) continue;
    const x = (Math.max(from, view.from) - view.from) * scale;
    const width = (Math.min(to, view.to) - view.from) * scale - x;
    const isNarrow = width < NARROW;
    const last = shown.at(-1);
    if (isNarrow && wasNarrow && last !== undefined && x - (last.x + last.width) < 1) {
      const isWidest = width > widest;
      if (isWidest) widest = width;
      const all = { ...last, index: isWidest ? index : last.index, width: x + width - last.x };
      shown[shown.length - 1] = all;
      // Beyond some pixels a new one begins, so that a wide run shows what it is made of.
      wasNarrow = all.width < 2 * NARROW;
      continue;
    }
    shown.push({ index, x, width, depth });
    widest = width;
    wasNarrow = isNarrow;
  }
  return shown;
}

/** The most rows that are drawn: the deeper ones are reached by zooming in. */
export const MOST_ROWS = 40;
const ROWS_ABOVE = 3;

/** The view of a box and all in it, with a few of the boxes around it above. */
export function viewOf({ from, to, depth }: FlameBox): View {
  return { from, to: Math.max(to, from + 1e-12), top: Math.max(0, depth - ROWS_ABOVE) };
}

/** How many rows a view has. */
export function rowsIn(boxes: readonly FlameBox[], { from, to, top }: View): number {
  let deepest = top;
  for (const box of boxes) {
    if (box.depth > deepest && box.to > from && box.from < to && box.to > box.from) {
      deepest = box.depth;
    }
  }
  return deepest - top + 1;
}

/** What stays the same of each box when newer paths come: the names from the top to it. */
export function pathKeys(boxes: readonly FlameBox[]): string[] {
  const keys: string[] = [];
  for (const { path, parent } of boxes) {
    const { service = '', name = '', means = '' } = path ?? {};
    keys.push(`${keys[parent] ?? ''}\0${service}\n${name}\n${means}`);
  }
  return keys;
}

/** From the box of all to this one. */
export function pathTo(boxes: readonly FlameBox[], index: number): FlameBox[] {
  const path: FlameBox[] = [];
  for (let at = index; at >= 0; at = boxes[at]!.parent) path.unshift(boxes[at]!);
  return path;
}

/** Where an arrow key leads from a box, within a view; the same box if there is nothing. */
export function stepFrom(
  boxes: readonly FlameBox[],
  layers: readonly (readonly number[])[],
  at: number,
  key: string,
  view: View,
): number {
  const isIn = (index: number | undefined) =>
    index !== undefined && boxes[index]!.to > view.from && boxes[index]!.from < view.to;
  const { depth, parent, children } = boxes[at]!;
  const layer = layers[depth] ?? [];
  const place = layer.indexOf(at);
  const to = {
    ArrowDown: children.find((child) => isIn(child) && boxes[child]!.to > boxes[child]!.from),
    ArrowUp: parent,
    ArrowLeft: layer[place - 1],
    ArrowRight: layer[place + 1],
    Home: 0,
  }[key];
  return to !== undefined && to >= 0 && isIn(to) ? to : at;
}

/** The boxes whose words have the text in them, and their share of the whole, each part of it once. */
export function findBoxes(
  boxes: readonly FlameBox[],
  isFound: (box: FlameBox) => boolean,
): { readonly found: ReadonlySet<number>; readonly share: number } {
  const found = new Set<number>();
  const isInside: boolean[] = [];
  let share = 0;
  boxes.forEach((box, at) => {
    const isInFound = isInside[box.parent] === true;
    const isOne = at > 0 && isFound(box);
    if (isOne) found.add(at);
    if (isOne && !isInFound) share += box.to - box.from;
    isInside[at] = isOne || isInFound;
  });
  return { found, share };
}
