import { MAX_KINDS, OTHER } from '../bounded.js';
import { BY_COUNT, HeaviestMap } from '../heaviest-map.js';
import type { Summary } from '../summary.js';
import { keyOfRow, type RowName } from '../trace/row-names.js';

type CountedError = Summary['errors'][number] & { count: number };

/** Counts errors by type and row, in bounded memory. */
export class ErrorKinds {
  readonly #all = new HeaviestMap<CountedError>(MAX_KINDS, {
    ...BY_COUNT,
    makeOther: () => ({ type: OTHER, segment: OTHER, count: 0 }),
  });

  add(type: string, row: RowName, count = 1): void {
    const { name: segment, service } = row;
    const make = () => ({ type, segment, service, count: 0 });
    this.#all.get(keyOf(type, row), make).count += count;
  }

  /** Adds what one row has to another. */
  move(from: RowName, to: RowName): void {
    for (const { type, segment, service, count } of this.#all.values()) {
      if (segment !== from.name || service !== from.service) continue;
      this.#all.delete(keyOf(type, from));
      this.add(type, to, count);
    }
  }

  /** The most frequent first. */
  list(): Summary['errors'] {
    const all = this.#all.values().sort((a, b) => b.count - a.count);
    return all.map((error) => ({ ...error }));
  }
}

function keyOf(type: string, row: RowName): string {
  return `${type}\n${keyOfRow(row)}`;
}
