import { getOrMake } from '../bounded.js';
import type { CallPath } from '../pictures.js';
import { PathBox } from '../trace/path-box.js';
import { keyOfRow, type RowName } from '../trace/row-names.js';
import { OTHER_ROW, prune } from './prune.js';

const NANOS = 1e9;

/** The call paths of one summary: each row has one object, by its name, so that equal paths are one. */
export class DrawnPaths {
  readonly top = new PathBox({ name: '', service: '' });
  readonly #rows = new Map([[keyOfRow(OTHER_ROW), OTHER_ROW]]);

  /** Returns the box for a row or a meaning below another, which may be made for it. */
  boxIn(above: PathBox, named: RowName, means?: PathBox['means']): PathBox {
    const { name, service } = named;
    const row = getOrMake(this.#rows, keyOfRow(named), () => ({ name, service }));
    return means === undefined ? above.childOf(row) : above.leafOf(row, means);
  }

  /** Those that there is room for: parents before their children, siblings by their names. */
  list(): CallPath[] {
    prune(this.top);
    const places = new Map<PathBox, number>();
    const boxes = inOrder(this.top);
    for (const [place, box] of boxes.entries()) places.set(box, place);
    return boxes.map((box) => toCallPath(box, places.get(box.above!)));
  }
}

function toCallPath(box: PathBox, parent: number | undefined): CallPath {
  const { row, means, calls, slowNanos, typicalNanos, usd } = box;
  const isCompared = slowNanos > 0 || typicalNanos > 0;
  return {
    ...{ name: row.name, service: row.service },
    ...(parent === undefined ? {} : { parent }),
    ...(means === undefined ? {} : { means }),
    calls,
    criticalSeconds: secondsOf(box.criticalNanos),
    selfSeconds: secondsOf(box.selfNanos),
    ...(usd > 0 ? { costUsd: usd } : {}),
    ...(isCompared
      ? { slowSeconds: secondsOf(slowNanos), typicalSeconds: secondsOf(typicalNanos) }
      : {}),
  };
}

/** What was moved between boxes may leave a rounding error below 0, and a damaged summary a sum without end. */
function secondsOf(nanos: number): number {
  return Math.min(Math.max(0, nanos), Number.MAX_VALUE) / NANOS;
}

function inOrder(top: PathBox): PathBox[] {
  const boxes = [top];
  // The list grows while it is walked.
  for (const { children, leaves = [] } of boxes) {
    boxes.push(...[...(children?.values() ?? []), ...leaves].sort(byName));
  }
  boxes.shift();
  return boxes;
}

function byName(a: PathBox, b: PathBox): number {
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

function keyOf({ row, means }: PathBox): string {
  return `${keyOfRow(row)}\n${means ?? ''}`;
}
