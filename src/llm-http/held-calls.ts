import type { Span } from '@opentelemetry/api';
import { isSameRequest, type Asked } from './asked.js';
import type { ModelCall } from './model-call.js';
import { methodOf, replace } from '../instrument/own-methods.js';

/** The longest wait for another attempt: servers ask for up to a minute. */
const HOLD_MILLIS = 65_000;
/** The most calls that wait for one. */
const MAX_HELD = 1_000;

/** Calls whose last attempt failed and that may be tried again, in the order in which they failed. */
const held = new Map<ModelCall, NodeJS.Timeout>();
const watched = new WeakSet<Span>();

/** Waits for the next attempt of a call, until its parent ends, or the process, or it took too long. */
export function hold(call: ModelCall): void {
  if (held.size === 0) process.prependListener('exit', endHeldCalls);
  held.set(call, setTimeout(() => release(call), HOLD_MILLIS).unref());
  if (held.size > MAX_HELD) release([...held.keys()][0]!);
  if (call.parent !== undefined) watchEnd(call.parent);
}

/** Returns the call that a request tries again, if there is one. */
export function takeHeld(asked: Asked, parent: Span | undefined): ModelCall | undefined {
  for (const call of held.keys()) {
    if (call.parent !== parent || !isSameRequest(call.asked, asked)) continue;
    forget(call);
    return call;
  }
  return undefined;
}

/** Ends the calls that wait for another attempt. Never throws. */
export function endHeldCalls(): void {
  for (const call of [...held.keys()]) release(call);
}

function release(call: ModelCall): void {
  forget(call);
  call.finish();
}

function forget(call: ModelCall): void {
  clearTimeout(held.get(call));
  held.delete(call);
  if (held.size === 0) process.off('exit', endHeldCalls);
}

/** Ends the calls of a span before it, in whatever SDK: one that ends later would not count in its trace. */
function watchEnd(parent: Span): void {
  if (watched.has(parent)) return;
  watched.add(parent);
  const end = methodOf(parent, 'end');
  replace(parent, 'end', (...args) => {
    for (const call of [...held.keys()]) if (call.parent === parent) release(call);
    return end(...args);
  });
}
