import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { defined } from '../sums.js';
import type { Delivery } from '../summary.js';
import { DeliveryLog } from './delivery-log.js';
import { DeliveryQueue } from './delivery-queue.js';
import type { OtlpSettings } from './otlp-client.js';
import { makeSender, type Sender } from './sender.js';
import { sendWhileBlocking } from './send-while-blocking.js';
import { BatchEncoder, halve, type SpanBatch } from './span-batch.js';

export interface DeliveryLimits {
  /** The most spans that may wait or be on their way. Further spans are dropped. */
  readonly maxPending: number;
  /** The most bytes that these may take. */
  readonly maxPendingBytes: number;
  /** The most spans in one request. */
  readonly batchSize: number;
  /** How long spans wait for others to be sent with. */
  readonly delayMillis: number;
  /** How long a request may take, and how long a flush waits while nothing arrives. */
  readonly timeoutMillis: number;
}

/** What receivers take at most, gRPC's default. Resource and scopes need a little of it. */
const MAX_REQUEST_BYTES = 4 * 2 ** 20 - 32 * 2 ** 10;
/** Requests are not cut smaller because one of this size was too large. */
const MIN_REQUEST_BYTES = 64 * 2 ** 10;
/** How much longer than one request the end of the process waits while it is blocked. */
const GRACE_MILLIS = 500;
/** How long the end waits at most for a receiver that takes spans slowly. */
const DRAIN_MILLIS = 5_000;
/** How often the end waits for spans that ended while it was sending others. */
const DRAIN_ROUNDS = 10;

/**
 * Encodes each sampled span when it ends, and knows what became of it. The SDK's own batch processor does
 * not report what its queue turned away, does not keep what could not be sent, and at the end holds spans
 * that nobody can get at.
 */
export class OtlpSpanProcessor implements SpanProcessor {
  readonly #encoder = new BatchEncoder(MAX_REQUEST_BYTES);
  readonly #sender: Sender;
  readonly #queue: DeliveryQueue<SpanBatch>;
  readonly #log: DeliveryLog;
  readonly #batchSize: number;
  #requestBytes = MAX_REQUEST_BYTES;
  #delayTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #ended: Promise<void> | undefined;

  constructor(
    private readonly settings: OtlpSettings,
    private readonly limits: DeliveryLimits,
    log: (line: string) => void,
  ) {
    this.#sender = makeSender(settings, limits.timeoutMillis);
    this.#log = new DeliveryLog(settings.endpoint, log);
    this.#batchSize = Math.min(limits.batchSize, limits.maxPending);
    this.#queue = new DeliveryQueue({
      timeoutMillis: limits.timeoutMillis,
      send: this.#sender.send,
      halve: (batch) => {
        const half = Math.max(batch.bytes / 2, MIN_REQUEST_BYTES);
        this.#requestBytes = Math.min(this.#requestBytes, half);
        return halve(batch);
      },
      onChange: (change) => this.#log.note(change, this.#queue.counts.dropped),
    });
  }

  get delivery(): Delivery {
    const { delivered, dropped } = this.#queue.counts;
    const pending = this.#pending;
    return {
      endpoint: this.settings.endpoint,
      ...{ ended: delivered + dropped + pending, delivered, dropped, pending },
      ...defined({ reason: this.#log.reason }),
    };
  }

  get #pending(): number {
    return this.#queue.pending + this.#encoder.count;
  }

  onStart(): void {
    // Spans are sent when they have ended.
  }

  /** Costs the same whatever the receiver does. */
  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    const { maxPending, maxPendingBytes, delayMillis } = this.limits;
    const bytes = this.#queue.pendingBytes + this.#encoder.bytes;
    if (this.#isClosed) this.#queue.refuse('dropped', 'ended after the shutdown');
    else if (this.#pending >= maxPending || bytes >= maxPendingBytes) {
      this.#queue.refuse('full', 'the queue was full');
    } else {
      this.#encode(span);
      const { count, bytes: filled } = this.#encoder;
      if (count >= this.#batchSize || filled >= this.#requestBytes) this.#seal();
      else this.#delayTimer ??= setTimeout(() => this.#seal(), delayMillis).unref();
    }
  }

  /** See {@link DeliveryQueue.flush}. */
  forceFlush(): Promise<void> {
    this.#seal();
    return this.#queue.flush();
  }

  /** Flushes within bounded time, and drops the spans that were not taken. */
  async drain(): Promise<void> {
    const atMostMillis = Math.max(DRAIN_MILLIS, this.limits.timeoutMillis + GRACE_MILLIS);
    const untilMillis = performance.now() + atMostMillis;
    for (let round = 0; round < DRAIN_ROUNDS && this.#pending > 0; round += 1) {
      this.#seal();
      await this.#queue.drain(Math.max(untilMillis - performance.now(), 0));
    }
    this.#sender.abort();
  }

  /** Drains, and takes no more spans. */
  shutdown(): Promise<void> {
    this.#ended ??= this.drain().then(() => {
      this.#isClosed = true;
      this.#seal();
      this.#queue.dropPending();
      this.#sender.abort();
    });
    return this.#ended;
  }

  /**
   * Sends what is pending while this thread stands still, for the end of a process, within bounded time.
   * The receiver may get a second copy of what was on its way.
   */
  drainWhileBlocking(): void {
    this.#seal();
    const batches = this.#queue.takeAll();
    if (batches.length === 0) return;
    const { timeoutMillis } = this.limits;
    const sent = sendWhileBlocking(this.settings, batches, timeoutMillis, GRACE_MILLIS);
    this.#queue.settleTaken(sent.delivered, sent.reason);
  }

  #encode(span: ReadableSpan): void {
    try {
      this.#encoder.add(span);
    } catch (error) {
      if (this.#encoder.count === 0) this.#queue.refuse('dropped', whyNotEncoded(error));
      else {
        this.#seal();
        this.#encode(span);
      }
    }
  }

  #seal(): void {
    clearTimeout(this.#delayTimer);
    this.#delayTimer = undefined;
    if (this.#encoder.count > 0) this.#queue.put(this.#encoder.take());
  }
}

function whyNotEncoded(error: unknown): string {
  return error instanceof RangeError
    ? 'a span was larger than a request may be'
    : 'a span could not be encoded';
}
