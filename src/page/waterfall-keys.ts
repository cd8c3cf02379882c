import { movedBy, zoomedAt, type TimeRange } from './time-axis.js';

/** Where one places at in a waterfall. */
export interface Place {
  readonly range: TimeRange;
  /** The row in focus. */
  readonly row: number;
}

interface Around {
  readonly rows: number;
  readonly seconds: number;
  /** The middle of what is on the row in focus. */
  readonly middle: number;
}

const RANGES: Readonly<Record<string, (place: Place, around: Around) => TimeRange>> = {
  '+': ({ range }, { middle, seconds }) => {
    const at = Math.min(Math.max(middle, range.from), range.to);
    return zoomedAt(range, 0.5, at, seconds);
  },
  '-': ({ range }, { seconds }) => zoomedAt(range, 2, (range.from + range.to) / 2, seconds),
  ArrowLeft: ({ range }, { seconds }) => movedBy(range, -0.25, seconds),
  ArrowRight: ({ range }, { seconds }) => movedBy(range, 0.25, seconds),
  Escape: (_, { seconds }) => ({ from: 0, to: seconds }),
};

const ROWS: Readonly<Record<string, (row: number, rows: number) => number>> = {
  ArrowUp: (row) => row - 1,
  ArrowDown: (row) => row + 1,
  Home: () => 0,
  End: (_, rows) => rows - 1,
};

/** Where a key leads; nothing for a key that means nothing here. */
export function afterKey(key: string, place: Place, around: Around): Place | undefined {
  const range = RANGES[key === '=' ? '+' : key];
  if (range !== undefined) return { ...place, range: range(place, around) };
  const row = ROWS[key]?.(place.row, around.rows);
  if (row === undefined) return undefined;
  return { ...place, row: Math.min(Math.max(row, 0), around.rows - 1) };
}
