import { setImmediate as nextTurn } from 'node:timers/promises';

export interface LastThings {
  /** Is called when the event loop has nothing left to do. May keep it going for a bounded time. */
  drain(): void;
  /**
   * Is called when nothing asynchronous runs any more: before the host's own `exit` listeners, which may
   * end the process at once, and after them. May block briefly; must not throw.
   */
  finish(): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** The way the process ends and its exit code do not change. Returns a function that stops watching. */
export function watchEnd(things: LastThings): () => Promise<void> {
  const onBeforeExit = () => {
    // Work that is started here makes Node emit `beforeExit` again, which only we may hear.
    if (process.listenerCount('beforeExit') === 1) things.drain();
  };
  const onExitFirst = () => things.finish();
  const onExitLast = () => things.finish();
  process.on('beforeExit', onBeforeExit);
  process.prependListener('exit', onExitFirst);
  process.on('exit', onExitLast);
  const unwatch = SIGNALS.map((signal) => watchSignal(signal, onExitFirst));
  return async () => {
    process.removeListener('beforeExit', onBeforeExit);
    process.removeListener('exit', onExitFirst);
    process.removeListener('exit', onExitLast);
    // Node forgets a signal that arrived, and whose turn has not come, with the last listener to it.
    await nextTurn();
    await nextTurn();
    for (const stop of unwatch) stop();
  };
}

/**
 * Listens to a signal as long as nobody else does. A listener keeps the signal from ending the process:
 * where the host has one, the host decides. Packages that look whether theirs is the only one find that
 * it is.
 */
function watchSignal(signal: NodeJS.Signals, finish: () => void): () => void {
  const onSignal = () => {
    // First, so that a second signal ends the process at once.
    stop();
    finish();
    process.kill(process.pid, signal);
  };
  const onAdded = (event: string | symbol, listener: unknown) => {
    if (event !== signal || listener === onSignal) return;
    // After it was added: Node stops listening to a signal with the last listener that goes.
    process.nextTick(() => {
      if (process.listenerCount(signal) > 1) process.removeListener(signal, onSignal);
    });
  };
  const onRemoved = (event: string | symbol) => {
    // Also after `removeAllListeners`: who wants the default gets it from us, with the last spans sent.
    if (event === signal && process.listenerCount(signal) === 0) process.on(signal, onSignal);
  };
  const stop = () => {
    process.removeListener('newListener', onAdded);
    process.removeListener('removeListener', onRemoved);
    process.removeListener(signal, onSignal);
  };
  if (process.listenerCount(signal) === 0) process.on(signal, onSignal);
  process.on('newListener', onAdded);
  process.on('removeListener', onRemoved);
  return stop;
}
