import { BoundedMap, MAX_KINDS, OTHER } from '../bounded.js';
import type { Summary } from '../summary.js';
import type { RowName } from '../trace/row-names.js';

type CountedError = Summary['errors'][number] & { count: number };

/** Counts errors by type and row, in bounded memory. */
export class ErrorKinds {
  readonly #all = new BoundedMap(MAX_KINDS, (): CountedError => ({
    type: OTHER,
    segment: OTHER,
    count: 0,
  }));

  add(type: string, { name: segment, service }: RowName): void {
    const make = () => ({ type, segment, service, count: 0 });
    this.#all.get(`${type}\n${service}\n${segment}`, make).count += 1;
  }

  /** The most frequent first. */
  list(): Summary['errors'] {
    const all = this.#all.values().sort((a, b) => b.count - a.count);
    return all.map((error) => ({ ...error }));
  }
}
