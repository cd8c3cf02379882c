import { TraceFlags } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { defined } from '../sums.js';
import type { Delivery } from '../summary.js';
import { DeliveryLog } from './delivery-log.js';
import { DeliveryQueue, type QueueLimits } from './delivery-queue.js';
import { exportable } from './exportable.js';
import type { OtlpSettings } from './otlp-client.js';
import { OtlpExport } from './otlp-export.js';
import { postWhileBlocking } from './post-while-blocking.js';

/** How much longer than one request the end of the process waits while it is blocked. */
const GRACE_MILLIS = 500;
/** How long the end waits at most for a receiver that takes spans slowly. */
const DRAIN_MILLIS = 5_000;

/**
 * Knows what became of each sampled span. The SDK's own batch processor does not report what its queue
 * turned away, does not keep what could not be sent, and at the end holds spans that nobody can get at.
 */
export class OtlpSpanProcessor implements SpanProcessor {
  readonly #export: OtlpExport;
  readonly #queue: DeliveryQueue<ReadableSpan>;
  readonly #log: DeliveryLog;
  readonly #timeoutMillis: number;
  #ended: Promise<void> | undefined;

  constructor(
    private readonly settings: OtlpSettings,
    limits: QueueLimits,
    log: (line: string) => void,
  ) {
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

  get delivery(): Delivery {
    const { endpoint } = this.settings;
    return { endpoint, ...this.#queue.counts, ...defined({ reason: this.#log.reason }) };
  }

  onStart(): void {
    // Spans are sent when they have ended.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) {
      this.#queue.add(exportable(span));
    }
  }

  /** See {@link DeliveryQueue.flush}. */
  forceFlush(): Promise<void> {
    return this.#queue.flush();
  }

  /** Flushes within bounded time, and drops the spans that were not taken. */
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
   * Sends what is pending while this thread stands still, for the end of a process, within bounded time.
   * The receiver may get a second copy of what was on its way.
   */
  drainWhileBlocking(): void {
    const batches = this.#queue.takeAll();
    if (batches.length === 0) return;
    const requests = batches.map((batch) => () => serialize(batch.items));
    const answers = postWhileBlocking(this.settings, requests, this.#timeoutMillis, GRACE_MILLIS);
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
