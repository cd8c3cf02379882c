import { getOrMake } from '../bounded.js';
import { defined } from '../sums.js';
import type { Pictures } from '../pictures.js';
import { pictureOf, type TracePicture } from '../pictures/picture-trace.js';
import {
  aboutTrace,
  endOf,
  MAX_SAMPLED_ROWS,
  type FoundSavings,
  type RowKeys,
} from '../pictures/sampled-trace.js';
import type { EntryPoint, SavingDoubt } from '../summary.js';
import type { RowName } from '../trace/row-names.js';
import { ChangedDurations } from './changed-durations.js';
import { SavingDoubts } from './saving-doubts.js';
import { noGroupSums, type GroupSums } from '../trace-groups.js';
import { runAtOnce, type Sliced } from '../trace/slices.js';
import type { Flows } from '../waits/flows.js';
import { MAX_SPANS_OF_TRACE, Waits } from '../waits/waits.js';
import type { CriticalPathOptions } from '../trace/critical-path.js';
import { findTriesSavings } from '../trace/failed-tries.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { findSavings, rowRecord, TAKEN_OVER_BELOW, type SavingsOptions } from '../trace/what-if.js';
import type { NewestTraces } from './newest-traces.js';
import { drawnTraces, limitPictures, sampledTraces, type Pictured } from './sample-pictures.js';
import { TraceSample } from './trace-sample.js';

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
  /** Whether it is among the newest traces; what is then given its picture. */
  isListed?: true;
  onPicture?: OnPicture;
}

type OnPicture = (picture: TracePicture) => void;

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
  #newest: NewestTraces | undefined;

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
    const listed = this.#list(tree, context, replayed);
    if (replayed !== undefined) {
      this.#groups.set(replayed, group);
      if (listed !== undefined) replayed.onPicture = listed;
      return this.#explainSampled(tree, context, isWanted, replayed);
    }
    if (listed === undefined && !isWanted) return undefined;
    return this.#explain(tree, context, isWanted, listed);
  }

  *#explainSampled(
    tree: TraceTree,
    context: OfferContext,
    isWanted: boolean,
    replayed: Replayed,
  ): Sliced {
    const mayHaveWaits = tree.nodes.length > MAX_SPANS_OF_TRACE;
    yield* this.#doubts.see(tree, context.originEpochMillis, mayHaveWaits);
    const explaining = this.#explain(tree, context, isWanted, replayed);
    if (explaining !== undefined) yield* explaining;
  }

  /** Says what a trace is like, where that is kept: in the sample, or in the list of the newest. */
  #list(tree: TraceTree, context: OfferContext, replayed: Replayed | undefined) {
    if (replayed === undefined && this.#newest === undefined) return undefined;
    const about = aboutTrace(tree, context.originEpochMillis, this.#keyOf);
    if (replayed !== undefined) replayed.about = about;
    if (this.#newest === undefined) return undefined;
    if (replayed !== undefined) replayed.isListed = true;
    return this.#newest.add(about);
  }

  /** Lists the traces that come in `newest`, after those of the sample that are in no list; in none if undefined. */
  follow(newest: NewestTraces | undefined): void {
    this.#newest = newest;
    if (newest === undefined) return;
    const sampled = [...this.#sample.weighted()].flatMap(([replayed]) => {
      const { about, picture, isListed } = replayed;
      replayed.isListed = true;
      return about === undefined || isListed === true ? [] : [{ about, picture }];
    });
    newest.addAll(sampled.sort((a, b) => endOf(a.about) - endOf(b.about)));
  }

  #change(
    tree: TraceTree,
    context: OfferContext,
    isWanted: boolean,
    sampled: Replayed | undefined,
  ): Sliced<unknown> | undefined {
    runAtOnce(this.#doubts.see(tree, context.originEpochMillis));
    const replayed = sampled ?? { ...NOT_YET(), isSampled: false };
    this.#changed?.add(replayed);
    return this.#explain(tree, context, isWanted, replayed);
  }

  /** Apart, since a function with a closure makes an object for it at each call. */
  #explain(
    tree: TraceTree,
    context: OfferContext,
    isWanted: boolean,
    into: Replayed | OnPicture | undefined,
  ): Sliced<unknown> | undefined {
    const options = { ...this.options, ...defined({ toleranceNanos: context.toleranceNanos }) };
    const use = (found: TraceTree, of: Replayed | OnPicture) =>
      typeof of === 'function' ? this.#draw(found, of, options) : this.#replay(found, of, options);
    if (!isWanted) return into && use(tree, into);
    // Replayed with its waits, and again when more is known of them.
    return this.#waits.add(tree, context, into && ((explained) => use(explained, into)));
  }

  *#draw(tree: TraceTree, onPicture: OnPicture, options: SavingsOptions): Sliced {
    onPicture(yield* pictureOf(tree, { ...options, keyOf: this.#keyOf }));
  }

  *#replay(tree: TraceTree, into: Replayed, options: SavingsOptions): Sliced {
    const { asSeen, ifRaces } = into;
    if (into.about !== undefined) {
      const onPicture = (picture: TracePicture) => {
        into.picture = picture;
        into.onPicture?.(picture);
      };
      yield* this.#draw(tree, onPicture, options);
      limitPictures([...this.#sample.weighted()]);
    }
    yield* this.#replayInto(tree, asSeen, options, into.isSampled);
    const { losers, pairs } = yield* this.#doubts.races.losersIn(tree);
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
