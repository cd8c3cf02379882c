import type { SampledTrace } from '../summary.js';
import type { EntrySample, Prediction } from './prediction.js';

/** The diameter of a dot and its gap; the width of a bin. */
export const DOT = 8;

/** One request. */
export interface Dot {
  readonly trace: SampledTrace;
  readonly thenSeconds: number;
  readonly hasMoved: boolean;
  readonly column: number;
  /** From the bottom. */
  readonly level: number;
}

/** The dots from left to right and from the bottom up: in each column first those that do not move. */
export function dotsOf({ traces }: EntrySample, { then, columns }: Prediction): Dot[] {
  const dots = traces.map((trace, at) => {
    const [from, column] = columns[at]!;
    return { trace, thenSeconds: then[at]!, hasMoved: from !== column, column, level: 0 };
  });
  dots.sort(
    (a, b) =>
      a.column - b.column ||
      Number(a.hasMoved) - Number(b.hasMoved) ||
      a.thenSeconds - b.thenSeconds,
  );
  return dots.map((dot, at) => ({
    ...dot,
    level: at - dots.findIndex((it) => it.column === dot.column),
  }));
}

/** Where an arrow key leads from a dot: to the next in time, or up and down in its column. */
export function dotAfter(dots: readonly Dot[], at: number, key: string): number | undefined {
  const to = {
    ArrowRight: dots.findIndex(({ column }) => column > dots[at]!.column),
    ArrowLeft: dots.findLastIndex(({ column }) => column < dots[at]!.column),
    ArrowUp: at + 1,
    ArrowDown: at - 1,
    Home: 0,
    End: dots.length - 1,
  }[key];
  if (to === undefined) return undefined;
  const isVertical = key === 'ArrowUp' || key === 'ArrowDown';
  const isThere = dots[to] !== undefined;
  return isThere && (!isVertical || dots[to]!.column === dots[at]!.column) ? to : at;
}
