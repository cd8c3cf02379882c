import { defined } from '../sums.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { SpanRecord } from '../trace/span-record.js';
import { TraceSample } from './trace-sample.js';
import type { TraceTree } from '../trace/trace-tree.js';
import { savingsInSlices } from '../trace/what-if.js';

/** What a replay of one trace found, by row; rows without critical time save nothing. */
type TraceSavings = Map<string, { readonly savedNanos: number; criticalNanos: number }>;

/** Replays a sample of the traces, when they come, to find what each row would save. */
export class SavingsSample {
  readonly #sample = new TraceSample<TraceSavings>();
  readonly #fold: boolean;
  readonly #keyOf: (record: SpanRecord) => string;

  /**
   * @param fold counts parts toward their operation
   * @param keyOf returns the key of the row that a span counts for
   */
  constructor(fold: boolean, keyOf: (record: SpanRecord) => string) {
    this.#fold = fold;
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#sample.size;
  }

  /** Offers an analyzed trace; returns the work that is to be done if it gets in. */
  offer(tree: TraceTree, options: { readonly toleranceNanos?: number }): Sliced | undefined {
    if (tree.roots.length === 0) return undefined;
    let nanos = 0;
    for (const root of tree.roots) nanos += root.endNanos - root.startNanos;
    const savings = this.#sample.offer(nanos, (): TraceSavings => new Map());
    return savings && this.#replay(tree, options.toleranceNanos, savings);
  }

  /** Returns which share of its critical time each row would save, by its key. */
  shares(): Map<string, number> {
    const sums = new Map<string, { saved: number; critical: number }>();
    for (const [savings, weight] of this.#sample.weighted()) {
      for (const [key, { savedNanos, criticalNanos }] of savings) {
        const sum = sums.get(key) ?? { saved: 0, critical: 0 };
        sum.saved += weight * savedNanos;
        sum.critical += weight * criticalNanos;
        sums.set(key, sum);
      }
    }
    return new Map([...sums].map(([key, { saved, critical }]) => [key, saved / critical]));
  }

  *#replay(tree: TraceTree, toleranceNanos: number | undefined, savings: TraceSavings): Sliced {
    const keyOf = this.#keyOf;
    const { nanos, notComputed } = yield* savingsInSlices(tree, {
      fold: this.#fold,
      keyOf,
      ...defined({ toleranceNanos }),
    });
    const unknown = new Set(notComputed);
    yield* forEachInSlices(tree.nodes.length, (index) => {
      const node = tree.nodes[index]!;
      if (node.criticalNanos === 0) return;
      const key = keyOf(this.#fold ? node.operation : node.record);
      if (unknown.has(key)) return;
      let known = savings.get(key);
      if (known === undefined) {
        known = { savedNanos: nanos.get(key) ?? 0, criticalNanos: 0 };
        savings.set(key, known);
      }
      known.criticalNanos += node.criticalNanos;
    });
  }
}
