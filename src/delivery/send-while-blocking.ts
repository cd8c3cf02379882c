import { Worker } from 'node:worker_threads';
import { NO_ANSWER, type OtlpSettings } from './otlp-client.js';
import type { SpanBatch } from './span-batch.js';

export interface EndThreadInput {
  readonly settings: OtlpSettings;
  readonly batches: readonly SpanBatch[];
  readonly timeoutMillis: number;
  /** What the thread tells: see `STATE`. */
  readonly state: Int32Array;
  /** Why spans were dropped, in UTF-8. */
  readonly reason: Uint8Array;
}

/** Where the numbers stand in `EndThreadInput.state`. */
export const STATE = { isDone: 0, delivered: 1, reasonBytes: 2 } as const;

/** The code of end-thread.ts, in one file. The build and the tests' settings put it here. */
declare const END_THREAD: string;

/**
 * Sends batches from another thread while this one waits. None of the host's callbacks run meanwhile.
 *
 * @param timeoutMillis how long each request may take, and how long it goes on while nothing arrives
 * @param graceMillis how much longer all of them may take
 */
export function sendWhileBlocking(
  settings: OtlpSettings,
  batches: readonly SpanBatch[],
  timeoutMillis: number,
  graceMillis: number,
): { readonly delivered: number; readonly reason: string } {
  const state = new Int32Array(new SharedArrayBuffer(16));
  const reason = new Uint8Array(new SharedArrayBuffer(256));
  const input: EndThreadInput = { settings, batches, timeoutMillis, state, reason };
  try {
    // The host's own flags and preloads are not for this thread.
    const env = { ...process.env };
    delete env.NODE_OPTIONS;
    const worker = new Worker(END_THREAD, { eval: true, workerData: input, execArgv: [], env });
    worker.on('error', () => undefined);
    Atomics.wait(state, STATE.isDone, 0, timeoutMillis + graceMillis);
    void worker.terminate();
  } catch {
    return { delivered: 0, reason: 'the end of the process could not start a thread' };
  }
  const text = Buffer.from(reason.slice(0, Atomics.load(state, STATE.reasonBytes))).toString();
  return { delivered: Atomics.load(state, STATE.delivered), reason: text || NO_ANSWER };
}
