import { getOrMake } from '../bounded.js';
import type { SpanRecord } from './span-record.js';

/** The name of a row. There is one object for each row: rows are compared by identity. */
export interface RowName {
  readonly service: string;
  readonly name: string;
  /** `true` once its figures are in another row. */
  readonly isGone?: boolean;
  /** That row. */
  readonly goneTo?: RowName | undefined;
}

export function keyOfRow({ service, name }: RowName): string {
  return `${service}\n${name}`;
}

/** The row of a key: a service's name has one line, that of a row may have several. */
export function rowOfKey(key: string): Pick<RowName, 'service' | 'name'> {
  const end = key.indexOf('\n');
  return { name: key.slice(end + 1), service: key.slice(0, Math.max(0, end)) };
}

/** What a span calls its row, before ids and other data are taken out. Calls of models keep their names. */
export function rowNameOf({ name, facts }: SpanRecord): string {
  return facts.rowName ?? name;
}

export type RowOf = (record: SpanRecord) => RowName;

/** Remembers values by service and name: two look-ups cost less than one key put together for every span. */
export class ByName<V> {
  #services = new Map<string, Map<string, V>>();
  #size = 0;
  /** Most spans are of the service of the one before. */
  #lastService: string | undefined = undefined;
  #lastNames: Map<string, V> | undefined = undefined;

  /** Beyond `limit` names, all are forgotten. */
  constructor(private readonly limit: number) {}

  get(service: string, name: string): V | undefined {
    if (service !== this.#lastService) {
      this.#lastService = service;
      this.#lastNames = this.#services.get(service);
    }
    return this.#lastNames?.get(name);
  }

  add(service: string, name: string, value: V): void {
    if (this.#size >= this.limit) this.clear();
    this.#size += 1;
    this.#lastService = undefined;
    getOrMake(this.#services, service, () => new Map<string, V>()).set(name, value);
  }

  clear(): void {
    this.#services = new Map();
    this.#size = 0;
    this.#lastService = undefined;
  }

  delete(service: string, name: string): void {
    if (this.#services.get(service)?.delete(name) === true) this.#size -= 1;
  }
}
