import { setTimeout as sleep } from 'node:timers/promises';
import {
  BroadcastChannel,
  getEnvironmentData,
  isMainThread,
  setEnvironmentData,
  threadId,
  Worker,
} from 'node:worker_threads';

/**
 * A thread that is terminated, by its parent or by the end of the process, is not told of it. These have it
 * leave its summary first.
 */
const CHANNEL = 'hotspan.leave';
/** In the environment data of the threads: how many of them listen. */
const LISTENING = 'hotspan.threads';
/** How long a thread may take. One that is busy does not answer. */
const ANSWER_MILLIS = 100;
const LOOK_AGAIN_MILLIS = 1;

interface Question {
  /** The thread that is to leave its summary; all of them if it is absent. */
  readonly threadId?: number;
  /** How many have done so. */
  readonly left: Int32Array;
}

function counter(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

function ask(of: Omit<Question, 'left'>): Int32Array {
  const left = counter();
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage({ ...of, left } satisfies Question);
  channel.close();
  return left;
}

/** The count is shared by all threads that are started from now on. */
function listening(): Int32Array {
  const found = getEnvironmentData(LISTENING) as Int32Array | undefined;
  if (found !== undefined) return found;
  const made = counter();
  setEnvironmentData(LISTENING, made);
  return made;
}

/** @param leave leaves the summary of this thread; must not throw */
export function watchThreads(leave: () => void): void {
  const count = listening();
  askBeforeTermination(count);
  if (isMainThread) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (message) => {
    const { threadId: asked = threadId, left } = (message as { data: Question }).data;
    if (asked !== threadId) return;
    leave();
    Atomics.add(left, 0, 1);
    Atomics.notify(left, 0);
  };
  channel.unref();
  Atomics.add(count, 0, 1);
  process.once('exit', () => Atomics.sub(count, 0, 1));
}

/** Has all threads leave their summaries while this one stands still, as it ends the process. */
export function askThreadsWhileBlocking(): void {
  const expected = isMainThread ? Atomics.load(listening(), 0) : 0;
  if (expected === 0) return;
  const left = ask({});
  const untilMillis = performance.now() + ANSWER_MILLIS;
  for (let now = performance.now(); now < untilMillis; now = performance.now()) {
    const so = Atomics.load(left, 0);
    if (so >= expected) return;
    Atomics.wait(left, 0, so, untilMillis - now);
  }
}

function askBeforeTermination(count: Int32Array): void {
  const terminate = Reflect.get<Worker, 'terminate'>(Worker.prototype, 'terminate');
  Worker.prototype.terminate = async function (this: Worker) {
    if (Atomics.load(count, 0) > 0 && this.threadId > 0) {
      const left = ask({ threadId: this.threadId });
      const untilMillis = performance.now() + ANSWER_MILLIS;
      while (Atomics.load(left, 0) === 0 && performance.now() < untilMillis) {
        await sleep(LOOK_AGAIN_MILLIS, undefined, { ref: false });
      }
      if (Atomics.load(left, 0) > 0) Atomics.sub(count, 0, 1);
    }
    return Reflect.apply(terminate, this, []);
  };
}
