import { MAX_KINDS, OTHER } from '../bounded.js';
import { BY_COUNT, HeaviestMap } from '../heaviest-map.js';
import type { Summary } from '../summary.js';
import { keyOfRow, type RowName } from '../trace/row-names.js';
import type { SpanKindName } from '../trace/span-record.js';

type LateSegment = NonNullable<Summary['lateSegments']>[number];

/** Nobody waits for a message that is worked off, or for who serves another. */
const NOT_AWAITED: ReadonlySet<SpanKindName> = new Set(['consumer', 'server']);

/** Counts the spans that ended late, by row, in bounded memory. */
export class LateSegments {
  readonly #all = new HeaviestMap<LateSegment & { count: number }>(MAX_KINDS, {
    ...BY_COUNT,
    makeOther: () => counted({ name: OTHER, service: '' }),
  });

  add(row: RowName, kind: SpanKindName): void {
    if (NOT_AWAITED.has(kind)) return;
    this.#all.get(keyOfRow(row), () => counted(row)).count += 1;
  }

  /** Adds what one row has to another. */
  move(from: RowName, to: RowName): void {
    const late = this.#all.find(keyOfRow(from));
    if (late === undefined) return;
    this.#all.delete(keyOfRow(from));
    this.#all.get(keyOfRow(to), () => counted(to)).count += late.count;
  }

  /** As a summary has them. */
  fields(): Pick<Summary, 'lateSegments'> {
    const all = this.#all.values().map((each): LateSegment => ({ ...each }));
    return all.length === 0 ? {} : { lateSegments: all.sort((a, b) => b.count - a.count) };
  }
}

function counted({ name, service }: RowName): LateSegment & { count: number } {
  return { segment: name, service, count: 0 };
}
