import type { QueueChange } from './delivery-queue.js';
import { REFUSED } from './otlp-answer.js';
import { DEFAULT_ENDPOINT } from './otlp-settings.js';

const START_JAEGER = 'docker compose -f node_modules/hotspan/docker-compose.yml up -d --wait';
/** A queue that overflows in bursts does so many times a second. */
const FULL_AGAIN_MILLIS = 60_000;

/** Says in one line when spans stop arriving, and when they arrive again: not one line per failure. */
export class DeliveryLog {
  readonly #endpoint: string;
  readonly #log: (line: string) => void;
  #trouble: string | undefined;
  #lastDrop: string | undefined;
  #saidFullAtMillis = -Infinity;
  #saidRejected = false;

  constructor(endpoint: string, log: (line: string) => void) {
    this.#endpoint = endpoint;
    this.#log = (line) => {
      try {
        log(line);
      } catch {
        // A log of the user's that fails must not fail the export.
      }
    };
  }

  /** What keeps spans from arriving, or why some were dropped last. */
  get reason(): string | undefined {
    return this.#trouble ?? this.#lastDrop;
  }

  /**
   * Takes note of a change.
   *
   * @param dropped how many were dropped so far
   */
  note(change: QueueChange, dropped: number): void {
    if (change.kind === 'arrived') {
      this.#arrived(dropped);
      return;
    }
    if (change.kind !== 'waiting') this.#lastDrop = change.reason;
    if (change.kind === 'full') {
      this.#full();
      return;
    }
    if (change.kind === 'rejected') {
      this.#rejected();
      return;
    }
    const isNews = this.#trouble === undefined;
    this.#trouble = change.reason;
    if (!isNews) return;
    const isMissing = change.reason === REFUSED && this.#endpoint === DEFAULT_ENDPOINT;
    this.#log(
      `hotspan: spans do not arrive at ${this.#endpoint} (${change.reason}); ` +
        `the summary is complete without them.${isMissing ? ` To start Jaeger: ${START_JAEGER}` : ''}`,
    );
  }

  #arrived(dropped: number): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#log(`hotspan: spans arrive at ${this.#endpoint} again; ${dropped} were dropped.`);
  }

  #full(): void {
    const nowMillis = performance.now();
    if (nowMillis - this.#saidFullAtMillis < FULL_AGAIN_MILLIS) return;
    this.#saidFullAtMillis = nowMillis;
    this.#log(
      `hotspan: more spans end than ${this.#endpoint} takes, and the queue is full: ` +
        'spans are dropped (OTEL_BSP_MAX_QUEUE_SIZE makes it longer).',
    );
  }

  #rejected(): void {
    if (this.#saidRejected) return;
    this.#saidRejected = true;
    this.#log(`hotspan: ${this.#endpoint} rejected some spans; delivery() counts them as dropped.`);
  }
}
