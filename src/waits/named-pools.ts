import { isPoolWait } from '../trace/pool-names.js';
import type { RowName } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import type { Cause } from './evidence.js';
import { someOf } from './lists.js';
import type { StretchKind } from './stretches.js';

/** From the end of the span that gave something back to the end of the wait for it. */
const NEAR_NANOS = 500_000;
/** Who finds something in the pool does not wait. */
export const MIN_POOL_WAIT_NANOS = 500_000;
/** So many waits show which rows hold what a pool has. */
const MAX_LOOKED_AT = 64;

/**
 * Returns what the spans wait for that are known by their names to wait for a pool: one of those that hold something
 * from it gave it back just before. Those hold it that come after such a wait, in the same span or the one around it.
 *
 *     req 1  pg-pool.connect │ select ├────────┤
 *     req 2  pg-pool.connect ├─────────────────┤ select ├────────┤
 */
export function causesOfNamedPools(kinds: readonly StretchKind[]): Map<StretchKind, Cause[]> {
  const named = kinds.filter(isNamedPool);
  const waiting = new Set(named.map(({ row }) => row));
  return new Map(
    named.map((kind) => {
      const later = someOf(kind.stretches, MAX_LOOKED_AT).flatMap(({ node }) => whatFollows(node));
      const holders = new Set(later.flatMap(({ row }) => row ?? []));
      const rows: RowName[] = [...holders].filter((row) => !waiting.has(row));
      return [kind, rows.map((row) => ({ row, onlyNear: true, nearNanos: NEAR_NANOS, share: 1 }))];
    }),
  );
}

function isNamedPool({ before, after, isStart, stretches }: StretchKind): boolean {
  const isWhole = before === undefined && after === undefined && !isStart;
  return isWhole && isPoolWait(stretches[0]?.node.record.name ?? '');
}

/** What comes after a span: beside it, or else beside those around it. */
function whatFollows(node: SpanNode): SpanNode[] {
  for (let at = node; at.parent !== undefined; at = at.parent) {
    const later = at.parent.children.filter(({ startNanos }) => startNanos >= node.endNanos);
    if (later.length > 0) return later;
  }
  return [];
}
