import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { NO_ANSWER, type Answer, type OtlpSettings } from './otlp-client.js';

export interface WorkerInput {
  readonly settings: OtlpSettings;
  /** Brings requests, and takes answers. */
  readonly port: MessagePort;
  /** How many answers were given. */
  readonly answered: Int32Array;
}

export interface PostRequest {
  readonly index: number;
  readonly json: Uint8Array;
  /** How long it may take, retries included. */
  readonly leftMillis: number;
}

export type PostAnswer = readonly [index: number, answer: Answer];

const FAILED: Answer = { kind: 'never', reason: 'the end of the process could not wait for it' };

/**
 * Posts requests from another thread while this one waits. None of the host's callbacks run meanwhile.
 *
 * @param requests make the bodies one by one while the first are on their way
 * @param timeoutMillis how long each request may take, retries included
 * @param graceMillis how much longer all of them may take
 */
export function postWhileBlocking(
  settings: OtlpSettings,
  requests: readonly (() => Uint8Array | undefined)[],
  timeoutMillis: number,
  graceMillis: number,
): Answer[] {
  const answers = requests.map((): Answer => ({ kind: 'never', reason: NO_ANSWER }));
  const untilMillis = performance.now() + timeoutMillis + graceMillis;
  const leftMillis = () => untilMillis - performance.now();
  const { port1: port, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const worker = startWorker({ settings, port: port2, answered });
  if (worker === undefined) return requests.map(() => FAILED);
  let open = 0;
  for (const [index, make] of requests.entries()) {
    if (leftMillis() <= 0) break;
    const json = make();
    if (json === undefined) answers[index] = FAILED;
    else {
      const left = Math.min(leftMillis(), timeoutMillis);
      port.postMessage({ index, json, leftMillis: left } satisfies PostRequest);
      open += 1;
    }
  }
  while (open > 0 && leftMillis() > 0) {
    const seen = Atomics.load(answered, 0);
    for (;;) {
      const received = receiveMessageOnPort(port) as { message: PostAnswer } | undefined;
      if (received === undefined) break;
      const [index, answer] = received.message;
      answers[index] = answer;
      open -= 1;
    }
    if (open > 0) Atomics.wait(answered, 0, seen, Math.max(leftMillis(), 0));
  }
  void worker.terminate();
  return answers;
}

function startWorker(input: WorkerInput): Worker | undefined {
  try {
    // As seen from this file and from those that the build makes of it, which are as deep. A bundle of
    // CommonJS has no address and throws; any bundle may have left the worker behind.
    const file = new URL('../delivery/post-worker.js', import.meta.url);
    if (!existsSync(fileURLToPath(file))) return undefined;
    // The host's own flags and preloads are not for this thread.
    const env = { ...process.env };
    delete env.NODE_OPTIONS;
    const options = { workerData: input, transferList: [input.port], execArgv: [], env };
    // After an error its requests get no answer.
    return new Worker(file, options).on('error', () => undefined);
  } catch {
    return undefined;
  }
}
