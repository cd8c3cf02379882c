import { TraceFlags } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { Delivery } from '../summary.js';
import { DeliveryLog } from './delivery-log.js';
import { DeliveryQueue, type QueueLimits } from './delivery-queue.js';
import { exportable } from './exportable.js';
import { OtlpExport } from './otlp-export.js';
import type { OtlpSettings } from './otlp-post.js';
import { postWhileBlocking } from './post-while-blocking.js';

/** How much longer than one request the end of the process waits while it is blocked. */
const GRACE_MILLIS = 500;
/** How long the end waits at most for a receiver that takes spans slowly. */
const DRAIN_MILLIS = 5_000;

/**
 * Sends the sampled spans that end to an OTLP/HTTP receiver, and knows what became of each. The SDK's
 * own batch processor does not report what its queue turned away, does not keep for later what could not
 * be sent, and at the end of a process holds spans that nobody can get at.
 */
export class OtlpSpanProcessor implements SpanProcessor {
  readonly #settings: OtlpSettings;
  readonly #export: OtlpExport;
  readonly #queue: DeliveryQueue<ReadableSpan>;
  readonly #log: DeliveryLog;
  readonly #timeoutMillis: number;
  #ended: Promise<void> | undefined;

  constructor(settings: OtlpSettings, limits: QueueLimits, log: (line: string) => void) {
    this.#settings = settings;
    this.#export = new OtlpExport(settings, limits.timeoutMillis);
    this.#log = new DeliveryLog(settings.endpoint, log);
    this.#timeoutMillis = limits.timeoutMillis;
    this.#queue = new DeliveryQueue({
      ...limits,
      batchSize: Math.min(limits.batchSize, limits.maxPending),
      send: (spans) => this.#export.send(spans),
      onChange: (change) => this.#log.note(change, this.#queue.counts.dropped),
    });
  }

  /** What has arrived so far. */
  get delivery(): Delivery {
    const { reason } = this.#log;
    const { endpoint } = this.#settings;
    return { endpoint, ...this.#queue.counts, ...(reason === undefined ? {} : { reason }) };
  }

  /** Does nothing: spans are sent when they have ended. */
  onStart(): void {
    // Part of the interface.
  }

  /** Takes a span that ended. */
  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) {
      this.#queue.add(exportable(span));
    }
  }

  /**
   * Resolves when every span that ended before was taken by the receiver or dropped. Resolves earlier if
   * nothing arrives for as long as one request may take; the spans then go on waiting.
   */
  forceFlush(): Promise<void> {
    return this.#queue.flush();
  }

  /** Does the same within bounded time, and drops the spans that were not taken. */
  async drain(): Promise<void> {
    if (this.#queue.counts.pending === 0) return;
    await this.#queue.drain(Math.max(DRAIN_MILLIS, this.#timeoutMillis + GRACE_MILLIS));
    this.#export.abort();
  }

  /** Drains, and takes no more spans. */
  shutdown(): Promise<void> {
    this.#ended ??= this.drain().then(() => {
      this.#queue.close();
      this.#export.abort();
    });
    return this.#ended;
  }

  /**
   * Sends what is pending, also what is on its way, while this thread stands still: for the end of a
   * process, where nothing asynchronous runs any more. Drops what was not taken within bounded time. The
   * receiver may get a second copy of what was on its way.
   */
  drainWhileBlocking(): void {
    const batches = this.#queue.takeAll();
    if (batches.length === 0) return;
    const requests = batches.map((batch) => () => serialize(batch.items));
    const answers = postWhileBlocking(this.#settings, requests, this.#timeoutMillis, GRACE_MILLIS);
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
