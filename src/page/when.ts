/** Dates end in the year 275760. */
const MOST_SECONDS = 8.64e12;
const iso = (epochSeconds: number) =>
  new Date(Math.max(Math.min(epochSeconds, MOST_SECONDS), -MOST_SECONDS) * 1000).toISOString();
const day = (epochSeconds: number) => iso(epochSeconds).slice(0, 10);
const time = (epochSeconds: number) => iso(epochSeconds).slice(11, 16);

/** A stretch of time: `2026-11-27 06:30–07:15 UTC`, with both days if it crosses midnight. */
export function stretch(fromEpochSeconds: number, seconds: number): string {
  const to = fromEpochSeconds + seconds;
  if (iso(to).slice(0, 16) === iso(fromEpochSeconds).slice(0, 16)) {
    return `${day(to)} ${time(to)} UTC`;
  }
  const end = day(to) === day(fromEpochSeconds) ? time(to) : `${day(to)} ${time(to)}`;
  return `${day(fromEpochSeconds)} ${time(fromEpochSeconds)}–${end} UTC`;
}

/** A time of the day: `06:59`. */
export const clockTime = time;
