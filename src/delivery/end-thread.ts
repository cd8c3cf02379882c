/** A program of its own: the thread that sends what is left while the process ends. */
import { workerData } from 'node:worker_threads';
import { DeliveryQueue } from './delivery-queue.js';
import { makeSender } from './sender.js';
import { STATE, type EndThreadInput } from './send-while-blocking.js';
import { halve, type SpanBatch } from './span-batch.js';

const { settings, batches, timeoutMillis, state, reason } = workerData as EndThreadInput;
const sender = makeSender(settings, timeoutMillis);

const queue = new DeliveryQueue<SpanBatch>({
  timeoutMillis,
  send: sender.send,
  halve,
  onChange: (change) => {
    Atomics.store(state, STATE.delivered, queue.counts.delivered);
    if (change.kind === 'arrived') return;
    const { written } = new TextEncoder().encodeInto(change.reason, reason);
    Atomics.store(state, STATE.reasonBytes, written);
  },
});
for (const batch of batches) queue.put(batch);
// The process waits no longer than this, and a bit: it terminates the thread then.
void queue.drain(timeoutMillis).then(() => {
  Atomics.store(state, STATE.isDone, 1);
  Atomics.notify(state, STATE.isDone);
});
