import type { DrawnTrace, ListedTrace, NewestList } from '../page-data.js';
import { pictureSpan } from '../pictures/kept-span.js';
import type { TracePicture } from '../pictures/picture-trace.js';
import type { AboutTrace } from '../pictures/sampled-trace.js';
import { defined } from '../sums.js';
import { rowOfKey } from '../trace/row-names.js';

const NANOS = 1e9;

export interface NewestLimits {
  /** The most traces to list. */
  readonly traces: number;
  /** The most bytes that their spans may take, about. */
  readonly bytes: number;
  /** The most spans to draw until `renew()` is called, so that it costs little where traces come fast. */
  readonly spans: number;
}

/** The most traces that a page lists. */
export const MAX_LISTED = 2_000;
/** Of a program that has other things to do. */
export const LIMITS_OF_PROGRAM: NewestLimits = {
  ...{ traces: MAX_LISTED, bytes: 16 * 2 ** 20, spans: 2_000 },
};

/** One that is listed, as it stands in memory and in the folder of a run. */
export interface NewestTrace {
  readonly about: AboutTrace;
  /** Absent where there was no room for it, or no time. */
  picture?: TracePicture | undefined;
}

interface Kept extends NewestTrace {
  readonly at: number;
  bytes: number;
}

/** The newest traces of a ranking, with what is drawn of them, in bounded memory. */
export class NewestTraces {
  /** By their numbers, modulo the most that there may be. */
  readonly #kept: (Kept | undefined)[] = [];
  #first = 1;
  #next = 1;
  /** Those before this one have no picture any more. */
  #drawnFrom = 1;
  #bytes = 0;
  #spansLeft: number;
  #currentKey = (key: string) => key;

  constructor(private readonly limits: NewestLimits) {
    this.#spansLeft = limits.spans;
  }

  /** The number of the newest trace; 0 before the first. They count from 1. */
  get last(): number {
    return this.#next - 1;
  }

  /** Has rows called what they are called by now. */
  named(currentKey: (key: string) => string): void {
    this.#currentKey = currentKey;
  }

  /** Forgets all. Numbers go on, so that who has seen some does not take others for them. */
  clear(): void {
    this.#kept.length = 0;
    this.#first = this.#next;
    this.#drawnFrom = this.#next;
    this.#bytes = 0;
  }

  /** Has as many spans drawn again as the limit says. */
  renew(): void {
    this.#spansLeft = this.limits.spans;
  }

  /**
   * Lists a trace. Returns what its picture is to be given to, each time that more is known of it; `undefined` if it is
   * not to be drawn.
   */
  add(about: AboutTrace): ((picture: TracePicture) => void) | undefined {
    const kept = this.#list(about);
    if (this.#spansLeft <= 0) return undefined;
    this.#spansLeft -= about.spans;
    return (picture) => this.#draw(kept, picture);
  }

  /** Lists traces that were drawn elsewhere. */
  addAll(traces: Iterable<NewestTrace>): void {
    for (const { about, picture } of traces) {
      const kept = this.#list(about);
      if (picture !== undefined) this.#draw(kept, picture);
    }
  }

  /** Returns the traces after that of a number, the newest first. */
  after(number: number): NewestList {
    const traces: ListedTrace[] = [];
    for (let at = this.last; at >= Math.max(this.#first, number + 1); at -= 1) {
      traces.push(this.#listed(this.#at(at)!));
    }
    return { first: this.#first, last: this.last, traces };
  }

  /** Returns what is kept of the traces after that of a number, the oldest first. */
  *keptAfter(number: number): Generator<NewestTrace> {
    for (let at = Math.max(this.#first, number + 1); at <= this.last; at += 1) {
      const { about, picture } = this.#at(at)!;
      const entry = this.#currentKey(about.entry);
      yield { about: { ...about, entry }, ...defined({ picture }) };
    }
  }

  /**
   * Returns what is drawn of the newest trace of this id, or of the one of this id and number. `undefined` if it is not
   * kept.
   */
  find(traceId: string, number?: number): DrawnTrace | undefined {
    for (let at = this.last; at >= Math.max(this.#first, this.#drawnFrom); at -= 1) {
      const kept = this.#at(at)!;
      if (kept.about.traceId !== traceId || kept.picture === undefined) continue;
      if (number === undefined || number === at) return this.#drawn(kept, kept.picture);
    }
    return undefined;
  }

  #list(about: AboutTrace): Kept {
    const { traces } = this.limits;
    const kept: Kept = { about, at: this.#next, bytes: 0 };
    this.#next += 1;
    if (this.#next - this.#first > traces) {
      this.#undraw(this.#at(this.#first)!);
      this.#first += 1;
    }
    this.#kept[kept.at % traces] = kept;
    return kept;
  }

  #at(number: number): Kept | undefined {
    return this.#kept[number % this.limits.traces];
  }

  #draw(kept: Kept, picture: TracePicture): void {
    if (this.#at(kept.at) !== kept || kept.at < this.#drawnFrom) return;
    this.#undraw(kept);
    kept.picture = picture;
    kept.bytes = bytesOf(picture);
    this.#bytes += kept.bytes;
    while (this.#bytes > this.limits.bytes) {
      const oldest = Math.max(this.#first, this.#drawnFrom);
      this.#undraw(this.#at(oldest)!);
      this.#drawnFrom = oldest + 1;
    }
  }

  #undraw(kept: Kept): void {
    this.#bytes -= kept.bytes;
    kept.bytes = 0;
    kept.picture = undefined;
  }

  #listed({ about, at, picture }: Kept): ListedTrace {
    const { traceId, startEpochSeconds, entryNanos, spans, errors, costUsd } = about;
    return {
      ...{ at, traceId, ...this.#entryOf(about), startEpochSeconds },
      ...{ seconds: entryNanos / NANOS, spans },
      ...(errors > 0 ? { errors } : {}),
      ...defined({ costUsd }),
      ...(picture === undefined ? {} : { isDrawn: true }),
    };
  }

  #drawn({ about }: Kept, { spans, leftOut }: TracePicture): DrawnTrace {
    const { traceId, startEpochSeconds, entryNanos, costUsd } = about;
    return {
      ...{ traceId, ...this.#entryOf(about), startEpochSeconds, seconds: entryNanos / NANOS },
      ...defined({ costUsd }),
      spans: spans.map((span) => pictureSpan(span, this.#currentKey)),
      ...(leftOut > 0 ? { leftOut } : {}),
    };
  }

  #entryOf({ entry }: AboutTrace) {
    return rowOfKey(this.#currentKey(entry));
  }
}

/** About as many as V8 takes: what is in lists comes on top of each span. Names are shared. */
function bytesOf({ spans }: TracePicture): number {
  let bytes = 0;
  for (const { critical = [], waits = [] } of spans) {
    bytes += 400 + 8 * critical.length + 120 * waits.length;
  }
  return bytes;
}
