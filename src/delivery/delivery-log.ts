import type { QueueChange } from './delivery-queue.js';
import { REFUSED } from './otlp-client.js';

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
    const { endpoint } = this;
    const wasAway = this.#trouble !== undefined;
    if (change.kind === 'arrived') {
      this.#trouble = undefined;
      if (wasAway) this.#say(`spans arrive at ${endpoint} again; ${dropped} were dropped.`);
      return;
    }
    const { kind, reason } = change;
    if (kind !== 'waiting') this.#lastDrop = reason;
    if (kind === 'full') {
      if (performance.now() - this.#saidFullAtMillis < FULL_AGAIN_MILLIS) return;
      this.#saidFullAtMillis = performance.now();
      this.#say(
        `spans end faster than ${endpoint} takes them, and the queue is full: some are dropped. Set OTEL_BSP_MAX_QUEUE_SIZE and HOTSPAN_MAX_QUEUE_BYTES for a longer queue.`,
      );
    } else if (kind === 'rejected') {
      if (this.#saidRejected) return;
      this.#saidRejected = true;
      this.#say(`${endpoint} rejected some spans; delivery() counts them as dropped.`);
    } else {
      this.#trouble = reason;
      const isMissing = reason === REFUSED && endpoint === DEFAULT_ENDPOINT;
      const hint = isMissing ? ` To start Jaeger: ${START_JAEGER}` : '';
      const why = `(${reason}); the summary is complete without them.${hint}`;
      if (!wasAway) this.#say(`spans do not arrive at ${endpoint} ${why}`);
    }
  }

  #say(line: string): void {
    try {
      this.log(`hotspan: ${line}`);
    } catch {
      // A log of the user's that fails must not fail the export.
    }
  }
}
