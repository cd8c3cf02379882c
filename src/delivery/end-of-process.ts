export interface LastThings {
  /** Is called when the event loop has nothing left to do. May keep it going for a bounded time. */
  drain(): void;
  /** Is called last, when nothing asynchronous runs any more. May block briefly; must not throw. */
  finish(): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** The way the process ends and its exit code do not change. Returns a function that stops watching. */
export function watchEnd(things: LastThings): () => void {
  const onBeforeExit = () => {
    // Work that is started here makes Node emit `beforeExit` again, which only we may hear.
    if (process.listenerCount('beforeExit') === 1) things.drain();
  };
  const onExit = () => things.finish();
  process.on('beforeExit', onBeforeExit);
  process.on('exit', onExit);
  const unwatch = SIGNALS.map((signal) => watchSignal(signal, onExit));
  return () => {
    process.removeListener('beforeExit', onBeforeExit);
    process.removeListener('exit', onExit);
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
  const onRemoved = (event: string | symbol, listener: unknown) => {
    if (event !== signal || listener === onSignal) return;
    if (process.listenerCount(signal) === 0) process.on(signal, onSignal);
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
