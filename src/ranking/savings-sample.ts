import { defined } from '../sums.js';
import type { Sliced } from '../trace/slices.js';
import type { CriticalPathOptions } from '../trace/critical-path.js';
import { TraceSample } from './trace-sample.js';
import type { TraceTree } from '../trace/trace-tree.js';
import { findSavings, type SavingsOptions, type TraceSavings } from '../trace/what-if.js';

/** Replays a sample of the traces, when they come, to find what each row would save. */
export class SavingsSample {
  readonly #sample = new TraceSample<TraceSavings>();

  constructor(private readonly options: SavingsOptions) {}

  get size(): number {
    return this.#sample.size;
  }

  /** Offers an analyzed trace; returns the work that is to be done if it gets in. */
  offer(tree: TraceTree, { toleranceNanos }: CriticalPathOptions): Sliced<unknown> | undefined {
    if (tree.roots.length === 0) return undefined;
    let nanos = 0;
    for (const root of tree.roots) nanos += root.endNanos - root.startNanos;
    const savings = this.#sample.offer(nanos, (): TraceSavings => new Map());
    const options = { ...this.options, ...defined({ toleranceNanos }) };
    return savings && findSavings(tree, savings, options);
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
}
