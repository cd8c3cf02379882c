import { formatCount, formatSeconds, plural } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { ByRow, type InsightRule } from './rule.js';

/** When no other segment of the same trace was open, a block is worth a word from here. */
const MIN_WORST_SECONDS = 0.1;

class Blocks {
  blocks = 0;
  blockedSeconds = 0;
  worstSeconds = 0;
  /** Segments of the same trace that were open meanwhile, each block counted by itself. */
  openSegments = 0;
}

/** Finds segments that ran JavaScript without a pause, so that nothing else in the process could go on. */
export function blockedEventLoop(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Blocks());
  return {
    addTrace({ tree, telling }) {
      const blockers = telling.filter(({ record }) => record.facts.blockedSeconds !== undefined);
      if (blockers.length === 0) return;
      const others = new OpenMeanwhile(tree);
      for (const node of blockers) {
        const seconds = node.record.facts.blockedSeconds ?? 0;
        const found = rows.of(node.operation);
        found.blocks += 1;
        found.blockedSeconds += seconds;
        found.worstSeconds = Math.max(found.worstSeconds, seconds);
        found.openSegments += others.count(node);
      }
    },
    findings: () =>
      rows.findings('blocked-event-loop', (found, name) => {
        const { blocks, blockedSeconds, worstSeconds, openSegments } = found;
        if (openSegments === 0 && worstSeconds < MIN_WORST_SECONDS) return undefined;
        const parts =
          blocks === 1
            ? ''
            : ` in ${formatCount(blocks)} blocks of up to ${formatSeconds(worstSeconds)}`;
        const others = `${plural(openSegments, 'other segment')} of the same traces`;
        const open = ` while ${others} ${openSegments === 1 ? 'was' : 'were'} open`;
        return {
          message:
            `${name} blocked the event loop for ${formatSeconds(blockedSeconds)}${parts}: nothing else ` +
            `could run in its thread${openSegments === 0 ? '' : open}`,
          evidence: { blocks, blockedSeconds, worstSeconds, openSegments },
          atStakeSeconds: blockedSeconds,
        };
      }),
  };
}

/** Counts the operations of a trace that were open while one of its spans ran: neither around it nor inside. */
class OpenMeanwhile {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** How many operations each span has around it and inside, and is itself. */
  readonly #related = new Map<SpanNode, number>();

  constructor({ nodes }: TraceTree) {
    const operations = nodes.filter(isOperation);
    this.#starts = Float64Array.from(operations, ({ startNanos }) => startNanos).sort();
    this.#ends = Float64Array.from(operations, ({ endNanos }) => endNanos).sort();
    const related = this.#related;
    // Parents come before their children.
    for (const node of nodes) {
      const around = node.parent === undefined ? 0 : related.get(node.parent)!;
      related.set(node, around + Number(isOperation(node)));
    }
    const inside = new Map<SpanNode, number>();
    for (let at = nodes.length - 1; at >= 0; at -= 1) {
      const node = nodes[at]!;
      const below = inside.get(node) ?? 0;
      related.set(node, related.get(node)! + below);
      if (node.parent === undefined) continue;
      const all = (inside.get(node.parent) ?? 0) + below + Number(isOperation(node));
      inside.set(node.parent, all);
    }
  }

  count(node: SpanNode): number {
    const begun = countBelow(this.#starts, node.endNanos);
    const over = countBelow(this.#ends, node.startNanos, true);
    return Math.max(0, begun - over - this.#related.get(node)!);
  }
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
