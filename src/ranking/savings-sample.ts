import { getOrMake, Largest } from '../bounded.js';
import { defined } from '../sums.js';
import type { Pictures } from '../pictures.js';
import { pictureOf } from '../pictures/picture-trace.js';
import {
  aboutTrace,
  MAX_SAMPLED_ROWS,
  type FoundSavings,
  type RowKeys,
} from '../pictures/sampled-trace.js';
import type { EntryPoint, SavingDoubt } from '../summary.js';
import type { RowName } from '../trace/row-names.js';
import { ChangedDurations } from './changed-durations.js';
import { SavingDoubts } from './saving-doubts.js';
import { noGroupSums, type GroupSums } from '../trace-groups.js';
import type { Sliced } from '../trace/slices.js';
import type { Flows } from '../waits/flows.js';
import { MAX_SPANS_OF_TRACE, Waits } from '../waits/waits.js';
import type { CriticalPathOptions } from '../trace/critical-path.js';
import { findTriesSavings } from '../trace/failed-tries.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { findSavings, rowRecord, TAKEN_OVER_BELOW, type SavingsOptions } from '../trace/what-if.js';
import { Reservoir } from './reservoir.js';
import { drawnTraces, limitPictures, sampledTraces, type Pictured } from './sample-pictures.js';

/** What the replays of one trace found. */
interface Outcome extends FoundSavings {
  /** Of its local roots with the change of a `whatIf`. */
  durations?: readonly number[];
}

export interface Replayed extends Pictured {
  readonly asSeen: Outcome;
  /** The same if the pairs that seem to race do, so that nobody waits for those that lost. */
  readonly ifRaces: Outcome;
  pairs: readonly string[];
  /** `false` if only its durations are wanted. */
  isSampled: boolean;
}

const NOT_YET = (): Replayed => ({
  isSampled: true,
  asSeen: { savings: new Map(), failedTries: new Map() },
  ifRaces: { savings: new Map(), failedTries: new Map() },
  pairs: [],
});

/** Returns how long the local roots of a trace would take with some change. */
export type DurationsOf = (tree: TraceTree, options: CriticalPathOptions) => number[];

interface SampleOptions extends SavingsOptions {
  /** Given for a `whatIf`: all traces are replayed with its change. */
  readonly durationsOf?: DurationsOf | undefined;
}

interface OfferContext extends CriticalPathOptions {
  readonly originEpochMillis: number;
}

/** Finds the waits of traces, and replays a sample of them to find what each row would save. */
export class SavingsSample {
  readonly #sample = new TraceSample<Replayed>();
  readonly #doubts = new SavingDoubts();
  readonly #waits: Waits;
  readonly #groups = new WeakMap<Replayed, number>();

  readonly #changed: ChangedDurations | undefined;
  readonly #keyOf = (node: SpanNode) => this.options.keyOf(rowRecord(node, this.options));

  /** @param doLater see `RankingOptions` */
  constructor(
    private readonly options: SampleOptions,
    doLater?: (work: Sliced) => void,
  ) {
    const isChanged = options.durationsOf !== undefined;
    this.#waits = new Waits(doLater, isChanged);
    this.#changed = isChanged ? new ChangedDurations((each) => this.#isRace(each)) : undefined;
  }

  get size(): number {
    return this.#sample.size;
  }

  /** Offers an analyzed and ranked trace of a group; returns the work that is to be done at once. */
  offer(tree: TraceTree, context: OfferContext, group: number): Sliced<unknown> | undefined {
    if (tree.roots.length === 0) return undefined;
    const isWanted = this.#waits.wants(tree.nodes.length, context);
    let nanos = 0;
    for (const root of tree.roots) nanos += root.endNanos - root.startNanos;
    const replayed = this.#sample.offer(nanos, NOT_YET, isWanted);
    if (this.#changed !== undefined) return this.#change(tree, context, isWanted, replayed);
    if (replayed === undefined && !isWanted) return undefined;
    if (replayed !== undefined) {
      this.#doubts.see(tree, context.originEpochMillis, tree.nodes.length > MAX_SPANS_OF_TRACE);
      this.#groups.set(replayed, group);
      replayed.about = aboutTrace(tree, context.originEpochMillis, this.#keyOf);
    }
    return this.#explain(tree, context, isWanted, replayed);
  }

  #change(
    tree: TraceTree,
    context: OfferContext,
    isWanted: boolean,
    sampled: Replayed | undefined,
  ): Sliced<unknown> | undefined {
    this.#doubts.see(tree, context.originEpochMillis);
    const replayed = sampled ?? { ...NOT_YET(), isSampled: false };
    this.#changed?.add(replayed);
    return this.#explain(tree, context, isWanted, replayed);
  }

  /** Apart, since a function with a closure makes an object for it at each call. */
  #explain(
    tree: TraceTree,
    context: OfferContext,
    isWanted: boolean,
    into: Replayed | undefined,
  ): Sliced<unknown> | undefined {
    const options = { ...this.options, ...defined({ toleranceNanos: context.toleranceNanos }) };
    if (!isWanted) return into && this.#replay(tree, into, options);
    // Replayed with its waits, and again when more is known of them.
    const onExplained = (explained: TraceTree, again: Replayed) =>
      this.#replay(explained, again, options);
    return this.#waits.add(tree, context, into && ((explained) => onExplained(explained, into)));
  }

  *#replay(tree: TraceTree, into: Replayed, options: SavingsOptions): Sliced {
    const { asSeen, ifRaces } = into;
    if (into.about !== undefined) {
      into.picture = yield* pictureOf(tree, { ...options, keyOf: this.#keyOf });
      limitPictures([...this.#sample.weighted()]);
    }
    yield* this.#replayInto(tree, asSeen, options, into.isSampled);
    const { losers, pairs } = this.#doubts.races.losersIn(tree);
    into.pairs = pairs;
    if (losers.length === 0) return;
    for (const loser of losers) loser.waitedFor = false;
    yield* this.#replayInto(tree, ifRaces, options, into.isSampled);
    for (const loser of losers) loser.waitedFor = true;
  }

  *#replayInto(
    tree: TraceTree,
    into: Outcome,
    options: SavingsOptions,
    isSampled: boolean,
  ): Sliced {
    into.savings.clear();
    into.failedTries.clear();
    const rowsInParts = MAX_SAMPLED_ROWS;
    if (isSampled) {
      yield* findSavings(tree, into.savings, { ...options, rowsInParts });
      yield* findTriesSavings(tree, into.failedTries, options);
    }
    const durations = this.options.durationsOf?.(tree, options);
    if (durations !== undefined) into.durations = durations;
  }

  #foundOf(replayed: Replayed): FoundSavings {
    return this.#isRace(replayed) ? replayed.ifRaces : replayed.asSeen;
  }

  #isRace({ pairs }: Replayed): boolean {
    const { races } = this.#doubts;
    return pairs.length > 0 && pairs.every((pair) => races.isRace(pair));
  }

  /** Returns how long the local roots of all traces would take with the change of a `whatIf`. */
  changed(): ReturnType<ChangedDurations['all']> | undefined {
    // What is known of the last traces may change once more.
    this.#waits.flows();
    return this.#changed?.all();
  }

  flows(): Flows {
    return this.#waits.flows();
  }

  /** Returns why the savings of rows may be wrong. */
  doubts(hasKnownWaits: (row: RowName) => boolean): ReadonlyMap<RowName, SavingDoubt> {
    return this.#doubts.rows(hasKnownWaits);
  }

  /**
   * Returns what the sample shows of each row, by its key.
   *
   * @param currentKey the key by now of the row that a key was of
   */
  outcomes(currentKey = (key: string) => key): Map<string, SampledSaving> {
    const sums = new Map<string, Sums>();
    for (const [replayed, weight] of this.#sample.weighted()) {
      const { savings } = this.#foundOf(replayed);
      const group = this.#groups.get(replayed) ?? 0;
      for (const [key, { savedNanos, criticalNanos, takenOver = [] }] of savings) {
        const sum = getOrMake(sums, currentKey(key), noSums);
        sum.saved += weight * savedNanos;
        sum.critical += weight * criticalNanos;
        sum.savedGroups[group]! += weight * savedNanos;
        sum.criticalGroups[group]! += weight * criticalNanos;
        for (const [then, nanos] of takenOver) {
          const by = currentKey(then);
          sum.takenOver.set(by, (sum.takenOver.get(by) ?? 0) + weight * nanos);
        }
      }
    }
    return new Map([...sums].map(([key, sum]) => [key, sampledSaving(sum)]));
  }

  /** Returns what of the sample is drawn. */
  pictures(
    entryPoints: readonly EntryPoint[],
    names: RowKeys,
  ): Pick<Pictures, 'sample' | 'traces'> {
    const sample = [...this.#sample.weighted()];
    return {
      sample: sampledTraces(sample, (replayed) => this.#foundOf(replayed), names),
      traces: drawnTraces(sample, entryPoints, names.currentKey),
    };
  }
}

/** As shares of a row's critical time. */
export interface SampledSaving {
  readonly saved: number;
  /** How much more, or less, it was in each group of traces. */
  readonly odd: readonly number[];
  /** The row that would have the most more of critical time; absent where most of it can be saved. */
  readonly takenOver?: { readonly by: string; readonly share: number };
}

interface Sums {
  saved: number;
  critical: number;
  readonly savedGroups: GroupSums;
  readonly criticalGroups: GroupSums;
  readonly takenOver: Map<string, number>;
}

function noSums(): Sums {
  const groups = { savedGroups: noGroupSums(), criticalGroups: noGroupSums() };
  return { saved: 0, critical: 0, ...groups, takenOver: new Map<string, number>() };
}

function sampledSaving(sums: Sums): SampledSaving {
  const { saved: nanos, critical, savedGroups, criticalGroups, takenOver } = sums;
  const saved = Math.min(1, Math.max(0, nanos / critical));
  const odd = savedGroups.map((sum, group) => (sum - saved * criticalGroups[group]!) / critical);
  const [most] = [...takenOver].sort(([, a], [, b]) => b - a);
  if (most === undefined || saved >= TAKEN_OVER_BELOW) return { saved, odd };
  return { saved, odd, takenOver: { by: most[0], share: most[1] / critical } };
}

const SLOWEST = 20;
const OTHERS = 100;

interface Sampled<T> {
  readonly nanos: number;
  readonly value: T;
}

/**
 * Keeps the slowest traces, and a uniform choice of the rest, so that sums over all traces can be estimated from it.
 */
export class TraceSample<T> {
  readonly #slowest = new Largest<Sampled<T>>(SLOWEST, ({ nanos }) => nanos);
  readonly #others = new Reservoir<Sampled<T>>(OTHERS);
  /** Traces that were not, or are no longer, among the slowest. */
  #offered = 0;

  get size(): number {
    return this.#slowest.list().length + this.#others.items.length;
  }

  /**
   * Offers a trace that took so long. If it gets in, keeps and returns what `make` makes of it.
   *
   * @param isTypical `false` for traces that are only taken if they are among the slowest
   */
  offer(nanos: number, make: () => T, isTypical = true): T | undefined {
    const isSlow = this.#slowest.hasRoomFor(nanos);
    if (!isSlow) this.#offered += 1;
    const at = isSlow || !isTypical ? undefined : this.#others.place();
    if (!isSlow && at === undefined) return undefined;
    const value = make();
    const rest = this.#slowest.offer({ nanos, value });
    if (isSlow && rest !== undefined) this.#offered += 1;
    const restAt = at ?? (rest && this.#others.place());
    if (restAt !== undefined) this.#others.put(restAt, rest!);
    return value;
  }

  *weighted(): Generator<readonly [value: T, weight: number]> {
    for (const { value } of this.#slowest.list()) yield [value, 1];
    const weight = this.#offered / Math.max(1, this.#others.items.length);
    for (const { value } of this.#others.items) yield [value, weight];
  }
}
