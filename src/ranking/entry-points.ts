import { MAX_KINDS, OTHER } from '../bounded.js';
import { Quantiles } from '../durations.js';
import { HeaviestMap } from '../heaviest-map.js';
import type { EntryPoint, Summary } from '../summary.js';
import { defined, OptionalSum } from '../sums.js';
import { noGroupSums } from '../trace-groups.js';
import { keyOfRow, type RowName, type RowOf } from '../trace/row-names.js';
import type { Sliced } from '../trace/slices.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import type { Flows } from '../waits/flows.js';
import type { ComparedRoots } from '../pictures/draw-paths.js';
import { quantileSeconds } from './row.js';
import { mostExcess, slowEntryPoint } from './slow-rows.js';
import { sampleRoots, SlowSample, type ChosenRoot } from './slow-sample.js';

const NANOS = 1e9;

/** The figures of one entry point while they are collected. Times are nanoseconds. */
export class EntryPointFigures {
  readonly durations = new Quantiles();
  readonly cost = new OptionalSum();
  readonly slow = new SlowSample();
  errors = 0;
  nanos = 0;
  /** The figures that have these from now on. */
  goneTo: EntryPointFigures | undefined = undefined;

  constructor(readonly row: RowName) {}

  merge(other: EntryPointFigures): void {
    this.durations.merge(other.durations);
    this.cost.add(other.cost.value);
    this.errors += other.errors;
    this.nanos += other.nanos;
    other.goneTo = this;
  }

  add({ errorType }: SpanRecord, nanos: number): void {
    this.durations.add(nanos);
    this.nanos += nanos;
    if (errorType !== undefined) this.errors += 1;
  }

  toEntryPoint(): EntryPoint {
    const { row, durations, errors, nanos } = this;
    return {
      ...{ name: row.name, service: row.service, calls: durations.count, errors },
      totalSeconds: nanos / NANOS,
      ...quantileSeconds(durations),
      ...defined({ costUsd: this.cost.value }),
    };
  }
}

/** Collects the local roots by their rows, in bounded memory: of the entry points that took most time. */
export class EntryPoints {
  readonly #byRow = new WeakMap<RowName, EntryPointFigures>();
  readonly #all = new HeaviestMap<EntryPointFigures>(MAX_KINDS, {
    makeOther: () => new EntryPointFigures({ name: OTHER, service: '' }),
    weightOf: ({ nanos, durations }) => nanos + durations.count,
    merge: (other, figures) => {
      other.merge(figures);
      // What is only collected leaves the table of a WeakMap large.
      this.#byRow.delete(figures.row);
    },
  });
  /** Most local roots are of the entry point of the one before. */
  #last: EntryPointFigures | undefined = undefined;
  #firstMillis = Infinity;
  #lastMillis = -Infinity;
  nanos = 0;
  /** By the groups of traces. */
  readonly groups = noGroupSums();
  succeeded = 0;

  /** @param group of its trace */
  add(row: RowName, root: SpanNode, originEpochMillis: number, group: number): void {
    const { startNanos, endNanos, record } = root;
    const nanos = endNanos - startNanos;
    this.#of(row).add(record, nanos);
    this.groups[group]! += nanos;
    this.nanos += nanos;
    if (record.errorType === undefined) this.succeeded += 1;
    // Centuries away from the origin, rounding may lead to before the epoch.
    const startMillis = Math.max(0, originEpochMillis + startNanos / 1e6);
    this.#firstMillis = Math.min(this.#firstMillis, startMillis);
    this.#lastMillis = Math.max(this.#lastMillis, originEpochMillis + endNanos / 1e6);
  }

  /** Chooses among ranked local roots, slow and typical ones; returns the work of looking at the chosen. */
  sample({ roots, nodes }: TraceTree, rowOf: RowOf): Sliced | undefined {
    let chosen: ChosenRoot[] | undefined;
    for (const root of roots) {
      const { slow, durations } = this.#of(rowOf(root.record));
      const place = slow.place(root.endNanos - root.startNanos, durations);
      if (place !== undefined) (chosen ??= []).push({ place, root });
    }
    return chosen && sampleRoots(chosen, roots.length === 1 ? nodes : undefined);
  }

  addCost(row: RowName, usd: number | undefined): void {
    this.#of(row).cost.add(usd);
  }

  /** Adds what one row has to another. */
  move(from: RowName, to: RowName): void {
    const figures = this.#all.find(keyOfRow(from));
    if (figures === undefined) return;
    this.#all.delete(keyOfRow(from));
    this.#of(to).merge(figures);
  }

  /** Of all together. */
  latency(): Summary['latency'] {
    const all = new Quantiles();
    for (const { durations } of this.#all.values()) all.merge(durations);
    return {
      ...{ count: all.count, totalSeconds: this.nanos / NANOS, ...quantileSeconds(all) },
      ...(all.count > 0 ? { groups: this.groups.map((sum) => sum / NANOS) } : {}),
    };
  }

  /** What the slow ones of each waited for, where there are enough of them. */
  slow(flows: Flows): Pick<Summary, 'slow'> {
    const named = this.#all.values().filter(({ row }) => row.name !== OTHER);
    return mostExcess(
      named.flatMap(
        ({ row, durations, slow }) => slowEntryPoint(row, durations, slow, flows) ?? [],
      ),
    );
  }

  /** Where the slow ones and the typical ones of each waited, for those that were seen often enough. */
  compared(): ComparedRoots[] {
    return this.#all.values().flatMap(({ durations, slow }) => slow.boxes(durations) ?? []);
  }

  observed(): Pick<Summary, 'observedSeconds' | 'observedFromEpochSeconds'> {
    if (this.#firstMillis === Infinity) return { observedSeconds: 0 };
    return {
      observedSeconds: Math.max(0, this.#lastMillis - this.#firstMillis) / 1000,
      observedFromEpochSeconds: this.#firstMillis / 1000,
    };
  }

  /** Most time first, the one of further entry points last. */
  list(): EntryPoint[] {
    const isOther = ({ name }: EntryPoint) => Number(name === OTHER);
    return this.#all
      .values()
      .map((figures) => figures.toEntryPoint())
      .sort(
        (a, b) =>
          isOther(a) - isOther(b) ||
          b.totalSeconds - a.totalSeconds ||
          (keyOfRow(a) < keyOfRow(b) ? -1 : 1),
      );
  }

  values(): EntryPointFigures[] {
    return this.#all.values();
  }

  #of(row: RowName): EntryPointFigures {
    if (this.#last?.row === row && this.#last.goneTo === undefined) return this.#last;
    let figures = this.#byRow.get(row);
    if (figures === undefined || figures.goneTo !== undefined) {
      figures = this.#all.get(keyOfRow(row), () => new EntryPointFigures(row));
      this.#byRow.set(row, figures);
    }
    return (this.#last = figures);
  }
}
