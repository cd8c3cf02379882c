import { formatCount, formatSeconds, plural } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { BySegment, quoted, type Finding, type InsightSource } from './finding.js';

/** When nothing else of the same trace is known to have waited, a block is worth a word from here. */
const MIN_WORST_SECONDS = 0.1;

class Blocks {
  count = 0;
  seconds = 0;
  worstSeconds = 0;
  /** Segments of the same trace that were open meanwhile, each block counted by itself. */
  open = 0;
}

/** Segments that ran JavaScript without a pause, so that nothing else in the process could go on. */
export class BlockedEventLoop implements InsightSource {
  readonly #segments: BySegment<Blocks>;

  constructor(rowOf: RowOf) {
    this.#segments = new BySegment(rowOf, () => new Blocks());
  }

  /** Adds the spans of one trace that tell of a block. O(n log n) for a trace with any. */
  addTrace(tree: TraceTree, blockers: readonly SpanNode[]): void {
    const others = new OpenMeanwhile(tree);
    for (const node of blockers) {
      const seconds = node.record.facts.blockedSeconds ?? 0;
      const blocks = this.#segments.of(node.operation);
      blocks.count += 1;
      blocks.seconds += seconds;
      blocks.worstSeconds = Math.max(blocks.worstSeconds, seconds);
      blocks.open += others.count(node);
    }
  }

  /** One for each segment with enough to tell of. */
  findings(): Finding[] {
    return this.#segments
      .list()
      .filter(({ state }) => state.open > 0 || state.worstSeconds >= MIN_WORST_SECONDS)
      .map(({ segment, service, state }) => {
        const { count, seconds, worstSeconds, open } = state;
        const blocks =
          count === 1
            ? 'at once'
            : `in ${formatCount(count)} blocks of up to ${formatSeconds(worstSeconds)}`;
        const others =
          open === 0
            ? ''
            : `; ${plural(open, 'other segment')} of the same traces ${open === 1 ? 'was' : 'were'} open meanwhile`;
        return {
          kind: 'blocked-event-loop',
          segment,
          service,
          message:
            `${quoted(segment)} held the event loop for ${formatSeconds(seconds)} ${blocks}, in which ` +
            `nothing else could run in its thread${others}`,
          evidence: { blocks: count, blockedSeconds: seconds, worstSeconds, openSegments: open },
          atStakeSeconds: seconds,
        };
      });
  }
}

/** Counts the operations of a trace that were open while one of its spans ran: neither around it nor inside. */
class OpenMeanwhile {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  readonly #related = new Map<SpanNode, number>();

  constructor({ nodes }: TraceTree) {
    const operations = nodes.filter(isOperation);
    this.#starts = Float64Array.from(operations, ({ startNanos }) => startNanos).sort();
    this.#ends = Float64Array.from(operations, ({ endNanos }) => endNanos).sort();
    this.#relate(nodes);
  }

  count(node: SpanNode): number {
    const begun = countBelow(this.#starts, node.endNanos);
    const over = countBelow(this.#ends, node.startNanos, true);
    return Math.max(0, begun - over - (this.#related.get(node) ?? 0));
  }

  /** How many operations each span has around it and inside, and is itself. */
  #relate(nodes: readonly SpanNode[]): void {
    const around = new Map<SpanNode, number>();
    for (const node of nodes) {
      const above = node.parent === undefined ? 0 : (around.get(node.parent) ?? 0);
      around.set(node, above + Number(isOperation(node)));
    }
    const inside = new Map<SpanNode, number>();
    for (let at = nodes.length - 1; at >= 0; at -= 1) {
      const node = nodes[at]!;
      const below = inside.get(node) ?? 0;
      this.#related.set(node, (around.get(node) ?? 0) + below);
      if (node.parent === undefined) continue;
      const all = (inside.get(node.parent) ?? 0) + below + Number(isOperation(node));
      inside.set(node.parent, all);
    }
  }
}

function isOperation({ operation, record }: SpanNode): boolean {
  return operation === record;
}

/** How many of the sorted values are below `limit`, or at it where `inclusive`. */
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
