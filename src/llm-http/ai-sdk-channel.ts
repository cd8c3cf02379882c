import type { AsyncLocalStorage } from 'node:async_hooks';
import { context, type Context } from '@opentelemetry/api';
import { fields, isObject, items } from '../fields.js';
import { quietly } from '../instrument/in-span.js';
import { OPERATIONS, OPERATIONS_TRACED, type AiSdkOperation } from './ai-sdk-operation.js';
import { methodOf } from '../instrument/own-methods.js';
import type { WatchSettings } from './watch-settings.js';

/** On it the AI SDK 7 tells of all that it does. */
const CHANNEL = 'ai:telemetry';

/** The same object for all events of an operation. */
interface Message {
  readonly type?: unknown;
  readonly event?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Makes spans for what the AI SDK tells of. Returns a function that stops it. */
export function watchAiSdk(settings: WatchSettings): () => void {
  const { tracingChannel } = process.getBuiltinModule('node:diagnostics_channel');
  const channel = tracingChannel<AiSdkOperation | undefined, Message>(CHANNEL);
  const open = new WeakMap<object, AiSdkOperation>();
  const start = (message: Message) => {
    let operation: AiSdkOperation | undefined;
    quietly(() => {
      const begin = (isTracedElsewhere() ? OPERATIONS_TRACED : OPERATIONS).get(message.type);
      operation = begin?.(fields(message.event), settings.tracer);
      if (operation !== undefined) open.set(message, operation);
    });
    return operation;
  };
  const subscribers = {
    start: ignore,
    end: ignore,
    asyncStart: ignore,
    error: ignore,
    asyncEnd: (message: Message) => {
      const operation = open.get(message);
      open.delete(message);
      const failure = 'error' in message ? { error: message.error } : undefined;
      quietly(() => operation?.end(message.result, failure));
    },
  };
  channel.start.bindStore(STORE, start);
  channel.subscribe(subscribers);
  return () => {
    channel.unsubscribe(subscribers);
    channel.start.unbindStore(STORE);
  };
}

/** An integration that is registered with the SDK, OpenTelemetry's above all, may make spans of its own. */
function isTracedElsewhere(): boolean {
  const integrations = items(fields(globalThis).AI_SDK_TELEMETRY_INTEGRATIONS);
  return integrations.some((each) => isObject(each) && 'tracer' in each);
}

/** What the channel runs an operation in: not a store of ours, but the context of OpenTelemetry. */
const STORE = {
  run: (operation: AiSdkOperation | undefined, work: () => unknown) =>
    operation === undefined ? work() : context.with(operation.context, work),
  // From Node 26 on, the channel enters and leaves.
  withScope: (operation: AiSdkOperation | undefined) => enter(operation?.context),
} as unknown as AsyncLocalStorage<AiSdkOperation | undefined>;

/** OpenTelemetry can only run functions in a context, but what keeps its contexts can be entered. */
function enter(entered: Context | undefined): object {
  const manager = methodOf(context, '_getContextManager')();
  const { _asyncLocalStorage: store } = fields(manager);
  if (entered === undefined || !isObject(store) || !('withScope' in store)) {
    return { [Symbol.dispose]: ignore };
  }
  return methodOf(store, 'withScope')(entered) as object;
}

function ignore(): void {
  // There is nothing to do.
}
