import { Quantiles } from '../durations.js';
import type { Replayed } from './savings-sample.js';

/** So many traces may still be replayed again, with more known of their waits. */
const MAX_OPEN = 16_384;

/** How long the traces would take if a row were faster; in memory that does not grow with every trace. */
export class ChangedDurations {
  readonly #durations = new Quantiles();
  #totalNanos = 0;
  #open: Replayed[] = [];

  /** @param isRace whether the losers of a trace are not waited for */
  constructor(private readonly isRace: (replayed: Replayed) => boolean) {}

  add(replayed: Replayed): void {
    this.#open.push(replayed);
    if (this.#open.length >= MAX_OPEN) this.#settle(MAX_OPEN / 2);
  }

  all(): { durations: Quantiles; totalNanos: number } {
    this.#settle(this.#open.length);
    return { durations: this.#durations, totalNanos: this.#totalNanos };
  }

  #settle(count: number): void {
    for (const replayed of this.#open.splice(0, count)) {
      const { durations = [] } = this.isRace(replayed) ? replayed.ifRaces : replayed.asSeen;
      for (const nanos of durations) {
        this.#durations.add(nanos);
        this.#totalNanos += nanos;
      }
    }
  }
}
