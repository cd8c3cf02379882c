import type { SpanRecord } from './span-record.js';

/** What the row of a span is called. There is one object for each row: rows are compared by identity. */
export interface RowName {
  readonly service: string;
  readonly name: string;
}

/** The row that the spans of a name count for. Asked about every span: quick, and never throws. */
export type RowOf = (record: SpanRecord) => RowName;

/**
 * Remembers values by service and name. To put one key together for every span would cost more than
 * to look twice.
 */
export class ByName<V> {
  readonly #limit: number;
  #services = new Map<string, Map<string, V>>();
  #size = 0;
  /** Most spans are of the service of the one before. */
  #lastService: string | undefined = undefined;
  #lastNames: Map<string, V> | undefined = undefined;

  /** @param limit how many names are remembered; all are forgotten when there are more */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What was remembered last for the name, if it still is. */
  get(service: string, name: string): V | undefined {
    if (service !== this.#lastService) {
      this.#lastService = service;
      this.#lastNames = this.#services.get(service);
    }
    return this.#lastNames?.get(name);
  }

  /** Remembers a value for a name that has none. */
  add(service: string, name: string, value: V): void {
    if (this.#size >= this.#limit) {
      this.#services = new Map();
      this.#size = 0;
    }
    this.#size += 1;
    this.#lastService = undefined;
    const names = this.#services.get(service);
    if (names === undefined) this.#services.set(service, new Map([[name, value]]));
    else names.set(name, value);
  }
}
