import type { RowName } from '../trace/row-names.js';
import { isPoolWait } from '../trace/pool-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import type { Around, Ends } from './ends.js';
import type { HeldTrace } from './held-trace.js';
import type { StretchKind, Stretch } from './stretches.js';

/** From the end of the span that gave something back to the end of the wait for it; or a share of the wait. */
const NEAR_NANOS = 500_000;
const NEAR_SHARE = 0.02;
/** Who finds something in the pool does not wait. */
const MIN_WAIT_NANOS = 500_000;
/** So many rows are looked at that may have held what a pool has. */
const MAX_HOLDERS = 32;

/**
 * Explains the spans that wait for a pool by their names. One of those that hold something from the pool gave it
 * back just before: what comes after such a wait, in the same span or the one around it. Where none of them had
 * just ended, nobody is known to have worked. Returns the rows that wait so: nothing waits for them.
 *
 *     req 1  pg-pool.connect │ select ├────────┤
 *     req 2  pg-pool.connect ├─────────────────┤ select ├────────┤
 */
export function explainNamedPools(
  kinds: readonly StretchKind[],
  traces: readonly HeldTrace[],
  ends: Ends,
): Set<RowName> {
  const waiting = kinds.filter(isNamedPool);
  const waitingRows = new Set(waiting.map(({ row }) => row));
  if (waiting.length === 0) return waitingRows;
  const holders = holdersOf(waitingRows, traces);
  for (const { row, stretches } of waiting) {
    const rows = [...(holders.get(row) ?? [])];
    for (const stretch of stretches) {
      if (stretch.endNanos - stretch.startNanos < MIN_WAIT_NANOS) continue;
      stretch.cause = nearestEnd(stretch, rows, ends)?.last;
      if (stretch.cause === undefined) stretch.idleSinceNanos = stretch.startNanos;
    }
  }
  return waitingRows;
}

function isNamedPool({ before, after, isStart, stretches }: StretchKind): boolean {
  const isWhole = before === undefined && after === undefined && !isStart;
  return isWhole && isPoolWait(stretches[0]?.node.record.name ?? '');
}

/** The rows of what comes after spans of these rows: beside them, or else beside those around them. */
function holdersOf(
  waiting: ReadonlySet<RowName>,
  traces: readonly HeldTrace[],
): ReadonlyMap<RowName, ReadonlySet<RowName>> {
  const holders = new Map([...waiting].map((row) => [row, new Set<RowName>()]));
  for (const { nodes } of traces) {
    for (const node of nodes) {
      const rows = node.row && holders.get(node.row);
      if (rows === undefined || rows.size >= MAX_HOLDERS) continue;
      for (const later of whatFollows(node)) {
        if (later.row !== undefined && !waiting.has(later.row)) rows.add(later.row);
      }
    }
  }
  return holders;
}

function whatFollows(node: SpanNode): SpanNode[] {
  for (let at = node; at.parent !== undefined; at = at.parent) {
    const later = at.parent.children.filter(({ startNanos }) => startNanos >= node.endNanos);
    if (later.length > 0) return later;
  }
  return [];
}

function nearestEnd(stretch: Stretch, rows: readonly RowName[], ends: Ends): Around | undefined {
  const near = Math.max(NEAR_NANOS, NEAR_SHARE * (stretch.endNanos - stretch.startNanos));
  let nearest: Around | undefined;
  for (const row of rows) {
    const around = ends.around(stretch, row);
    if (around === undefined || around.gapNanos > near) continue;
    if (nearest === undefined || around.gapNanos < nearest.gapNanos) nearest = around;
  }
  return nearest;
}
