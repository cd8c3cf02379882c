import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DeliveryQueue,
  type Batch,
  type QueueChange,
  type QueueOptions,
} from '../../src/delivery/delivery-queue.js';
import type { Reply } from '../../src/delivery/otlp-client.js';

const TAKEN: Reply = { kind: 'taken', rejected: 0 };
const LATER: Reply = { kind: 'later', reason: 'HTTP 503' };
const ABSENT: Reply = { kind: 'later', reason: 'connection refused' };
const NEVER: Reply = { kind: 'never', reason: 'HTTP 400' };
const TOO_LARGE: Reply = { kind: 'too large', reason: 'HTTP 413' };

interface Numbers extends Batch {
  readonly items: readonly number[];
}
const batchOf = (items: readonly number[]): Numbers => ({
  items,
  count: items.length,
  bytes: 10 * items.length,
});

beforeEach(() => {
  vi.useFakeTimers({
    toFake: [
      ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const),
      ...(['setImmediate', 'clearImmediate', 'performance'] as const),
    ],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A queue of batches of up to two numbers, whose requests are answered when the test says so. */
function start() {
  const requests: { items: readonly number[]; answer: (answer: Reply) => Promise<void> }[] = [];
  const changes: QueueChange[] = [];
  const taken: number[] = [];
  const options: QueueOptions<Numbers> = {
    timeoutMillis: 1_500,
    send: ({ items }) =>
      new Promise((resolve) => {
        const answer = async (given: Reply) => {
          if (given.kind === 'taken') taken.push(...items.slice(given.rejected));
          resolve(given);
          await vi.advanceTimersByTimeAsync(0);
        };
        requests.push({ items, answer });
      }),
    halve: ({ items }) => {
      const middle = Math.ceil(items.length / 2);
      return [batchOf(items.slice(0, middle)), batchOf(items.slice(middle))];
    },
    onChange: (change) => changes.push(change),
  };
  const queue = new DeliveryQueue(options);
  let ended = 0;
  const add = (count: number, size = 2) => {
    const items = Array.from({ length: count }, () => (ended += 1));
    while (items.length > 0) queue.put(batchOf(items.splice(0, size)));
    return vi.advanceTimersByTimeAsync(0);
  };
  const counts = () => ({ ended, ...queue.counts });
  return { queue, requests, changes, taken, add, counts };
}

/** Whether a promise has resolved by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await vi.advanceTimersByTimeAsync(0);
  return done;
}

describe('DeliveryQueue', () => {
  it('sends nothing in the call that adds', async () => {
    const { queue, requests } = start();
    queue.put(batchOf([1, 2]));
    expect(requests).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(requests.map(({ items }) => items)).toEqual([[1, 2]]);
  });

  it('makes four requests at a time, and 32 when somebody waits', async () => {
    const { queue, requests, add } = start();
    await add(100);
    expect(requests).toHaveLength(4);
    void queue.flush();
    expect(requests).toHaveLength(32);
  });

  it('counts what is refused, and the memory of what waits', async () => {
    const { queue, requests, add, changes } = start();
    await add(5);
    expect(queue.pendingBytes).toBe(50);
    queue.refuse('full', 'the queue was full');
    expect(queue.counts).toEqual({ delivered: 0, dropped: 1, pending: 5 });
    expect(changes).toEqual([{ kind: 'full', reason: 'the queue was full' }]);
    await requests[0]?.answer(TAKEN);
    await requests[1]?.answer(NEVER);
    expect(queue.pendingBytes).toBe(10);
  });

  it('halves what is too large for the receiver, and drops an item that is alone too large', async () => {
    const { queue, requests, add, taken, changes, counts } = start();
    await add(4, 4);
    const flushed = queue.flush();
    await requests[0]?.answer(TOO_LARGE);
    expect(requests.slice(1).map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    await requests[1]?.answer(TAKEN);
    await requests[2]?.answer(TOO_LARGE);
    expect(await isDone(flushed)).toBe(false);
    await requests[3]?.answer(TAKEN);
    await requests[4]?.answer(TOO_LARGE);
    expect(await isDone(flushed)).toBe(true);
    expect(taken).toEqual([1, 2, 3]);
    expect(changes.at(-1)).toEqual({ kind: 'dropped', reason: 'HTTP 413' });
    expect(counts()).toEqual({ ended: 4, delivered: 3, dropped: 1, pending: 0 });
    expect(queue.pendingBytes).toBe(0);
  });

  it('keeps what a receiver cannot take now, and sees with one request whether it is back', async () => {
    const { requests, add, counts, taken } = start();
    await add(10);
    for (let at = 0; at < 4; at += 1) await requests[at]?.answer(LATER);
    expect(requests).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(240);
    expect(requests).toHaveLength(5);
    await requests[4]?.answer(LATER);
    await vi.advanceTimersByTimeAsync(300);
    expect(requests).toHaveLength(5);
    await vi.advanceTimersByTimeAsync(180);
    await requests[5]?.answer(TAKEN);
    for (let at = 6; at < requests.length; at += 1) await requests[at]?.answer(TAKEN);
    expect(counts()).toEqual({ ended: 10, delivered: 10, dropped: 0, pending: 0 });
    expect(taken.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('asks again when the receiver said, not before', async () => {
    const { requests, add } = start();
    await add(2);
    await requests[0]?.answer({ ...LATER, retryAfterMillis: 30_000 });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(requests).toHaveLength(2);
  });

  it('drops what would be answered the same again, and what was rejected of a batch', async () => {
    const { requests, add, counts } = start();
    await add(4);
    await requests[0]?.answer(NEVER);
    await requests[1]?.answer({ kind: 'taken', rejected: 1 });
    expect(counts()).toEqual({ ended: 4, delivered: 1, dropped: 3, pending: 0 });
  });

  it('believes no receiver that rejected more than it got', async () => {
    const { requests, add, counts } = start();
    await add(2);
    await requests[0]?.answer({ kind: 'taken', rejected: 7 });
    expect(counts()).toEqual({ ended: 2, delivered: 0, dropped: 2, pending: 0 });
  });
});

describe('flush', () => {
  it('waits for what is on its way, and for nothing that comes later', async () => {
    const { queue, requests, add } = start();
    await add(2);
    const first = queue.flush();
    await add(1);
    const second = queue.flush();
    expect(await isDone(first)).toBe(false);
    await requests[0]?.answer(TAKEN);
    expect(await isDone(first)).toBe(true);
    expect(await isDone(second)).toBe(false);
    await requests[1]?.answer(NEVER);
    expect(await isDone(second)).toBe(true);
  });

  it('waits on as long as something arrives', async () => {
    const { queue, requests, add, counts } = start();
    await add(100);
    const flushed = queue.flush();
    for (let at = 0; at < 50; at += 1) {
      expect(await isDone(flushed)).toBe(false);
      await vi.advanceTimersByTimeAsync(1_000);
      await requests[at]?.answer(TAKEN);
    }
    expect(await isDone(flushed)).toBe(true);
    expect(counts().delivered).toBe(100);
  });

  it('does not wait for a receiver that is not there, and keeps what it has', async () => {
    const { queue, requests, add, counts } = start();
    await add(1);
    const flushed = queue.flush();
    await requests[0]?.answer(ABSENT);
    expect(await isDone(flushed)).toBe(true);
    expect(counts()).toEqual({ ended: 1, delivered: 0, dropped: 0, pending: 1 });
  });

  it('tries again within its time when the receiver is busy', async () => {
    const { queue, requests, add } = start();
    await add(1);
    const flushed = queue.flush();
    await requests[0]?.answer({ ...LATER, retryAfterMillis: 1_000 });
    expect(await isDone(flushed)).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    await requests[1]?.answer(TAKEN);
    expect(await isDone(flushed)).toBe(true);
  });

  it('goes when the receiver wants to be asked too late', async () => {
    const { queue, requests, add } = start();
    await add(1);
    const flushed = queue.flush();
    await requests[0]?.answer({ ...LATER, retryAfterMillis: 2_000 });
    expect(await isDone(flushed)).toBe(true);
  });
});

describe('the end of a queue', () => {
  it('drops what was not taken in time, with the reason', async () => {
    const { queue, requests, add, changes, counts } = start();
    await add(3);
    const drained = queue.drain(2_000);
    await requests[0]?.answer(TAKEN);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await isDone(drained)).toBe(true);
    expect(counts()).toEqual({ ended: 3, delivered: 2, dropped: 1, pending: 0 });
    expect(changes.at(-1)).toEqual({ kind: 'dropped', reason: 'no answer in time' });
    // An answer that comes too late counts for nothing.
    await requests[1]?.answer(TAKEN);
    expect(counts().delivered).toBe(2);
  });

  it('does not try all batches where nobody is', async () => {
    const { queue, requests, add, counts } = start();
    await add(2);
    await requests[0]?.answer(ABSENT);
    await add(10);
    const drained = queue.drain(2_000);
    await requests[1]?.answer(ABSENT);
    expect(await isDone(drained)).toBe(true);
    expect(requests).toHaveLength(2);
    expect(counts()).toEqual({ ended: 12, delivered: 0, dropped: 12, pending: 0 });
  });

  it('counts what somebody else sent, who took it over', async () => {
    const { queue, add, changes, counts } = start();
    await add(5);
    expect(queue.takeAll().flatMap(({ items }) => items)).toEqual([1, 2, 3, 4, 5]);
    queue.settleTaken(3, 'HTTP 503');
    expect(counts()).toEqual({ ended: 5, delivered: 3, dropped: 2, pending: 0 });
    expect(changes).toEqual([{ kind: 'arrived' }, { kind: 'dropped', reason: 'HTTP 503' }]);
  });

  it('leaves no timer behind', async () => {
    const { queue, requests, add } = start();
    await add(3);
    await requests[0]?.answer(LATER);
    void queue.flush();
    queue.dropPending();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

type Step =
  | { readonly do: 'add'; readonly count: number; readonly size: number }
  | { readonly do: 'answer'; readonly which: number; readonly answer: Reply }
  | { readonly do: 'wait'; readonly millis: number }
  | { readonly do: 'flush' | 'drain' | 'take' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('add' as const),
      count: fc.nat(30),
      size: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({
      do: fc.constant('answer' as const),
      which: fc.nat(5),
      answer: fc.constantFrom<Reply>(TAKEN, LATER, ABSENT, NEVER, TOO_LARGE, {
        kind: 'taken',
        rejected: 1,
      }),
    }),
    fc.record({ do: fc.constant('wait' as const), millis: fc.nat(3_000) }),
    fc.record({ do: fc.constantFrom('flush' as const, 'drain' as const, 'take' as const) }),
  ),
  { maxLength: 40 },
);

describe('whatever happens', () => {
  it('every item is delivered, dropped or pending, once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const { queue, requests, taken, add, counts } = start();
        const holds = () => {
          const { ended, delivered, dropped, pending } = counts();
          expect(delivered + dropped + pending).toBe(ended);
          expect(pending).toBeGreaterThanOrEqual(0);
          expect(queue.pendingBytes).toBe(10 * pending);
        };
        for (const step of script) {
          if (step.do === 'add') await add(step.count, step.size);
          else if (step.do === 'wait') await vi.advanceTimersByTimeAsync(step.millis);
          else if (step.do === 'flush') void queue.flush();
          else if (step.do === 'drain') void queue.drain(2_000);
          else if (step.do === 'answer') {
            const [request] = requests.splice(step.which % Math.max(requests.length, 1), 1);
            await request?.answer(step.answer);
          } else {
            queue.takeAll();
            queue.settleTaken(0, 'no answer in time');
          }
          holds();
        }
        queue.dropPending();
        expect(counts().pending).toBe(0);
        expect(counts().delivered).toBeLessThanOrEqual(taken.length);
        expect(new Set(taken).size).toBe(taken.length);
        for (const { answer } of requests) await answer(NEVER);
        await vi.advanceTimersByTimeAsync(60_000);
        expect(vi.getTimerCount()).toBe(0);
        holds();
      }),
      { numRuns: 200 },
    );
  });
});
