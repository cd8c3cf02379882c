import { BoundedMap, MAX_KINDS, OTHER } from '../bounded.js';
import type { Summary } from '../summary.js';
import { keyOfRow, type RowName } from '../trace/row-names.js';
import type { SpanKindName } from '../trace/span-record.js';

type LateSegment = NonNullable<Summary['lateSegments']>[number];

/** Nobody waits for a message that is worked off, or for who serves another. */
const NOT_AWAITED: ReadonlySet<SpanKindName> = new Set(['consumer', 'server']);

/** Counts the spans that ended late, by row, in bounded memory. */
export class LateSegments {
  readonly #all = new BoundedMap(MAX_KINDS, () => counted({ name: OTHER, service: '' }));

  add(row: RowName, kind: SpanKindName): void {
    if (NOT_AWAITED.has(kind)) return;
    this.#all.get(keyOfRow(row), () => counted(row)).count += 1;
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
