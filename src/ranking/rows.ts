import { OTHER } from '../bounded.js';
import { HeaviestMap } from '../heaviest-map.js';
import { nameWithoutSecrets } from '../secrets.js';
import { groupName } from '../trace/group-name.js';
import { formOf, NumberedNames } from '../trace/numbered-names.js';
import { ByName, keyOfRow, rowNameOf, rowOfKey, type RowName } from '../trace/row-names.js';
import { shortName } from '../trace/short-name.js';
import type { SpanRecord } from '../trace/span-record.js';
import { Row } from './row.js';

/** Names of spans whose row is remembered, for each row that there may be. */
const NAMES_PER_ROW = 4;

/** Finds the row that a span counts for, in bounded memory: the heaviest have one, whichever came first. */
export class Rows {
  readonly #rows: HeaviestMap<Row>;
  /** By the names of spans; of LLM calls apart, whose names are no groups. */
  readonly #byName: ByName<Row>;
  readonly #ofCalls: ByName<Row>;
  /** Where a function of the user's groups names, they stay as it says. */
  readonly #numbers: NumberedNames | undefined;

  /**
   * @param group which names share a row; not asked about LLM calls
   * @param onMoved is told that the figures of a row are in another one from now on, because of their names
   */
  constructor(
    maxRows: number,
    private readonly group: (name: string) => string,
    private readonly onMoved: (from: RowName, to: RowName) => void,
  ) {
    this.#numbers = group === groupName ? new NumberedNames() : undefined;
    this.#rows = new HeaviestMap<Row>(maxRows, {
      makeOther: () => new Row(OTHER, ''),
      weightOf: (row) => row.weight,
      merge: (other, row) => {
        other.merge(row);
        this.#forget(row, other);
      },
    });
    this.#byName = new ByName(NAMES_PER_ROW * maxRows);
    this.#ofCalls = new ByName(NAMES_PER_ROW * maxRows);
  }

  /** Returns the row to count a span in. It may be given up when the next one is asked for. */
  of(record: SpanRecord): Row {
    const { service } = record;
    const name = rowNameOf(record);
    const rows = record.facts.llmCall === undefined ? this.#byName : this.#ofCalls;
    const row = rows.get(service, name);
    return row === undefined || row.isGone ? this.#add(rows, record, name) : row;
  }

  /** Returns the row that a span was counted in, wherever its figures are by now. */
  known(record: SpanRecord): Row {
    const rows = record.facts.llmCall === undefined ? this.#byName : this.#ofCalls;
    const row = rows.get(record.service, rowNameOf(record));
    if (row !== undefined && !row.isGone) return row;
    const { service } = record;
    return (
      this.#rows.find(keyOfRow({ service, name: this.nameOf(record) })) ?? this.#otherOr(record)
    );
  }

  /** Returns the key that the row of a key has by now. */
  currentKey(key: string): string {
    const { service, name } = rowOfKey(key);
    return keyOfRow({ service, name: this.#numbers?.nameOf(service, name) ?? name });
  }

  values(): Row[] {
    return this.#rows.values();
  }

  /** At most how many nanoseconds of a row are in that of all others; in that one, of any one name. */
  missedNanos(row: Row): number {
    return this.#rows.missed(row === this.#rows.other ? '' : keyOfRow(row));
  }

  /** What the row of a span is called, or would be. */
  nameOf(record: SpanRecord): string {
    const group = this.#groupOf(record);
    if (record.facts.llmCall !== undefined) return group;
    return this.#numbers?.nameOf(record.service, group) ?? group;
  }

  #groupOf(record: SpanRecord): string {
    const clean = nameWithoutSecrets(rowNameOf(record));
    return record.facts.llmCall === undefined ? shortName(this.group(clean)) : clean;
  }

  /** Apart, since a function with a closure makes an object for it at each call. */
  #add(rows: ByName<Row>, record: SpanRecord, name: string): Row {
    const { service } = record;
    const group = this.#groupOf(record);
    const form = record.facts.llmCall === undefined ? formOf(group) : group;
    if (form !== group && this.#numbers?.add(service, group) === true) this.#regroup(service, form);
    const row = this.#get(service, this.nameOf(record), name, form);
    rows.add(service, name, row);
    return row;
  }

  #get(service: string, name: string, firstName: string, form: string): Row {
    const isNumbered = form !== name;
    return this.#rows.get(`${service}\n${name}`, () => {
      return new Row(name, service, firstName, isNumbered ? form : undefined);
    });
  }

  /** More of the numbers in names of this form have turned out to be data. */
  #regroup(service: string, form: string): void {
    for (const row of this.values()) {
      if (row.form !== form || row.service !== service) continue;
      const name = this.#numbers?.nameOf(service, row.name) ?? row.name;
      if (name === row.name) continue;
      this.#rows.delete(keyOfRow(row));
      const to = this.#get(service, name, row.firstName, form);
      to.merge(row);
      row.goneTo = to;
      this.onMoved(row, to);
    }
    this.#byName.clear();
  }

  #otherOr(record: SpanRecord): Row {
    return this.#rows.other ?? this.of(record);
  }

  /** What is remembered of many names must not hold their rows. */
  #forget(row: Row, goneTo: Row): void {
    row.goneTo = goneTo;
    this.#byName.delete(row.service, row.firstName);
    this.#ofCalls.delete(row.service, row.firstName);
  }
}
