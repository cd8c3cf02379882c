import { BadInputError } from '../errors.js';

const UNIT_MILLIS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * The moment that `since` names, in milliseconds since the epoch: `90s`, `30m`, `1h`, `2d` or `1w` before
 * now, an ISO 8601 time, milliseconds since the epoch, or a `Date`.
 *
 * @throws BadInputError when it is none of these
 */
export function sinceMillis(since: string | Date | number, nowEpochMillis: number): number {
  const millis = millisOf(since, nowEpochMillis);
  // The range of Date, beyond which no time can be written down.
  if (Math.abs(millis) <= 8.64e15) return millis;
  const found = JSON.stringify(String(since).slice(0, 40));
  throw new BadInputError(
    `since: expected a time span such as 30m, 1h or 2d, or an ISO time, got ${found}`,
  );
}

function millisOf(since: string | Date | number, nowEpochMillis: number): number {
  if (typeof since !== 'string') return Number(since);
  const text = since.trim();
  const span = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text);
  if (span !== null) return nowEpochMillis - Number(span[1]) * UNIT_MILLIS[span[2]!]!;
  if (/^\d{11,}$/.test(text)) return Number(text);
  // Date.parse takes much else for a time.
  return /^\d{4}-\d\d/.test(text) ? Date.parse(text) : NaN;
}
