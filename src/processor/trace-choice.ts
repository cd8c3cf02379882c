import { fnv32 } from '../hash.js';
import type { TraceBuffer } from './trace-buffer.js';

/** What a choice is widened by, once there is room again. */
const WIDER = 4 / 3;

/**
 * Chooses which traces to keep where there is no room for all: those with a low hash of their id. So the choice does
 * not depend on how long a trace takes, or how many spans it has, and all processes choose the same traces.
 */
export class TraceChoice {
  /** Traces are kept whose share is below it. */
  #limit = 1;
  /** Traces that ended since the limit changed, and how many were open then. */
  #ended = 0;
  #openThen = 0;

  get keepsAll(): boolean {
    return this.#limit >= 1;
  }

  has(traceId: string): boolean {
    return this.#limit >= 1 || shareOf(traceId) < this.#limit;
  }

  /** Gives traces up, those with the highest shares first, while there is no room. */
  narrow(
    open: Iterable<TraceBuffer>,
    hasNoRoom: () => boolean,
    giveUp: (buffer: TraceBuffer) => void,
  ): void {
    const all = Array.from(open, (buffer) => ({ buffer, share: shareOf(buffer.traceId) }));
    all.sort((a, b) => b.share - a.share);
    for (const { buffer, share } of all) {
      if (!hasNoRoom()) break;
      giveUp(buffer);
      this.#limit = Math.min(this.#limit, share);
    }
    this.#ended = 0;
    this.#openThen = all.length;
  }

  /**
   * A trace has ended. The choice gets wider when as many have ended as were open when it changed: traces that take
   * longer are not to meet a narrower choice than others.
   *
   * @param hasMuchRoom whether many more traces would find room, also where their number varies
   */
  onEnd(hasMuchRoom: () => boolean): void {
    this.#ended += 1;
    if (this.#ended < this.#openThen || !hasMuchRoom()) return;
    this.#limit = Math.min(1, this.#limit * WIDER);
    this.#ended = 0;
  }
}

/** A number from 0 to 1, the same in all processes: a hash, mixed as in MurmurHash3, since similar ids get similar sums. */
export function shareOf(traceId: string): number {
  let hash = fnv32(traceId);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
