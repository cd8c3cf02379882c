import type { SpanNode } from '../trace/trace-tree.js';

const MIN_CALLS = 8;
/** More is no small pool. */
const MAX_SLOTS = 100;
/** So many times as many calls as run at a time. */
const MIN_ROUNDS = 3;
/** Of the starts: so many come when another call has just ended. */
const MIN_SHARE = 0.9;
/** Of the mean time of the calls: what starts later waited for something else. */
const MAX_GAP = 0.1;

/** Calls of which one starts when another one has ended. */
export interface CallLimit {
  /** How many run at a time. */
  readonly count: number;
  /** `true` if all that run have to end before the next ones start. */
  readonly areBatches: boolean;
}

/**
 * Returns how many calls run at a time, if that looks like a limit.
 *
 *     ├──1──┤├────4────┤├───7───┤
 *     ├───2───┤├──5──┤├────8─
 *     ├────3────┤├───6───┤├──9─
 */
export function findCallLimit(calls: readonly SpanNode[]): CallLimit | undefined {
  if (calls.length < MIN_CALLS) return undefined;
  const starts = Float64Array.from(calls, ({ startNanos }) => startNanos).sort();
  const ends = Float64Array.from(calls, ({ endNanos }) => endNanos).sort();
  const allNanos = calls.reduce((sum, call) => sum + call.endNanos - call.startNanos, 0);
  const meanNanos = allNanos / calls.length;
  /** How many were open when each started, those that started at the same moment without it. */
  const open: number[] = [];
  let ended = 0;
  let prompt = 0;
  let count = 0;
  starts.forEach((start, at) => {
    while (ends[ended]! <= start) ended += 1;
    open.push(at - ended);
    count = Math.max(count, at - ended + 1);
    if (ended > 0 && start - ends[ended - 1]! <= MAX_GAP * meanNanos) prompt += 1;
  });
  const later = calls.length - count;
  if (
    count < 2 ||
    count > MAX_SLOTS ||
    calls.length < MIN_ROUNDS * count ||
    prompt < MIN_SHARE * later
  )
    return undefined;
  const full = open.filter((others, at) => at >= count && others === count - 1).length;
  if (full >= MIN_SHARE * later) return { count, areBatches: false };
  const inBatches = open.filter((others, at) => others === at % count).length;
  return inBatches >= MIN_SHARE * calls.length ? { count, areBatches: true } : undefined;
}

/** Returns how long the calls take if each starts, in order, as soon as one of the slots is free. */
export function nanosWithLimit(calls: readonly SpanNode[], slots: number): number {
  const free = new Float64Array(slots);
  for (const { startNanos, endNanos } of [...calls].sort((a, b) => a.startNanos - b.startNanos)) {
    free.sort();
    free[0]! += endNanos - startNanos;
  }
  return Math.max(...free);
}
