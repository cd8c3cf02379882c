import { getOrMake } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { isWithin } from './ends.js';
import type { HeldTrace } from './held-trace.js';
import { waitsOf, type Pool } from './pools.js';
import type { Stretch } from './stretches.js';

/** Waits of a row that show whether it waits for a slot. */
const MIN_WAITS = 8;
const MAX_LOOKED_AT = 64;
/** Of these: so often as many others work when a wait ends, and the one that waited then does what they do. */
const MIN_SHARE = 0.8;

/** Spans of a row that wait for one of some slots. */
export interface Limit {
  readonly row: RowName;
  readonly slots: number;
  /** Critical time of the waits. */
  readonly waitNanos: number;
}

/** Returns which rows wait for slots, and how long they do in the traces that are looked at. */
export function findLimits(
  waits: ReadonlyMap<SpanNode, readonly Stretch[]>,
  pools: readonly Pool[],
  all: readonly HeldTrace[],
  isLookedAt: (trace: HeldTrace) => boolean,
): Limit[] {
  const byRow = new Map<RowName, Stretch[]>();
  for (const stretch of [...waits.values()].flat()) {
    const { row } = stretch.node;
    if (stretch.cause !== undefined && row !== undefined) {
      getOrMake(byRow, row, () => []).push(stretch);
    }
  }
  const limits: Limit[] = [];
  const add = (stretches: readonly Stretch[], slots: number) => {
    for (const { node, trace, startNanos, endNanos } of stretches) {
      const waitNanos = Math.min(endNanos - startNanos, node.criticalNanos);
      if (isLookedAt(trace) && waitNanos > 0) limits.push({ row: node.row!, slots, waitNanos });
    }
  };
  for (const stretches of byRow.values()) {
    const slots = slotsOf(stretches, all);
    if (slots !== undefined) add(stretches, slots);
  }
  for (const pool of pools) add(waitsOf(pool), pool.line.slots);
  return limits;
}

/** Returns how many others work whenever a wait ends, if that is always the same number. */
function slotsOf(waits: readonly Stretch[], all: readonly HeldTrace[]): number | undefined {
  if (waits.length < MIN_WAITS) return undefined;
  const step = Math.max(1, waits.length / MAX_LOOKED_AT);
  const working = workOf(waits, all);
  const counts = new Map<number, number>();
  let looked = 0;
  for (let at = 0; at < waits.length; at += step) {
    const wait = waits[Math.floor(at)]!;
    looked += 1;
    if (!doesTheSame(wait)) continue;
    const moment = wait.cause!.atNanos;
    // The one that gives its slot back has it until then.
    const open = working.filter(([start, end]) => start < moment && end >= moment).length;
    counts.set(open, (counts.get(open) ?? 0) + 1);
  }
  const [slots, times] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return slots > 1 && times >= MIN_SHARE * looked ? slots : undefined;
}

/** When those that have a slot work: from the end of their wait on, or, where a span only waits, after it. */
function workOf(
  waits: readonly Stretch[],
  all: readonly HeldTrace[],
): (readonly [startNanos: number, endNanos: number])[] {
  const { row, children } = waits[0]!.node;
  const worker = children.length > 0 ? row : waits[0]!.cause!.node.row;
  const since = new Map(waits.map(({ node, endNanos }) => [node, endNanos]));
  return all.flatMap(({ nodes, originNanos }) =>
    nodes
      .filter((node) => node.row === worker)
      .map((node) => {
        const end = originNanos + (node.outlives ? node.record.endNanos : node.endNanos);
        return [since.get(node) ?? originNanos + node.startNanos, end] as const;
      }),
  );
}

/** `true` if the one that waited then does what it waited for: it was no answer that it waited for, but a slot. */
function doesTheSame({ node, cause }: Stretch): boolean {
  const { node: other } = cause!;
  if (isWithin(node, other) || isWithin(other, node)) return false;
  if (node.row === other.row) return true;
  const inside = node.children.length > 0 ? node : node.parent;
  return (
    inside?.children.some(
      ({ row, startNanos }) => row === other.row && startNanos >= node.startNanos,
    ) === true
  );
}
