/** The two sides of a comparison of segments. */
import { ratio, spread, takeTurns, type Measured, type Side, type Turns } from './compare.js';
import { cells, micros, times } from './markdown.js';
import { use, type Setup } from './sdk.js';
import { atMost, type Goal } from './section.js';
import type { Pace } from './span-work.js';

/** How many pairs one call of a side makes. */
export const PAIRS = 2_000;

/** Makes pairs of spans. */
export type Work = (pairs: number, pace?: Pace) => Promise<void>;

/** Returns a side that makes pairs of spans. With a pace, it waits until the receiver has them. */
export function side(name: string, setup: Setup, work: Work, pace?: Pace): Side {
  return {
    name,
    prepare: () => use(setup),
    run: async () => {
      await work(PAIRS, pace);
      if (pace !== undefined) await setup.flush();
    },
  };
}

/** The result of a comparison. */
export interface Comparison {
  readonly what: string;
  readonly bare: Measured;
  readonly hotspan: Measured;
}

/** The columns of {@link row}. */
export const HEAD = ['', 'bare', 'hotspan', 'min', 'median', 'max', 'processor time'];

/** Returns a comparison as the row of a table. */
export function row({ what, bare, hotspan }: Comparison): string[] {
  return [
    what,
    micros(spread(bare).median),
    micros(spread(hotspan).median),
    ...cells(ratio(hotspan, bare), times),
    times(ratio(hotspan, bare, 'cpu').median),
  ];
}

/** Returns a goal for the median of the ratios. */
export function goal(what: string, limit: number, { bare, hotspan }: Comparison): Goal {
  return atMost(what, limit, ratio(hotspan, bare).median, times);
}

/** Lets the bare side and hotspan take turns. */
export async function compare(
  what: string,
  bare: Side,
  hotspan: Side,
  turns: Omit<Turns, 'units'>,
): Promise<Comparison> {
  const measured = await takeTurns([bare, hotspan], { ...turns, units: 2 * PAIRS });
  return { what, bare: measured[0]!, hotspan: measured[1]! };
}
