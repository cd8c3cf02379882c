import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import { NO_ANSWER, type Answer } from './otlp-answer.js';
import type { OtlpSettings } from './otlp-settings.js';

/** What the worker is started with. */
export interface WorkerInput {
  readonly settings: OtlpSettings;
  /** Requests come, answers go. */
  readonly port: MessagePort;
  /** How many answers there are. */
  readonly answered: Int32Array;
}

/** What the worker is asked to post. */
export interface PostRequest {
  readonly index: number;
  readonly json: Uint8Array;
  /** How long it may take, with all that is tried again. */
  readonly leftMillis: number;
}

/** What the worker answers. */
export interface PostAnswer {
  readonly index: number;
  readonly answer: Answer;
}

const FAILED: Answer = { kind: 'never', reason: 'the end of the process could not wait for it' };

/**
 * Posts requests from another thread while this one waits: no callback of the host's runs meanwhile.
 *
 * @param requests make the bodies, one after the other while the first are on their way; undefined for
 *   one that cannot be made
 * @param timeoutMillis how long each may take, with all that is tried again
 * @param graceMillis how long more all of it may take
 * @returns an answer for each
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
      const request: PostRequest = {
        index,
        json,
        leftMillis: Math.min(leftMillis(), timeoutMillis),
      };
      port.postMessage(request);
      open += 1;
    }
  }
  while (open > 0 && leftMillis() > 0) {
    const seen = Atomics.load(answered, 0);
    for (;;) {
      const received = receiveMessageOnPort(port) as { message: PostAnswer } | undefined;
      if (received === undefined) break;
      answers[received.message.index] = received.message.answer;
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
    const worker = new Worker(file, {
      workerData: input,
      transferList: [input.port],
      execArgv: [],
      env,
    });
    worker.on('error', () => {
      // Its requests stay without an answer.
    });
    return worker;
  } catch {
    return undefined;
  }
}
