/** What is to be done at the end of a process. */
export interface LastThings {
  /** Called when the event loop has nothing left to do, and may keep it going for a bounded time. */
  drain(): void;
  /** Called last, when nothing asynchronous runs any more. May block for a bounded time; must not throw. */
  finish(): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Calls `things` at the end of this process, however it comes: a return, `process.exit()`, an uncaught
 * exception, an unhandled rejection, SIGTERM or SIGINT. How it ends, and with which exit code, does not
 * change.
 *
 * @returns takes out all that was put into the process
 */
export function watchEnd(things: LastThings): () => void {
  const onBeforeExit = () => {
    // Work that is started here makes Node say `beforeExit` once more, which only we may hear.
    if (process.listenerCount('beforeExit') === 1) things.drain();
  };
  const onExit = () => {
    things.finish();
  };
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
 * Listens to a signal as long as nobody else does. A listener keeps the signal from ending the process,
 * so with one of the host's it is the host's to end it; and what looks whether it is the only listener,
 * as some packages do, finds that it is.
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
    // When it has been added: Node stops listening to a signal with the last listener that goes.
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
