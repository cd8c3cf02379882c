import leven from 'leven';
import { OTHER } from '../bounded.js';
import type { Bottleneck } from '../summary.js';

type Named = Pick<Bottleneck, 'name' | 'service'>;

const MAX_NEAR = 5;
/** A name may be a whole document. */
const MAX_LENGTH = 60;

/** Returns the row of this name, or of this `service/name`. Throws a RangeError unless there is one. */
export function findRow(rows: readonly Bottleneck[], segment: string): Bottleneck {
  const found = rows.filter((row) => row.name === segment || fullName(row) === segment);
  const [row] = found;
  if (row === undefined)
    throw new RangeError(`no segment ${quoted(segment)}; ${nearestOf(rows, segment)}`);
  if (found.length > 1) {
    const each = found.slice(0, MAX_NEAR).map((one) => quoted(fullName(one)));
    throw new RangeError(
      `${found.length} segments ${quoted(segment)}: name the service as well, ${each.join(', ')}`,
    );
  }
  return row;
}

/** Names those of the rows that are most like a name. */
export function nearestOf(rows: readonly Named[], segment: string): string {
  if (rows.length === 0) return 'there is none at all';
  const wanted = segment.slice(0, MAX_LENGTH).toLowerCase();
  const distance = (name: string) => {
    const other = name.slice(0, MAX_LENGTH).toLowerCase();
    return wanted !== '' && other.includes(wanted) ? 0 : leven(wanted, other);
  };
  const nearestFirst = (a: string, b: string) => distance(a) - distance(b);
  // Without a slash, no service was meant.
  const namesOf = (row: Named) => (segment.includes('/') ? [row.name, fullName(row)] : [row.name]);
  const names = new Set(rows.map((row) => namesOf(row).sort(nearestFirst)[0]!));
  const near = [...names].sort(nearestFirst).slice(0, MAX_NEAR).map(quoted);
  const folded = rows.some(({ name }) => name === OTHER)
    ? `; it may be one of those in "${OTHER}"`
    : '';
  return `the nearest of ${names.size}: ${near.join(', ')}${folded}`;
}

function fullName({ service, name }: Named): string {
  return `${service}/${name}`;
}

function quoted(name: string): string {
  return name.length > MAX_LENGTH ? `"${name.slice(0, MAX_LENGTH)}…"` : `"${name}"`;
}
