import { boxesBelow, PathBox } from '../trace/path-box.js';
import type { RowName } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { MAX_PATHS, OTHER_ROW, prune } from './prune.js';

const NANOS = 1e9;
/** What is deeper is in a box for the others: nobody could read it. */
const MAX_DEPTH = 200;

/**
 * Collects the call paths of all spans: a span's box is that of its row below the box of its parent. What a row calls
 * of itself directly, and the parts of an operation, are in one box with it. In bounded memory: where there are twice
 * too many boxes, those with least time and cost are given up.
 */
export class CallPaths {
  readonly #top = new PathBox({ name: '', service: '' });
  /** The boxes without a meaning; each has two others at most. */
  #count = 0;
  readonly #withBackoffs = new WeakSet<SpanNode>();

  /** @param fold see `RankingOptions` */
  constructor(private readonly fold: boolean) {}

  /** Adds the times of a ranked span, whose parent was added before, and sets its box. Runs for every span. */
  add(node: SpanNode, row: RowName): PathBox {
    const { parent } = node;
    let above = parent?.box ?? this.#top;
    if (above.goneTo !== undefined) above = above.live;
    let box = above;
    if (node.failedAttempt !== undefined) box = this.#boxInFailed(node, row, above);
    else if (above.row !== row) {
      const last = above.lastChild;
      box = last?.row === row ? last : this.#child(above, row);
    }
    node.box = box;
    box.selfNanos += node.selfNanos;
    box.criticalNanos += node.criticalNanos;
    return box;
  }

  /** Adds a span that is in no tree: nobody knows what called it. */
  addOutside(row: RowName, usd: number, calls: 0 | 1): void {
    const box = this.#child(this.#top, row);
    box.calls += calls;
    box.usd += usd;
  }

  /** Moves the waits before the attempts inside a span that was added out of the time that is its own. */
  addBackoffs(span: SpanNode): void {
    if (this.#withBackoffs.has(span)) return;
    this.#withBackoffs.add(span);
    const backoff = backoffInside(span);
    if (backoff === undefined) return;
    const { box, leaf, times, selfNanos, criticalNanos } = backoff;
    leaf.calls += times;
    leaf.selfNanos += selfNanos;
    leaf.criticalNanos += criticalNanos;
    box.selfNanos -= selfNanos;
    box.criticalNanos -= criticalNanos;
  }

  /** All boxes, parents before their children. */
  boxes(): PathBox[] {
    return boxesBelow(this.#top);
  }

  /** What an operation's failed attempts did themselves is apart; what they called is not. */
  #boxInFailed({ failedAttempt, operation, record }: SpanNode, row: RowName, above: PathBox) {
    const caller = above.means === undefined ? above : above.above!;
    const own = caller.row === row ? caller : this.#child(caller, row);
    const isPart = operation !== record && failedAttempt!.operation === operation;
    return this.fold && isPart ? own.leafOf(row, 'failed') : own;
  }

  #child(above: PathBox, row: RowName): PathBox {
    if (above.row === OTHER_ROW) return above;
    let box = above.children?.get(row);
    if (box === undefined) {
      if (this.#count >= 2 * MAX_PATHS) {
        prune(this.#top);
        this.#count = this.boxes().length;
        if (above.goneTo !== undefined) return above.live;
      }
      this.#count += 1;
      box = above.childOf(above.depth < MAX_DEPTH ? row : OTHER_ROW);
    }
    above.lastChild = box;
    return box;
  }
}

/** Returns what of the own time of a span, and of the critical time in it, was a wait before an attempt. */
export function backoffInside({ box: own, children, selfNanos: most, criticalNanos }: SpanNode) {
  const box = own?.live;
  // All time in a failed attempt is that.
  if (box === undefined || box.means !== undefined || !(most > 0)) return undefined;
  let times = 0;
  let seconds = 0;
  for (const { record } of children) {
    const { backoffSeconds = 0 } = record.facts.attempt ?? {};
    if (!(backoffSeconds > 0)) continue;
    times += 1;
    seconds += backoffSeconds;
  }
  if (times === 0) return undefined;
  const selfNanos = Math.min(seconds * NANOS, most);
  const critical = selfNanos * Math.min(1, criticalNanos / most);
  return { box, leaf: box.leafOf(box.row, 'backoff'), times, selfNanos, criticalNanos: critical };
}
