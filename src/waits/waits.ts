import type { CriticalPathOptions } from '../trace/critical-path.js';
import { runAtOnce, SLICE, type Sliced } from '../trace/slices.js';
import type { TraceTree } from '../trace/trace-tree.js';
import { Flows } from './flows.js';
import { holdTrace, type Held } from './held-trace.js';
import { Study, type Window } from './study.js';

/** The most spans to hold. Half of them are looked at when there are more. */
const MAX_SPANS = 1_024;
/** The most of one trace, which is looked at when it comes. */
export const MAX_SPANS_OF_TRACE = 16_384;
/** The most to hold while others are looked at. */
const MAX_SPANS_MEANWHILE = 4 * MAX_SPANS;
/** All of so many spans are looked at; later at most this share of them, in bursts at least so far apart. */
const ALL_OF = 8_192;
const SHARE = 1 / 128;
const PAUSE_MILLIS = 10_000;

interface Context extends CriticalPathOptions {
  readonly originEpochMillis: number;
}

/**
 * Finds out what spans waited for in their own time, in bounded memory and time.
 *
 * It holds the traces of the last thousand spans, or one that is larger. In these it looks for stretches of own time that end, again
 * and again, just after a span of one other row has ended, in any trace: more surely than chance would have it.
 */
export class Waits {
  readonly #study = new Study();
  readonly #flows = new Flows();
  #before: readonly Held[] = [];
  #held: Held[] = [];
  #heldSpans = 0;
  #baseMillis: number | undefined = undefined;
  #seenSpans = 0;
  #takenSpans = 0;
  #takenUntil = ALL_OF;
  #pausedMillis = 0;
  #isPaused = false;
  #found: Flows | undefined = undefined;
  #looking: Sliced | undefined = undefined;
  /** `true` while it is at a trace that is larger than all that are held otherwise: that takes its time. */
  #isAtLarge = false;
  #isInStep = false;

  /**
   * @param later is given work to do a slice at a time; by default it is done at once
   * @param looksAtAll whether all traces are wanted, however long it takes, but for those that are too large
   */
  constructor(
    private readonly later?: (work: Sliced) => void,
    private readonly looksAtAll = false,
  ) {}

  /** Returns whether the next trace, of so many spans, is looked at. */
  wants(spans: number, { originEpochMillis }: Context): boolean {
    this.#seenSpans += spans;
    if (spans > MAX_SPANS_OF_TRACE) return false;
    if (this.looksAtAll) return true;
    // Nobody waits for the end of a long look: others go without.
    const isFull = this.#heldSpans + spans > MAX_SPANS || this.#takenSpans >= this.#takenUntil;
    if (this.#isAtLarge && isFull) return false;
    if (this.#isPaused) {
      if (ALL_OF + SHARE * this.#seenSpans < this.#takenSpans) return false;
      if (Math.abs(originEpochMillis - this.#pausedMillis) < PAUSE_MILLIS) return false;
      this.#isPaused = false;
      this.#takenUntil = this.#takenSpans + MAX_SPANS;
    } else if (this.#takenSpans >= this.#takenUntil) {
      // Some thousand spans one after another: single traces would not show what ended their waits.
      this.#lookAt(this.#held.length);
      if (this.later === undefined) this.#finish();
      this.#isPaused = true;
      this.#before = [];
      this.#baseMillis = undefined;
      this.#pausedMillis = originEpochMillis;
      return false;
    }
    return true;
  }

  /** Adds a trace that was analyzed and ranked, if it is wanted. Returns what is to be done at once of a large one. */
  add(
    tree: TraceTree,
    context: Context,
    onExplained?: Held['onExplained'],
  ): Sliced<unknown> | undefined {
    const adding = this.#add(tree, context, onExplained);
    if (tree.nodes.length > SLICE) return adding;
    runAtOnce(adding);
    return undefined;
  }

  *#add(tree: TraceTree, context: Context, onExplained: Held['onExplained']): Sliced {
    this.#baseMillis ??= context.originEpochMillis;
    const origin = Math.round((context.originEpochMillis - this.#baseMillis) * 1e6);
    const trace = yield* holdTrace(tree, origin, context);
    this.#found = undefined;
    this.#held.push({ trace, onExplained });
    this.#heldSpans += trace.nodes.length;
    this.#takenSpans += trace.nodes.length;
    // Where spans come faster than looks are done, more are held.
    const most = this.#looking === undefined ? MAX_SPANS : MAX_SPANS_MEANWHILE;
    if (this.#heldSpans <= most) return;
    let spans = this.#heldSpans;
    let count = 0;
    while (spans > MAX_SPANS / 2) spans -= this.#held[count++]!.trace.nodes.length;
    this.#lookAt(count);
    if (this.later === undefined) yield* this.#slices();
  }

  /** Returns what was found so far, with the traces that are held. */
  flows(): Flows {
    this.#finish();
    if (this.#found === undefined && !this.#isInStep) {
      const window = { before: this.#before, looked: this.#held, later: [] };
      this.#found = runAtOnce(this.#study.look(window, false));
      this.#found.merge(this.#flows);
    }
    return this.#found ?? this.#flows;
  }

  /** Begins to look at the oldest traces. Those that come meanwhile are held for the next time. */
  #lookAt(count: number): void {
    // So that memory stays bounded.
    this.#finish();
    const looked = this.#held.slice(0, count);
    const later = this.#held.slice(count);
    this.#held = later;
    for (const { trace } of looked) this.#heldSpans -= trace.nodes.length;
    this.#looking = this.#lookIn({ before: this.#before, looked, later });
    this.#isAtLarge = looked.some(({ trace }) => trace.nodes.length > MAX_SPANS);
    const since = Math.min(...later.map(({ trace }) => trace.startNanos));
    this.#before = lastOf(
      looked.filter(({ trace }) => later.length === 0 || trace.endNanos > since),
    );
    this.later?.(this.#slices());
  }

  *#lookIn(window: Window): Sliced {
    if (window.looked.length === 0) return;
    const flows = yield* this.#study.look(window, true);
    this.#found = undefined;
    this.#flows.merge(flows);
  }

  /** Unless somebody needs what it finds before. */
  *#slices(): Sliced {
    while (this.#step()) yield;
  }

  #finish(): void {
    while (this.#step());
  }

  /** Returns `false` if there is nothing to do. */
  #step(): boolean {
    // A function of the user's that a step calls may ask for what was found.
    if (this.#looking === undefined || this.#isInStep) return false;
    this.#isInStep = true;
    try {
      if (this.#looking.next().done === true) this.#looking = undefined;
    } catch (error) {
      this.#looking = undefined;
      throw error;
    } finally {
      this.#isInStep = false;
      this.#isAtLarge &&= this.#looking !== undefined;
    }
    return true;
  }
}

/** What surrounds the traces that come next, in bounded memory. */
function lastOf(held: readonly Held[]): readonly Held[] {
  let spans = 0;
  let first = held.length;
  while (first > 0 && spans < MAX_SPANS / 2) {
    spans += held[first - 1]!.trace.nodes.length;
    if (spans > MAX_SPANS_MEANWHILE) break;
    first -= 1;
  }
  return held.slice(first);
}
