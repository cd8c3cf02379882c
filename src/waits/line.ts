import { getOrMake } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import type { Sliced } from '../trace/slices.js';
import type { Jobs } from './jobs.js';
import { Pairs } from './pairs.js';

const MAX_SLOTS = 32;
const NOBODY = -1;
/** So many may end before they could have begun, in what is seen of a process. */
const MAX_WRONG = 0.01;
/** A job may begin that little before the end of the one whose slot it takes. */
const MAX_SLACK_NANOS = 1e6;
const SLACK_SHARE = 0.005;
/** Fewer that waited prove nothing. */
const MIN_WAITED = 8;
/** As logarithms of likelihoods: of all, and for each that waited. By chance 30 and 0.25 at most. */
const MIN_GAIN = 10;
const MIN_GAIN_EACH = 0.5;
/** Work that always takes as long is taken to vary by that much. */
const MIN_DEVIATION = 0.05;
/** Work is not shorter than this share of its span. */
const MIN_WORK = 1e-3;

/** How jobs would have had to wait for each other in line, had there been so many slots. */
export interface Line {
  readonly jobs: Jobs;
  readonly slots: number;
  /** When each began to work. */
  readonly since: Float64Array;
  /** The job whose end it waited for; negative if it did not wait. */
  readonly endedBy: Int32Array;
  readonly waited: number;
  /** How much likelier the ends of the jobs are than without slots, as a logarithm. */
  readonly gain: number;
  readonly isSure: boolean;
}

/** Returns the number of slots that explains the jobs' ends best; `undefined` if none does. */
export function* bestLine(jobs: Jobs): Sliced<Line | undefined> {
  let best: Line | undefined = undefined;
  for (let slots = 1; slots <= MAX_SLOTS; slots += 1) {
    const line = lineUp(jobs, slots);
    yield;
    if (line === undefined) continue;
    // More slots than there are jobs at a time: nobody waits. Before, one slot more may explain more.
    if (line.waited < MIN_WAITED || (best !== undefined && line.gain < best.gain)) break;
    best = line;
  }
  return best;
}

/**
 * Lets the jobs pass in the order in which they came. `undefined` if they cannot have: some ended before their
 * turn had come.
 */
function lineUp(jobs: Jobs, slots: number): Line | undefined {
  const { size, starts, latest, ends } = jobs;
  const since = new Float64Array(size);
  const endedBy = new Int32Array(size).fill(NOBODY);
  /** Those that work, the first to end last. */
  const working: number[] = [];
  let next = 0;
  let wrong = 0;
  let waited = 0;
  const begin = (job: number, at: number) => {
    since[job] = at;
    let place = working.length;
    while (place > 0 && ends[working[place - 1]!]! < ends[job]!) place -= 1;
    working.splice(place, 0, job);
  };
  /** `next` takes the slot of one that ends. */
  const takeOver = (ended: number, at: number) => {
    const job = next;
    next += 1;
    const slack = Math.min(MAX_SLACK_NANOS, SLACK_SHARE * (at - starts[job]!));
    if (latest[job]! < at - slack || ends[job]! < at + slack) {
      wrong += 1;
      since[job] = starts[job]!;
      if (ends[job]! > at) begin(job, starts[job]!);
    } else {
      begin(job, at);
      endedBy[job] = ended;
      waited += 1;
    }
  };
  while (next < size) {
    const first = working.at(-1);
    const isFull = working.length === slots;
    if (first === undefined || (!isFull && ends[first]! > starts[next]!)) {
      begin(next, starts[next]!);
      next += 1;
      continue;
    }
    const at = ends[first]!;
    working.pop();
    if (!isFull) continue;
    // Those in line that had ended before their turn leave it to the next.
    while (next < size && starts[next]! < at && working.length < slots) takeOver(first, at);
    if (wrong > MAX_WRONG * size) return undefined;
  }
  const gain = gainOf(jobs, since);
  const isSure = waited >= MIN_WAITED && gain >= Math.max(MIN_GAIN, MIN_GAIN_EACH * waited);
  return { jobs, slots, since, endedBy, waited, gain, isSure };
}

/**
 * Compares two accounts of when jobs end: their whole length is their work, or their length since their turn came.
 * Work is log-normal, with the mean and variance of its row.
 */
function gainOf({ list, starts, ends, size }: Jobs, since: Float64Array): number {
  const byRow = new Map<RowName, Pairs>();
  let gain = 0;
  let together = 1;
  for (let job = 0; job < size; job += 1) {
    const length = ends[job]! - starts[job]!;
    if (length <= 0) continue;
    const work = Math.max(ends[job]! - since[job]!, MIN_WORK * length);
    getOrMake(byRow, list[job]!.node.row!, () => new Pairs()).add(Math.log(length), Math.log(work));
    // The order of those that came at one time is not known: it explains nothing.
    together = job > 0 && starts[job] === starts[job - 1] ? together + 1 : 1;
    gain -= Math.log(together);
  }
  for (const pairs of byRow.values()) {
    const spread = MIN_DEVIATION ** 2;
    const ratio = (pairs.varianceA() + spread) / (pairs.varianceB() + spread);
    gain += pairs.count * (pairs.meanA() - pairs.meanB() + Math.log(ratio) / 2);
  }
  return gain;
}
