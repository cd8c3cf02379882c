import type { QueueChange } from './delivery-queue.js';
import { REFUSED } from './otlp-answer.js';

/** OpenTelemetry's default, and the port that docker-compose.yml opens. */
export const DEFAULT_ENDPOINT = 'http://localhost:4318/v1/traces';

const START_JAEGER = 'docker compose -f node_modules/hotspan/docker-compose.yml up -d --wait';
/** A queue that overflows in bursts does so many times a second. */
const FULL_AGAIN_MILLIS = 60_000;

/** Logs one line when spans stop arriving and one when they arrive again, instead of one per failure. */
export class DeliveryLog {
  #trouble: string | undefined;
  #lastDrop: string | undefined;
  #saidFullAtMillis = -Infinity;
  #saidRejected = false;

  constructor(
    private readonly endpoint: string,
    private readonly log: (line: string) => void,
  ) {}

  /** What keeps spans from arriving, or why spans were dropped last. */
  get reason(): string | undefined {
    return this.#trouble ?? this.#lastDrop;
  }

  /** Never throws. */
  note(change: QueueChange, dropped: number): void {
    if (change.kind !== 'arrived' && change.kind !== 'waiting') this.#lastDrop = change.reason;
    const line = this.#lineFor(change, dropped);
    if (line === undefined) return;
    try {
      this.log(`hotspan: ${line}`);
    } catch {
      // A log of the user's that fails must not fail the export.
    }
  }

  #lineFor(change: QueueChange, dropped: number): string | undefined {
    const { endpoint } = this;
    switch (change.kind) {
      case 'arrived': {
        const wasAway = this.#trouble !== undefined;
        this.#trouble = undefined;
        return wasAway ? `spans arrive at ${endpoint} again; ${dropped} were dropped.` : undefined;
      }
      case 'full': {
        const nowMillis = performance.now();
        if (nowMillis - this.#saidFullAtMillis < FULL_AGAIN_MILLIS) return undefined;
        this.#saidFullAtMillis = nowMillis;
        return `spans end faster than ${endpoint} takes them, and the queue is full: some are dropped. Set OTEL_BSP_MAX_QUEUE_SIZE for a longer queue.`;
      }
      case 'rejected': {
        if (this.#saidRejected) return undefined;
        this.#saidRejected = true;
        return `${endpoint} rejected some spans; delivery() counts them as dropped.`;
      }
      default: {
        const wasKnown = this.#trouble !== undefined;
        this.#trouble = change.reason;
        if (wasKnown) return undefined;
        const isMissing = change.reason === REFUSED && endpoint === DEFAULT_ENDPOINT;
        const hint = isMissing ? ` To start Jaeger: ${START_JAEGER}` : '';
        return `spans do not arrive at ${endpoint} (${change.reason}); the summary is complete without them.${hint}`;
      }
    }
  }
}
