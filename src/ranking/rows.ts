import { BoundedMap, OTHER } from '../bounded.js';
import { nameWithoutSecrets } from '../secrets.js';
import { ByName, rowNameOf } from '../trace/row-names.js';
import { shortName } from '../trace/short-name.js';
import type { SpanRecord } from '../trace/span-record.js';
import { Row } from './row.js';

/** Names of spans whose row is remembered, for each row that there may be. */
const NAMES_PER_ROW = 4;

/** Finds the row that a span counts for, in bounded memory. */
export class Rows {
  readonly #rows: BoundedMap<Row>;
  /** By the names of spans; of LLM calls apart, whose names are no groups. */
  readonly #byName: ByName<Row>;
  readonly #ofCalls: ByName<Row>;

  /** @param group which names share a row; not asked about LLM calls */
  constructor(
    maxRows: number,
    private readonly group: (name: string) => string,
  ) {
    this.#rows = new BoundedMap(maxRows, () => new Row(OTHER, ''));
    this.#byName = new ByName(NAMES_PER_ROW * maxRows);
    this.#ofCalls = new ByName(NAMES_PER_ROW * maxRows);
  }

  of(record: SpanRecord): Row {
    const { service } = record;
    const name = rowNameOf(record);
    const rows = record.facts.llmCall === undefined ? this.#byName : this.#ofCalls;
    return rows.get(service, name) ?? this.#add(rows, record, name);
  }

  values(): Row[] {
    return this.#rows.values();
  }

  /** What the row of a span is called, or would be. */
  nameOf(record: SpanRecord): string {
    const clean = nameWithoutSecrets(rowNameOf(record));
    return record.facts.llmCall === undefined ? shortName(this.group(clean)) : clean;
  }

  /** Apart, since a function with a closure makes an object for it at each call. */
  #add(rows: ByName<Row>, record: SpanRecord, name: string): Row {
    const { service } = record;
    const group = this.nameOf(record);
    const row = this.#rows.get(`${service}\n${group}`, () => new Row(group, service));
    rows.add(service, name, row);
    return row;
  }
}
