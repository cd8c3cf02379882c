import { isAbsent, NO_ANSWER, type Answer } from './otlp-client.js';

export interface QueueLimits {
  /** The most items that may wait or be on their way. Further items are dropped. */
  readonly maxPending: number;
  /** The most items in one request. */
  readonly batchSize: number;
  /** How long items wait for others to be sent with. */
  readonly delayMillis: number;
  /** How long a request may take, and how long a flush waits while nothing arrives. */
  readonly timeoutMillis: number;
}

export interface QueueOptions<T> extends QueueLimits {
  /** Sends items. Must answer within `timeoutMillis`, and must not reject. */
  readonly send: (items: readonly T[]) => Promise<Answer>;
  /** Is called whenever items arrived or did not. Must not throw. */
  readonly onChange: (change: QueueChange) => void;
}

export type QueueChange =
  | { readonly kind: 'arrived' }
  | { readonly kind: 'waiting' | 'dropped' | 'rejected' | 'full'; readonly reason: string };

export interface Batch<T> {
  /** From 1, in the order in which the batches were filled. */
  readonly number: number;
  readonly items: readonly T[];
}

interface Waiter {
  /** The number of the last batch that is waited for. */
  readonly upTo: number;
  readonly resolve: () => void;
}

/** With 1,024 spans each, enough for 40,000 spans a second to a receiver that answers after 100 ms. */
const PARALLEL = 4;
/** While somebody waits for the queue to be empty. */
const PARALLEL_IN_FLUSH = 32;
const FIRST_RETRY_MILLIS = 200;
const MAX_RETRY_MILLIS = 2_000;

/** Accounts for each item: it was delivered, was dropped, or is one of at most `maxPending`. */
export class DeliveryQueue<T> {
  #filling: T[] = [];
  /** The next batch first. */
  #waiting: Batch<T>[] = [];
  readonly #sending = new Set<Batch<T>>();
  #batches = 0;
  #ended = 0;
  #delivered = 0;
  #dropped = 0;
  /** Why the receiver takes nothing. */
  #trouble: string | undefined;
  #failuresInARow = 0;
  #delayTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #waiters: Waiter[] = [];
  /** Keeps the process alive as long as somebody waits. */
  #waitTimer: NodeJS.Timeout | undefined;
  #giveUpAtMillis = 0;
  #isLastTry = false;
  #isClosed = false;

  constructor(private readonly options: QueueOptions<T>) {}

  /** How many items were added, and what became of them. */
  get counts() {
    const [ended, delivered, dropped] = [this.#ended, this.#delivered, this.#dropped];
    return { ended, delivered, dropped, pending: this.#pending };
  }

  get #pending(): number {
    return this.#ended - this.#delivered - this.#dropped;
  }

  /** Costs the same whatever the receiver does. */
  add(item: T): void {
    const hasRoom = this.#pending < this.options.maxPending;
    this.#ended += 1;
    if (this.#isClosed) this.#drop(1, 'dropped', 'ended after the shutdown');
    else if (!hasRoom) this.#drop(1, 'full', 'the queue was full');
    else {
      this.#filling.push(item);
      if (this.#filling.length >= this.options.batchSize) this.#sealAndSend();
      else this.#delayTimer ??= setTimeout(this.#sealAndSend, this.options.delayMillis).unref();
    }
  }

  /**
   * Resolves when every item that was added before was taken or dropped. Resolves earlier if nobody is
   * there, or if nothing arrives for `timeoutMillis`; the items then go on waiting.
   */
  flush(): Promise<void> {
    this.#seal();
    if (this.#waiting.length + this.#sending.size === 0) return Promise.resolve();
    this.#giveUpAtMillis = performance.now() + this.options.timeoutMillis;
    this.#waitTimer ??= setInterval(() => undefined, 2 ** 30);
    return new Promise((resolve) => {
      this.#waiters.push({ upTo: this.#batches, resolve });
      this.#stopRetryTimer();
      this.#pump();
    });
  }

  /** Flushes, and drops what was not taken or is pending after `atMostMillis`. Can be used afterwards. */
  async drain(atMostMillis: number): Promise<void> {
    this.#isLastTry = true;
    const timer = setTimeout(() => this.#dropPending(), atMostMillis);
    await this.flush();
    clearTimeout(timer);
    this.#isLastTry = false;
  }

  close(): void {
    this.#isClosed = true;
    this.#dropPending();
  }

  /** Hands over all that is pending, also what is on its way. The caller settles each batch. */
  takeAll(): Batch<T>[] {
    this.#seal();
    this.#stopRetryTimer();
    clearImmediate(this.#soon);
    this.#soon = undefined;
    const batches = [...this.#sending, ...this.#waiting].sort((a, b) => a.number - b.number);
    this.#sending.clear();
    this.#waiting = [];
    return batches;
  }

  settle({ items }: Batch<T>, answer: Answer): void {
    this.#trouble = undefined;
    if (answer.kind === 'taken') this.#arrive(items.length, answer.rejected);
    else this.#drop(items.length, 'dropped', answer.reason);
    const pending = [...this.#waiting, ...this.#sending].map(({ number }) => number);
    this.#release(Math.min(...pending));
  }

  #seal(): void {
    clearTimeout(this.#delayTimer);
    this.#delayTimer = undefined;
    if (this.#filling.length === 0) return;
    this.#batches += 1;
    this.#waiting.push({ number: this.#batches, items: this.#filling });
    this.#filling = [];
  }

  /** Sends later: not in the call that ended a span of the host's. */
  readonly #sealAndSend = (): void => {
    this.#seal();
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#pump();
    });
  };

  #pump(): void {
    if (this.#retryTimer !== undefined) return;
    // One request is enough to see whether the receiver is back.
    const normal = this.#waiters.length > 0 ? PARALLEL_IN_FLUSH : PARALLEL;
    const parallel = this.#trouble === undefined ? normal : 1;
    while (this.#sending.size < parallel) {
      const batch = this.#waiting.shift();
      if (batch === undefined) return;
      this.#send(batch);
    }
  }

  #send(batch: Batch<T>): void {
    this.#sending.add(batch);
    void this.options.send(batch.items).then((answer) => {
      // Otherwise it was handed over, and is counted there.
      if (!this.#sending.delete(batch)) return;
      if (answer.kind === 'later') this.#tryLater(batch, answer);
      else this.settle(batch, answer);
      this.#pump();
    });
  }

  #tryLater(batch: Batch<T>, { reason, retryAfterMillis = 0 }: Answer & { kind: 'later' }): void {
    this.#waiting.unshift(batch);
    this.#trouble = reason;
    this.options.onChange({ kind: 'waiting', reason });
    // The last of several requests on their way decides.
    if (this.#sending.size > 0) return;
    const backoff = Math.min(FIRST_RETRY_MILLIS * 2 ** this.#failuresInARow, MAX_RETRY_MILLIS);
    this.#failuresInARow += 1;
    // Not all processes of a service at the same moment.
    const waitMillis = Math.max(backoff * (0.8 + 0.4 * Math.random()), retryAfterMillis);
    if (isAbsent(reason) || performance.now() + waitMillis > this.#giveUpAtMillis) {
      const lost = this.#isLastTry ? this.#waiting.splice(0) : [];
      for (const { items } of lost) this.#drop(items.length, 'dropped', reason);
      this.#release(Infinity);
      if (this.#waiting.length === 0) return;
    }
    this.#stopRetryTimer();
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#pump();
    }, waitMillis).unref();
  }

  #dropPending(): void {
    const reason = this.#trouble ?? NO_ANSWER;
    for (const batch of this.takeAll()) this.settle(batch, { kind: 'never', reason });
    this.#release(Infinity);
  }

  #arrive(count: number, rejected: number): void {
    const lost = Math.min(rejected, count);
    this.#failuresInARow = 0;
    this.#giveUpAtMillis = performance.now() + this.options.timeoutMillis;
    this.#delivered += count - lost;
    this.options.onChange({ kind: 'arrived' });
    if (lost > 0) this.#drop(lost, 'rejected', 'rejected by the receiver');
  }

  #drop(count: number, kind: 'dropped' | 'rejected' | 'full', reason: string): void {
    this.#dropped += count;
    this.options.onChange({ kind, reason });
  }

  /** Lets those go who wait for batches before this one alone. */
  #release(before: number): void {
    const released = this.#waiters.filter(({ upTo }) => upTo < before);
    this.#waiters = this.#waiters.filter(({ upTo }) => upTo >= before);
    if (this.#waiters.length === 0) {
      clearInterval(this.#waitTimer);
      this.#waitTimer = undefined;
    }
    for (const { resolve } of released) resolve();
  }

  #stopRetryTimer(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
  }
}
