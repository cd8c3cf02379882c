import { formatSeconds } from '../format.js';
import type { ExperimentResult, Summary } from '../summary.js';
import { defined } from '../sums.js';
import { MIN_PAIRS, type Effect } from './effect.js';
import { ownSeconds } from './own-time.js';

const WHAT_CAN_BE = 'only an asynchronous `segment` that is no model call can be made slower';

/** The slope times the row's own work; `undefined` if the row is not in the summary. */
export function resultOf(
  { bottlenecks, latency }: Summary,
  segment: string,
  effect: Effect,
  delaySeconds: number,
): Omit<ExperimentResult, 'service'> | undefined {
  const ranked = bottlenecks.find(({ name }) => name === segment);
  if (ranked === undefined) return undefined;
  const own = ownSeconds(ranked, delaySeconds);
  const ownPerTrace = own / latency.count;
  // The delays are in the row's figures, but are no work of it.
  const isOwn = own > 0 ? own / (own + delaySeconds) : 0;
  const { savingSeconds } = ranked;
  const predictedSecondsPerTrace =
    savingSeconds === undefined ? undefined : (savingSeconds / latency.count) * isOwn;
  return {
    segment,
    slope: effect.slope,
    savingSecondsPerTrace: effect.slope * ownPerTrace,
    lowSecondsPerTrace: effect.low * ownPerTrace,
    highSecondsPerTrace: effect.high * ownPerTrace,
    ...defined({ predictedSecondsPerTrace }),
    periods: 2 * effect.pairs,
  };
}

export function whyNone(requests: number, needed: number): string {
  return requests < needed
    ? `the experiment begins after ${needed} requests; there were ${requests}`
    : `the experiment found no row to make slower: ${WHAT_CAN_BE}`;
}

/** @param pairs how many pairs of periods began; `undefined` if no segment of the row can be made slower */
export function whyNot(row: string, pairs: number | undefined): string {
  return pairs === undefined
    ? `the experiment cannot make \`${row}\` slower: ${WHAT_CAN_BE}`
    : `the experiment has no result for \`${row}\` yet: ${MIN_PAIRS} pairs of periods are needed, ${pairs} began`;
}

/** @param heldUp the row whose calls the work of `row` holds up, and for how long */
export function whyUntold(row: string, heldUp: { row: string; millis: number }): string {
  return (
    `the experiment cannot tell what \`${row}\` costs: while it works, calls of \`${heldUp.row}\` take ` +
    `${formatSeconds(heldUp.millis / 1000)} longer, but its delay holds up nobody, since it comes after what they wait ` +
    `for; put the segment inside the wait, as in \`pool.use((connection) => segment(...))\``
  );
}
