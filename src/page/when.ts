const iso = (epochSeconds: number) => new Date(epochSeconds * 1000).toISOString();
const day = (epochSeconds: number) => iso(epochSeconds).slice(0, 10);
const time = (epochSeconds: number) => iso(epochSeconds).slice(11, 16);

/** A stretch of time: `2026-11-27 06:30–07:15 UTC`, with both days if it crosses midnight. */
export function stretch(fromEpochSeconds: number, seconds: number): string {
  const to = fromEpochSeconds + seconds;
  const end = day(to) === day(fromEpochSeconds) ? time(to) : `${day(to)} ${time(to)}`;
  return `${day(fromEpochSeconds)} ${time(fromEpochSeconds)}–${end} UTC`;
}

/** A time of the day: `06:59`. */
export const clockTime = time;
