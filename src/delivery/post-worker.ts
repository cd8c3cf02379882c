import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { isAbsent, OtlpClient, type Answer } from './otlp-client.js';
import type { PostAnswer, PostRequest, WorkerInput } from './post-while-blocking.js';

const FIRST_RETRY_MILLIS = 200;

const { settings, port, answered } = workerData as WorkerInput;
const client = new OtlpClient(settings);

port.on('message', ({ index, json, leftMillis }: PostRequest) => {
  void postUntil(json, performance.now() + leftMillis).then((answer) => {
    port.postMessage([index, answer] satisfies PostAnswer);
    Atomics.add(answered, 0, 1);
    Atomics.notify(answered, 0);
  });
});

/** Tries again while there is time, and somebody there. */
async function postUntil(json: Uint8Array, untilMillis: number): Promise<Answer> {
  for (let backoffMillis = FIRST_RETRY_MILLIS; ; backoffMillis *= 2) {
    const answer = await client.post(json, untilMillis - performance.now());
    if (answer.kind !== 'later' || isAbsent(answer.reason)) return answer;
    const waitMillis = answer.retryAfterMillis ?? backoffMillis;
    if (performance.now() + waitMillis >= untilMillis) return answer;
    await sleep(waitMillis);
  }
}
