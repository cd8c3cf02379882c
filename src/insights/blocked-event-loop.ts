import { formatCount, formatSeconds, plural } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import type { Totals } from './finding.js';
import { ByRow, type InsightRule } from './rule.js';
import { Shown } from './shown.js';

/** When no other segment of the same trace was open, a block is worth a word from here. */
const MIN_WORST_SECONDS = 0.1;
/** So are shorter ones, up to here, that take this share of all time: requests of other traces waited, too. */
const MIN_OFTEN_SECONDS = 0.02;
const MIN_SHARE = 0.05;
const MIN_BLOCKS = 10;
/** As a share of all time, too. */
const MIN_WAITED_SHARE = 0.01;

class Blocks extends Shown {
  blocks = 0;
  blockedSeconds = 0;
  worstSeconds = 0;
  /** Segments of the same trace that were open meanwhile, each block counted by itself. */
  openSegments = 0;

  isWorthAWord(allSeconds: number): boolean {
    const { blocks, blockedSeconds, worstSeconds, openSegments } = this;
    if (openSegments > 0 || worstSeconds >= MIN_WORST_SECONDS) return true;
    if (worstSeconds < MIN_OFTEN_SECONDS) return false;
    return blocks >= MIN_BLOCKS && blockedSeconds >= MIN_SHARE * allSeconds;
  }
}

/** Finds segments that ran JavaScript without a pause, so that nothing else in the process could go on. */
export function blockedEventLoop(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Blocks());
  return {
    looksAt: 'blockers',
    addTrace({ tree, blockers }) {
      const openMeanwhile = countOpenMeanwhile(tree);
      for (const node of blockers) {
        const seconds = node.record.facts.blockedSeconds ?? 0;
        const found = rows.of(node.operation);
        found.blocks += 1;
        found.show(node);
        found.blockedSeconds += seconds;
        found.worstSeconds = Math.max(found.worstSeconds, seconds);
        found.openSegments += openMeanwhile(node);
      }
    },
    findings: (totals) =>
      rows.findings('blocked-event-loop', (found, name, row) => {
        const { blocks, blockedSeconds, worstSeconds, openSegments } = found;
        const waitedSeconds = waitedFor(row, totals);
        const isWaitedFor = waitedSeconds >= MIN_WAITED_SHARE * totals.seconds;
        if (!isWaitedFor && !found.isWorthAWord(totals.seconds)) return undefined;
        const parts =
          blocks === 1
            ? ''
            : ` in ${formatCount(blocks)} blocks of up to ${formatSeconds(worstSeconds)}`;
        const start = `${name} blocked the event loop for ${formatSeconds(blockedSeconds)}${parts}: `;
        const evidence = { blocks, blockedSeconds, worstSeconds, openSegments };
        if (isWaitedFor) {
          const waited = formatSeconds(waitedSeconds);
          return {
            message:
              `${start}other segments waited ${waited} for it. Move it to a worker thread, ` +
              `which saves up to ${waited}, or split it into short parts`,
            evidence: { ...evidence, waitedSeconds },
            savingSeconds: waitedSeconds,
          };
        }
        const others = `${plural(openSegments, 'other segment')} of the same traces`;
        const open = ` while ${others} ${openSegments === 1 ? 'was' : 'were'} open`;
        return {
          message:
            `${start}nothing else could run in its thread${openSegments === 0 ? '' : open}. ` +
            'Move it to a worker thread, or split it into short parts',
          evidence,
          atStakeSeconds: blockedSeconds,
        };
      }),
  };
}

/** How long the critical paths of all traces waited for a row. */
function waitedFor({ name, service }: RowName, { rows }: Totals): number {
  let seconds = 0;
  for (const { waitsFor = [] } of rows) {
    for (const wait of waitsFor) {
      if (wait.row === name && wait.service === service) seconds += wait.seconds;
    }
  }
  return seconds;
}

/** Counts the operations of a trace that were open while one of its spans ran: neither around it nor inside. */
function countOpenMeanwhile({ nodes }: TraceTree): (node: SpanNode) => number {
  const operations = nodes.filter(isOperation);
  const starts = Float64Array.from(operations, ({ startNanos }) => startNanos).sort();
  const ends = Float64Array.from(operations, ({ endNanos }) => endNanos).sort();
  /** How many operations each span has around it and inside, and is itself. */
  const related = new Map<SpanNode, number>();
  // Parents come before their children.
  for (const node of nodes) {
    const around = node.parent === undefined ? 0 : related.get(node.parent)!;
    related.set(node, around + Number(isOperation(node)));
  }
  const inside = new Map<SpanNode, number>();
  for (const node of nodes.toReversed()) {
    const below = inside.get(node) ?? 0;
    related.set(node, related.get(node)! + below);
    if (node.parent === undefined) continue;
    inside.set(node.parent, (inside.get(node.parent) ?? 0) + below + Number(isOperation(node)));
  }
  return (node) => {
    const begun = countBelow(starts, node.endNanos);
    const over = countBelow(ends, node.startNanos, true);
    return Math.max(0, begun - over - related.get(node)!);
  };
}

function isOperation({ operation, record }: SpanNode): boolean {
  return operation === record;
}

/** Counts the sorted values below `limit`, and those at it where `inclusive`. */
function countBelow(sorted: Float64Array, limit: number, inclusive = false): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle]!;
    if (value < limit || (inclusive && value === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}
