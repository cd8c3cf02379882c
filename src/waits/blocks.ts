import { getOrMake } from '../bounded.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { WaitSection } from '../trace/wait-section.js';
import type { HeldTrace } from './held-trace.js';
import { firstPlace, someOf } from './lists.js';
import type { Stretch, StretchKind } from './stretches.js';

/** What comes that soon after a block, or after what came before, may have waited for it: one event at a time. */
const NEXT_NANOS = 2_000_000;
/** How long that may go on: as a share of the time in which the thread was busy, and beyond it. */
const BACKLOG_SHARE = 0.1;
const BACKLOG_NANOS = 2_000_000;
/** So many stretches show how long those of a kind take. */
const MAX_LOOKED_AT = 64;

/** A part of a block in which no inner block ran. */
interface Block {
  readonly node: SpanNode;
  readonly startNanos: number;
  readonly endNanos: number;
}

/** A time in which a thread went from block to block, and did what had waited for them. */
interface BusyTime {
  readonly startNanos: number;
  endNanos: number;
  readonly blocks: Block[];
}

/** For each stretch that ended late because of blocks: parts of these, as children of the span that waited. */
export type BlockedStretches = ReadonlyMap<Stretch, readonly WaitSection[]>;

/**
 * Finds the stretches that ended only when a block of the event loop was over, and cuts them to when they would
 * have ended without: as long after their start as the others of their kind take, as far as that is in the block,
 * or else in the middle of it.
 *
 *     pdf            ├───────────────┤            of any trace of the same service
 *     fetch     ├─────────────────────┤           its answer arrived in the block
 *     is cut to ├──────────┤ pdf ├────┤
 */
export function cutBlocked(
  kinds: readonly StretchKind[],
  traces: readonly HeldTrace[],
): BlockedStretches {
  const blocked = new Map<Stretch, WaitSection[]>();
  const busy = busyTimes(traces);
  if (busy.size === 0) return blocked;
  for (const { row, isStart, stretches } of kinds) {
    const times = busy.get(row.service);
    if (isStart || times === undefined) continue;
    const late: [Stretch, BusyTime][] = [];
    const usual: number[] = [];
    for (const stretch of stretches) {
      const time = timeBefore(times, stretch);
      if (time !== undefined) late.push([stretch, time]);
      else usual.push(stretch.endNanos - stretch.startNanos);
    }
    const lengths = someOf(usual, MAX_LOOKED_AT);
    for (const [stretch, time] of late) blocked.set(stretch, cut(stretch, time, lengths));
  }
  return blocked;
}

/** The busy times of each service, in order. */
function busyTimes(traces: readonly HeldTrace[]): ReadonlyMap<string, BusyTime[]> {
  const all = new Map<string, Block[]>();
  for (const { nodes, originNanos } of traces) {
    for (const node of nodes) {
      const { facts, service, startNanos, endNanos } = node.record;
      if (facts.blockedSeconds === undefined || node.stillRunning) continue;
      const block = {
        node,
        startNanos: originNanos + startNanos,
        endNanos: originNanos + endNanos,
      };
      getOrMake(all, service, () => []).push(block);
    }
  }
  const busy = new Map<string, BusyTime[]>();
  for (const [service, blocks] of all) {
    busy.set(service, joined(apart(blocks), momentsOf(traces, service)));
  }
  return busy;
}

/** Takes inner blocks out of those around them. */
function apart(blocks: Block[]): Block[] {
  blocks.sort((a, b) => a.startNanos - b.startNanos || b.endNanos - a.endNanos);
  const parts: Block[] = [];
  const open: Block[] = [];
  let at = -Infinity;
  const close = (until: number) => {
    for (let top = open.at(-1); top !== undefined && at < until; top = open.at(-1)) {
      const endNanos = Math.min(top.endNanos, until);
      if (endNanos > at) parts.push({ node: top.node, startNanos: at, endNanos });
      at = Math.max(at, endNanos);
      if (top.endNanos > until) return;
      open.pop();
    }
  };
  for (const block of blocks) {
    close(block.startNanos);
    at = Math.max(at, block.startNanos);
    open.push(block);
  }
  close(Infinity);
  return parts;
}

/** When spans of a service started and ended, in order. */
function momentsOf(traces: readonly HeldTrace[], service: string): Float64Array {
  const moments: number[] = [];
  for (const { nodes, originNanos } of traces) {
    for (const { record } of nodes) {
      if (record.service !== service) continue;
      moments.push(originNanos + record.startNanos, originNanos + record.endNanos);
    }
  }
  return Float64Array.from(moments).sort();
}

function joined(blocks: readonly Block[], moments: Float64Array): BusyTime[] {
  const times: BusyTime[] = [];
  let time: BusyTime | undefined = undefined;
  let next = 0;
  for (const block of blocks) {
    if (time === undefined || block.startNanos > time.endNanos + NEXT_NANOS) {
      time = { startNanos: block.startNanos, endNanos: 0, blocks: [] };
      times.push(time);
    }
    time.blocks.push(block);
    time.endNanos = block.endNanos;
    const most = BACKLOG_NANOS + BACKLOG_SHARE * (block.endNanos - time.startNanos);
    for (; next < moments.length; next += 1) {
      const moment = moments[next]!;
      if (moment <= time.endNanos) continue;
      if (moment > time.endNanos + NEXT_NANOS || moment > block.endNanos + most) break;
      time.endNanos = moment;
    }
  }
  return times;
}

/** Returns the busy time in which a stretch ended, if it began before the end of a block that it may have waited for. */
function timeBefore(times: readonly BusyTime[], stretch: Stretch): BusyTime | undefined {
  const next = firstPlace(times, ({ startNanos }) => startNanos >= stretch.endNanos);
  const time = times[next - 1];
  if (time === undefined || time.endNanos < stretch.endNanos) return undefined;
  return time.blocks.some((block) => isWaitedFor(block, stretch)) ? time : undefined;
}

function isWaitedFor(block: Block, { startNanos, endNanos }: Stretch): boolean {
  return block.endNanos > startNanos && block.endNanos <= endNanos;
}

function cut(stretch: Stretch, time: BusyTime, lengths: readonly number[]): WaitSection[] {
  const { startNanos, endNanos, node, trace } = stretch;
  const since = Math.max(time.startNanos, startNanos);
  const possible = lengths.filter(
    (length) => startNanos + length > since && startNanos + length <= endNanos,
  );
  const sum = possible.reduce((all, length) => all + length, 0);
  const ready = possible.length > 0 ? startNanos + sum / possible.length : (since + endNanos) / 2;
  stretch.endNanos = ready;
  const sections: WaitSection[] = [];
  for (const block of time.blocks) {
    const start = Math.max(ready, block.startNanos);
    const end = Math.min(endNanos, block.endNanos);
    if (end <= start) continue;
    const origin = trace.originNanos;
    sections.push(new WaitSection(node, block.node, start - origin, end - origin));
  }
  return sections;
}
