/** What is to be called for each signal; an entry goes when the last callback does. */
const callbacks = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `callback` once when the signal is aborted. All callbacks share one listener: Node warns of a
 * leak when a signal has more than ten, and many calls may well run under one signal. The callbacks
 * must not throw, and the signal must not be aborted yet.
 *
 * @returns takes the callback back; without callbacks there is no listener
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const known = callbacks.get(signal);
  const all = known ?? new Set();
  all.add(callback);
  if (known === undefined) {
    callbacks.set(signal, all);
    signal.addEventListener('abort', callAll, { once: true });
  }
  return () => {
    all.delete(callback);
    if (all.size > 0 || callbacks.get(signal) !== all) return;
    callbacks.delete(signal);
    signal.removeEventListener('abort', callAll);
  };
}

function callAll(this: AbortSignal): void {
  const all = callbacks.get(this) ?? new Set();
  callbacks.delete(this);
  // One may take another back.
  for (const callback of all) if (all.delete(callback)) callback();
}
