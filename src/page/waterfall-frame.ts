import type { TimeRange } from './time-axis.js';

/** Where things are drawn. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Where names end and time begins. */
  readonly gutter: number;
  readonly right: number;
  readonly rowHeight: number;
  readonly isNarrow: boolean;
  readonly range: TimeRange;
  /** The place of a time, at most at the edges. */
  readonly x: (seconds: number) => number;
  /** The middle of a row's bar. */
  readonly middle: (row: number) => number;
  readonly rowAt: (y: number) => number;
  readonly timeAt: (x: number) => number;
  readonly isSeen: (from: number, to: number) => boolean;
}

/** The first row begins below the axis and the ribbon. */
export const TOP = 62;
const NARROW = 680;

export function frameOf(width: number, rows: number, range: TimeRange): Frame {
  const isNarrow = width < NARROW;
  const rowHeight = isNarrow ? 32 : 22;
  const gutter = isNarrow ? 0 : Math.min(312, width * 0.34);
  const right = width - (isNarrow ? 4 : 8);
  const { from, to } = range;
  const scale = (right - gutter) / (to - from);
  return {
    ...{ width, gutter, right, rowHeight, isNarrow, range },
    height: TOP + rows * rowHeight + 6,
    x: (seconds) => gutter + (Math.min(Math.max(seconds, from), to) - from) * scale,
    middle: (row) => TOP + row * rowHeight + (isNarrow ? 25 : rowHeight / 2),
    rowAt: (y) => Math.floor((y - TOP) / rowHeight),
    timeAt: (x) => from + (Math.min(Math.max(x, gutter), right) - gutter) / scale,
    isSeen: (start, end) => end >= from && start <= to,
  };
}
