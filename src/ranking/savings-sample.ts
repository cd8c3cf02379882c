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

  constructor(
    private readonly fold: boolean,
    /** Returns the key of the row that a span counts for. */
    private readonly keyOf: (record: SpanRecord) => string,
  ) {}

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
    const { fold, keyOf } = this;
    const options = { fold, keyOf, ...defined({ toleranceNanos }) };
    const { nanos, notComputed } = yield* savingsInSlices(tree, options);
    const unknown = new Set(notComputed);
    yield* forEachInSlices(tree.nodes.length, (index) => {
      const node = tree.nodes[index]!;
      if (node.criticalNanos === 0) return;
      const key = keyOf(fold ? node.operation : node.record);
      if (unknown.has(key)) return;
      const known = savings.get(key);
      if (known !== undefined) known.criticalNanos += node.criticalNanos;
      else savings.set(key, { savedNanos: nanos.get(key) ?? 0, criticalNanos: node.criticalNanos });
    });
  }
}
