import { isAbsent, NO_ANSWER, type Reply } from './otlp-client.js';

export interface QueueOptions<T extends Batch> {
  /** How long a request may take, and how long a flush waits while nothing arrives. */
  readonly timeoutMillis: number;
  /** Sends a batch. Must answer within `timeoutMillis`, and must not reject. */
  readonly send: (batch: T) => Promise<Reply>;
  /** Splits a batch of at least two items that is too large for the receiver. */
  readonly halve: (batch: T) => readonly [T, T];
  /** Is called whenever items arrived or did not. Must not throw. */
  readonly onChange: (change: QueueChange) => void;
}

/** What one request brings. */
export interface Batch {
  /** How many items it holds. */
  readonly count: number;
  /** How much memory it takes. */
  readonly bytes: number;
}

export type QueueChange =
  | { readonly kind: 'arrived' }
  | { readonly kind: 'waiting' | 'dropped' | 'rejected' | 'full'; readonly reason: string };

interface Numbered<T> {
  /** From 1, in the order in which the batches came. The halves of a batch have its number. */
  readonly number: number;
  readonly batch: T;
}

interface Waiter {
  /** The number of the last batch that is waited for. */
  readonly upTo: number;
  readonly resolve: () => void;
}

/** With 4,096 spans each, enough for 160,000 spans a second to a receiver that answers after 100 ms. */
const PARALLEL = 4;
/** While somebody waits for the queue to be empty. */
const PARALLEL_IN_FLUSH = 32;
const FIRST_RETRY_MILLIS = 200;
const MAX_RETRY_MILLIS = 2_000;

/** Accounts for each item that was put into it: it was delivered, was dropped, or is pending. */
export class DeliveryQueue<T extends Batch> {
  /** The next batch first. */
  #waiting: Numbered<T>[] = [];
  readonly #sending = new Set<Numbered<T>>();
  #batches = 0;
  #pending = 0;
  #pendingBytes = 0;
  #delivered = 0;
  #dropped = 0;
  /** Why the receiver takes nothing. */
  #trouble: string | undefined;
  #failuresInARow = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #waiters: Waiter[] = [];
  /** Keeps the process alive as long as somebody waits. */
  #waitTimer: NodeJS.Timeout | undefined;
  #giveUpAtMillis = 0;
  #isLastTry = false;

  constructor(private readonly options: QueueOptions<T>) {}

  get counts() {
    return { delivered: this.#delivered, dropped: this.#dropped, pending: this.#pending };
  }

  /** Apart from the other counts, since it is asked for every span. */
  get pending(): number {
    return this.#pending;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Sends a batch later, not in the call that ended a span of the host's. */
  put(batch: T): void {
    this.#batches += 1;
    this.#pending += batch.count;
    this.#pendingBytes += batch.bytes;
    this.#waiting.push({ number: this.#batches, batch });
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#pump();
    });
  }

  /** Counts an item that is not put into the queue. */
  refuse(kind: 'dropped' | 'full', reason: string): void {
    this.#drop(1, kind, reason);
  }

  /**
   * Resolves when every item that was added before was taken or dropped. Resolves earlier if nobody is
   * there, or if nothing arrives for `timeoutMillis`; the items then go on waiting.
   */
  flush(): Promise<void> {
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
    const timer = setTimeout(() => this.dropPending(), atMostMillis);
    await this.flush();
    clearTimeout(timer);
    this.#isLastTry = false;
  }

  /** Hands over all that is pending, also what is on its way. The caller says what became of it. */
  takeAll(): T[] {
    this.#stopRetryTimer();
    clearImmediate(this.#soon);
    this.#soon = undefined;
    const all = [...this.#sending, ...this.#waiting].sort((a, b) => a.number - b.number);
    this.#sending.clear();
    this.#waiting = [];
    return all.map(({ batch }) => batch);
  }

  /** Counts what was handed over: so many items arrived, and the others were dropped. */
  settleTaken(delivered: number, reason: string): void {
    const lost = this.#pending - delivered;
    this.#pending = 0;
    this.#pendingBytes = 0;
    if (delivered > 0) this.#arrive(delivered, 0);
    if (lost > 0) this.#drop(lost, 'dropped', reason);
    this.#release(Infinity);
  }

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

  #send(numbered: Numbered<T>): void {
    this.#sending.add(numbered);
    void this.options.send(numbered.batch).then((answer) => {
      // Otherwise it was handed over, and is counted there.
      if (!this.#sending.delete(numbered)) return;
      const { number, batch } = numbered;
      if (answer.kind === 'later') this.#tryLater(numbered, answer);
      else if (answer.kind === 'too large' && batch.count > 1) {
        this.#trouble = undefined;
        this.#waiting.unshift(
          ...this.options.halve(batch).map((half) => ({ number, batch: half })),
        );
      } else this.#settle(batch, answer);
      this.#pump();
    });
  }

  #settle({ count, bytes }: T, answer: Exclude<Reply, { kind: 'later' }>): void {
    this.#trouble = undefined;
    this.#pending -= count;
    this.#pendingBytes -= bytes;
    if (answer.kind === 'taken') this.#arrive(count, answer.rejected);
    else this.#drop(count, 'dropped', answer.reason);
    const pending = [...this.#waiting, ...this.#sending].map(({ number }) => number);
    this.#release(Math.min(...pending));
  }

  #tryLater(batch: Numbered<T>, { reason, retryAfterMillis = 0 }: Reply & { kind: 'later' }): void {
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
      if (this.#isLastTry) this.dropPending();
      else this.#release(Infinity);
      if (this.#waiting.length === 0) return;
    }
    this.#stopRetryTimer();
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#pump();
    }, waitMillis).unref();
  }

  dropPending(): void {
    this.takeAll();
    this.settleTaken(0, this.#trouble ?? NO_ANSWER);
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
