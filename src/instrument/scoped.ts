import { AsyncLocalStorage } from 'node:async_hooks';

const store = new AsyncLocalStorage<ReadonlyMap<unknown, unknown>>();

/**
 * A value for all that runs inside, also without a provider, where OpenTelemetry's own context does not
 * work. All share one store, since each store costs something at every promise of the process.
 */
export class Scoped<T> {
  get(): T | undefined {
    return store.getStore()?.get(this) as T | undefined;
  }

  run<R>(value: T, fn: () => R): R {
    return store.run(new Map(store.getStore()).set(this, value), fn);
  }
}
