import { getOrMake } from '../bounded.js';
import type { SpanNode } from './trace-tree.js';

/** Siblings that ran in slots: as many as started first together. */
export interface Slots {
  readonly count: number;
  /** The first and the last of them, among the siblings by their starts. */
  readonly first: number;
  readonly last: number;
}

/** A task may start that much later than the one whose slot it takes ended. */
const MAX_GAP_NANOS = 1e5;
const MAX_GAP_SHARE = 0.002;
const MIN_TASKS_PER_SLOT = 2;
const MAX_SLOTS = 64;

/**
 * Finds siblings that a limiter let in, some at a time: each starts as soon as one of them ends, whichever, until
 * there are no more. Chains of steps beside each other look much the same, but in them it is always the same row
 * that follows a row, or none runs beside itself, and one chain may end before the last step of another has started.
 *
 *     parent  ├────────────────────────┤
 *     read    ├────┤
 *     ocr     ├─────────────┤
 *     read         ├──────┤
 *     ocr                 ├───────────┤
 *     read                  ├──┤
 *
 * O(n) for n siblings.
 *
 * @param siblings by their starts
 * @param tolerance in nanoseconds: what started that much before the end of another may have waited for it
 */
export function findSlots(siblings: readonly SpanNode[], tolerance: number): Slots[] {
  const found: Slots[] = [];
  for (let first = 0; first < siblings.length;) {
    const series = seriesFrom(siblings, first, tolerance);
    if (series.isLimited) found.push(series);
    first = series.last + 1;
  }
  return found;
}

function seriesFrom(siblings: readonly SpanNode[], first: number, tolerance: number) {
  let next = first;
  const until = siblings[first]!.startNanos + tolerance;
  while (next < siblings.length && siblings[next]!.startNanos <= until) next += 1;
  const count = next - first;
  if (count === 1 || count > MAX_SLOTS) return { count, first, last: next - 1, isLimited: false };
  /** The first to end last. */
  const running = siblings.slice(first, next).sort((a, b) => b.endNanos - a.endNanos);
  const followers = new Map<unknown, Set<unknown>>();
  let isBesideItself = false;
  for (; next < siblings.length; next += 1) {
    const task = siblings[next]!;
    const ended = running.at(-1)!;
    const gap = task.startNanos - ended.endNanos;
    const slack = MAX_GAP_NANOS + MAX_GAP_SHARE * (task.endNanos - task.startNanos);
    if (gap < -tolerance || gap > tolerance + slack) break;
    // Now all have ended: what starts waited for all of them.
    if (running[0]!.endNanos <= task.startNanos + tolerance) break;
    getOrMake(followers, rowOf(ended), () => new Set()).add(rowOf(task));
    running.pop();
    isBesideItself ||= running.some((other) => {
      return rowOf(other) === rowOf(task) && other.endNanos > task.startNanos + tolerance;
    });
    insertByEnd(running, task);
  }
  const isAnyNext = [...followers].some(([row, rows]) => rows.size > 1 && rows.has(row));
  const lastEnd = running[0]!.endNanos - tolerance;
  const isOver = next === siblings.length || siblings[next]!.startNanos >= lastEnd;
  const isLimited =
    isAnyNext && isBesideItself && isOver && next - first >= MIN_TASKS_PER_SLOT * count;
  return { count, first, last: next - 1, isLimited };
}

function insertByEnd(running: SpanNode[], task: SpanNode): void {
  let at = running.length;
  while (at > 0 && running[at - 1]!.endNanos < task.endNanos) at -= 1;
  running.splice(at, 0, task);
}

/** The names of steps that have no row yet serve as well. */
function rowOf({ row, operation }: SpanNode): unknown {
  return row ?? operation.name;
}

/** When the slots of a limiter are free again, in a replay. */
export class SlotTimes {
  readonly #times: number[] = [];
  #endOfAll: number | undefined = undefined;

  /** @param last the number of the task that starts last */
  constructor(
    private readonly count: number,
    private readonly last: number,
  ) {}

  get isFull(): boolean {
    return this.#times.length === this.count;
  }

  /** When all tasks have ended, once the last of them has started. */
  get endOfAll(): number | undefined {
    return this.#endOfAll;
  }

  /** Takes the slot that is free first, and returns when that is. */
  take(): number {
    return this.#times.pop()!;
  }

  add(task: number, end: number): void {
    const times = this.#times;
    let at = times.length;
    while (at > 0 && times[at - 1]! < end) at -= 1;
    times.splice(at, 0, end);
    if (task !== this.last) return;
    this.#endOfAll = times[0]!;
    // For the next replay.
    this.#times.length = 0;
  }
}
