import { rowNameOf } from '../trace/row-names.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { Summary } from '../summary.js';
import type { ByKey, ByReader } from '../trace/by-attributes.js';
import { BadInputError } from '../errors.js';
import type { Ranking } from '../ranking/ranking.js';
import { nearestOf } from '../summaries/find-row.js';
import { nameOf } from './byte-source.js';
import type { ReadOptions } from './read-options.js';
import type { CollectedTrace } from './collected-trace.js';

export type Choice = Pick<ReadOptions, 'service' | 'name' | 'since'>;

const UNIT_MILLIS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const MAX_LISTED = 20;

/**
 * Converts `since` to milliseconds since the epoch: `90s`, `30m`, `1h`, `2d` or `1w` before now, an ISO
 * 8601 time, milliseconds since the epoch, or a `Date`.
 */
export function sinceMillis(since: string | Date | number, nowEpochMillis: number): number {
  const millis = typeof since === 'string' ? parse(since.trim(), nowEpochMillis) : Number(since);
  // `Date` can write down no other times.
  if (Math.abs(millis) <= 8.64e15) return millis;
  const found = JSON.stringify(String(since).slice(0, 40));
  throw new BadInputError(
    `since: expected a time span such as 30m, 1h or 2d, or an ISO time, got ${found}`,
  );
}

function parse(text: string, nowEpochMillis: number): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  if (amount !== undefined) return nowEpochMillis - Number(amount) * UNIT_MILLIS[unit as 's'];
  if (/^\d{11,}$/.test(text)) return Number(text);
  // Date.parse takes much else for a time.
  return /^\d{4}-\d\d/.test(text) ? Date.parse(text) : NaN;
}

export function chooses(
  { service, name }: Choice,
  sinceEpochMillis: number | undefined,
  group: (name: string) => string,
): (trace: CollectedTrace) => boolean {
  return (trace) =>
    (sinceEpochMillis === undefined || startOf(trace) >= sinceEpochMillis) &&
    (service === undefined || trace.records.some((span) => span.service === service)) &&
    (name === undefined || trace.records.some((span) => isNamed(span, name, group)));
}

function startOf({ records, originSeconds = 0 }: CollectedTrace): number {
  let first = Infinity;
  for (const { startNanos } of records) if (startNanos < first) first = startNanos;
  return originSeconds * 1_000 + first / 1e6;
}

/** Rows may be named after a group of names. */
function isNamed(span: SpanRecord, wanted: string, group: (name: string) => string): boolean {
  const rowName = rowNameOf(span);
  return span.name === wanted || rowName === wanted || group(rowName) === wanted;
}

export function noTraceWith(
  where: string,
  { service, name, since }: Choice,
  services: Iterable<string>,
): BadInputError {
  const wanted = [
    ...(service === undefined ? [] : [`a span of service "${service}"`]),
    ...(name === undefined ? [] : [`a span named "${name}"`]),
    ...(since === undefined ? [] : [`a start since ${String(since)}`]),
  ];
  return new BadInputError(
    `${where}: no trace with ${wanted.join(' and ')}; services in it: ${listServices(services)}`,
  );
}

/** @throws BadInputError if no trace that was read is of the entry point; it lists those that there are */
export function requireEntry(
  ranking: Pick<Ranking, 'otherEntryPoints'>,
  sources: readonly string[],
  entry = '',
): void {
  const others = ranking.otherEntryPoints;
  if (others === undefined) return;
  const names = sources.map(nameOf).join(', ');
  throw new BadInputError(`${names}: no entry point "${entry}"; ${nearestOf(others, entry)}`);
}

/** @throws BadInputError if no span that was read has an attribute to group by; it lists those that there are */
export function requireFound(by: ByReader, sources: readonly string[]): void {
  const [missing] = by.missing;
  if (missing === undefined) return;
  const others = by.seen.map((name) => ({ name, service: '' }));
  const names = sources.map(nameOf).join(', ');
  throw new BadInputError(`${names}: no span has "${missing}"; ${nearestOf(others, missing)}`);
}

/** @throws BadInputError if a saved summary does not have an attribute to group by */
export function requireBy(where: string, keys: readonly ByKey[], { by = [] }: Summary): void {
  const missing = keys.find((key) => by.every(({ attribute }) => attribute !== key.attribute));
  if (missing === undefined) return;
  throw new BadInputError(
    `${where}: expected traces to group by "${missing.attribute}", but it is a saved summary without it`,
  );
}

export function listServices(services: Iterable<string>): string {
  const all = [...services].sort();
  const more = all.length > MAX_LISTED ? ` and ${all.length - MAX_LISTED} more` : '';
  return all.slice(0, MAX_LISTED).join(', ') + more;
}
