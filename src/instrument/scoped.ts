import { AsyncLocalStorage } from 'node:async_hooks';

type Store = AsyncLocalStorage<ReadonlyMap<unknown, unknown>>;
const shared = globalThis as Record<symbol, Store | undefined>;
/** A process may have several copies of hotspan: in a bundle, or in another package's `node_modules`. */
const store = (shared[Symbol.for('hotspan.scoped.1')] ??= new AsyncLocalStorage());

/**
 * A value for all that runs inside, also without a provider, where OpenTelemetry's own context does not
 * work. All share one store, since each store costs something at every promise of the process.
 */
export class Scoped<T> {
  readonly #key: unknown;

  /** @param name under which other copies of hotspan find the value, too; by default they do not */
  constructor(name?: string) {
    this.#key = name === undefined ? this : Symbol.for(`hotspan.scoped.${name}`);
  }

  get(): T | undefined {
    return store.getStore()?.get(this.#key) as T | undefined;
  }

  run<R>(value: T, fn: () => R): R {
    return store.run(new Map(store.getStore()).set(this.#key, value), fn);
  }
}
