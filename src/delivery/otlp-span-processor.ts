import { TraceFlags } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Delivery } from '../summary.js';
import { DeliveryLog } from './delivery-log.js';
import { DeliveryQueue } from './delivery-queue.js';
import { exportable } from './exportable.js';
import { OtlpExport } from './otlp-export.js';
import type { OtlpSettings } from './otlp-settings.js';
import { postWhileBlocking } from './post-while-blocking.js';

/** How much waits, and how long. */
export interface OtlpLimits {
  /** Spans that may wait or be on their way. */
  readonly maxQueueSize: number;
  /** Spans of one request. */
  readonly batchSize: number;
  /** How long spans wait for others to be sent with. */
  readonly delayMillis: number;
  /** How long one request may take. */
  readonly timeoutMillis: number;
}

/** What the end waits beyond the time that one request may take, while the process stands still. */
const GRACE_MILLIS = 500;
/** How long the end waits at most for a receiver that takes spans, if slowly. */
const DRAIN_MILLIS = 5_000;

/**
 * Sends the sampled spans that end with OpenTelemetry's OTLP/HTTP exporter, and knows what became of
 * each. The SDK's own batch processor does not say what its queue turned away, does not keep what could
 * not be sent for later, and at the end of a process holds what nobody can get at.
 */
export class OtlpSpanProcessor implements SpanProcessor {
  readonly #settings: OtlpSettings;
  readonly #export: OtlpExport;
  readonly #queue: DeliveryQueue<ReadableSpan>;
  readonly #log: DeliveryLog;
  readonly #timeoutMillis: number;
  #ended: Promise<void> | undefined;

  constructor(settings: OtlpSettings, limits: OtlpLimits, log: (line: string) => void) {
    this.#settings = settings;
    this.#export = new OtlpExport(settings, limits.timeoutMillis);
    this.#log = new DeliveryLog(settings.endpoint, log);
    this.#timeoutMillis = limits.timeoutMillis;
    this.#queue = new DeliveryQueue({
      maxPending: limits.maxQueueSize,
      batchSize: Math.min(limits.batchSize, limits.maxQueueSize),
      delayMillis: limits.delayMillis,
      timeoutMillis: limits.timeoutMillis,
      send: (spans) => this.#export.send(spans),
      lastTrouble: () => this.#export.lastTrouble,
      onChange: (change) => {
        this.#log.note(change, this.#queue.dropped);
      },
    });
  }

  /** What has arrived so far. */
  get delivery(): Delivery {
    const { ended, delivered, dropped, pending } = this.#queue;
    const { reason } = this.#log;
    const { endpoint } = this.#settings;
    return {
      endpoint,
      ended,
      delivered,
      dropped,
      pending,
      ...(reason === undefined ? {} : { reason }),
    };
  }

  /** Does nothing: spans are sent when they have ended. */
  onStart(): void {
    // Part of the interface.
  }

  /** Takes a span that ended. */
  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0)
      this.#queue.add(exportable(span));
  }

  /**
   * Resolves when all that ended before was taken by the receiver or dropped; or when nothing has
   * arrived for as long as one request may take. What was not taken then goes on waiting.
   */
  forceFlush(): Promise<void> {
    return this.#queue.flush();
  }

  /** As `forceFlush()`, but within bounded time, and what was not taken then is dropped. */
  async drain(): Promise<void> {
    if (this.#queue.pending === 0) return;
    await this.#queue.drain(Math.max(DRAIN_MILLIS, this.#timeoutMillis + GRACE_MILLIS));
    this.#export.abort();
  }

  /** Drains, and takes nothing more. */
  shutdown(): Promise<void> {
    this.#ended ??= this.drain().then(() => {
      this.#queue.close();
      this.#export.close();
    });
    return this.#ended;
  }

  /**
   * Sends what is pending, also what is on its way, while this thread stands still: for the end of a
   * process, where nothing asynchronous runs any more. What was not taken within the bounded time is
   * dropped. Of what was on its way the receiver may get a second copy.
   */
  drainWhileBlocking(): void {
    const batches = this.#queue.takeAll();
    if (batches.length === 0) return;
    const answers = postWhileBlocking(
      this.#settings,
      batches.map(
        ({ items }) =>
          () =>
            serialize(items),
      ),
      this.#timeoutMillis,
      GRACE_MILLIS,
    );
    for (const [index, batch] of batches.entries()) this.#queue.settle(batch, answers[index]!);
  }
}

function serialize(spans: readonly ReadableSpan[]): Uint8Array | undefined {
  try {
    return JsonTraceSerializer.serializeRequest(spans as ReadableSpan[]);
  } catch {
    return undefined;
  }
}
