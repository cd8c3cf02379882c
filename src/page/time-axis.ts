/** What part of a trace is shown, in seconds from its start. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

const UNITS = [
  { from: 180, per: 60, unit: 'min' },
  { from: 1, per: 1, unit: 's' },
  { from: 1e-3, per: 1e-3, unit: 'ms' },
  { from: 0, per: 1e-6, unit: 'µs' },
];

/** Round times in one unit, at most so many. */
export function ticksOf({ from, to }: TimeRange, most: number): { at: number; text: string }[] {
  const length = to - from;
  if (!(length > 0) || length === Infinity) return [];
  const { per, unit } = UNITS.find((it) => Math.max(length, to / 20) >= it.from)!;
  const least = length / per / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((it) => it * power).find((it) => it >= least * 0.999)!;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let n = Math.ceil(from / per / step - 1e-9); n * step * per <= to; n += 1) {
    ticks.push({
      at: n * step * per,
      text: `${n === 0 ? 0 : (n * step).toFixed(decimals)} ${unit}`,
    });
  }
  return ticks;
}

const LEAST_SECONDS = 1e-6;

/** The range that is left if it is drawn together or apart around a time; never beyond the whole. */
export function zoomedAt(range: TimeRange, factor: number, at: number, seconds: number): TimeRange {
  const length = Math.min(Math.max((range.to - range.from) * factor, LEAST_SECONDS), seconds);
  const part = (at - range.from) / (range.to - range.from);
  return within(at - part * length, length, seconds);
}

export function movedBy(range: TimeRange, share: number, seconds: number): TimeRange {
  const length = range.to - range.from;
  return within(range.from + share * length, length, seconds);
}

function within(start: number, length: number, seconds: number): TimeRange {
  const from = Math.min(Math.max(start, 0), Math.max(seconds - length, 0));
  return { from, to: Math.min(from + length, Math.max(seconds, from + LEAST_SECONDS)) };
}
