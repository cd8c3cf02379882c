import { getOrMake } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { HeldTrace } from './held-trace.js';
import { Jobs, latestStart, type Job } from './jobs.js';
import { firstPlace } from './lists.js';
import { bestLine, type Line } from './line.js';
import { Stretch } from './stretches.js';

/** Rows that take less of all time are left alone, and so are further rows. */
const MIN_SHARE = 0.005;
const MAX_ROWS = 12;
const MAX_POOLS = 4;
const MIN_JOBS = 8;
/** What a further row must explain to belong to a pool, as a logarithm of likelihoods. */
const MIN_GAIN_OF_ROW = 3;
/** The share of a row's spans that may seem to be inside those of another with which it shares a pool. */
const MAX_NESTED = 0.05;

/** So many jobs are searched for pools. */
const MAX_SEARCHED = 2_048;

/** Rows whose spans wait, at their start, for one of some slots; which they hold to their end. */
interface Pool {
  readonly rows: readonly RowName[];
  readonly line: Line;
}

/**
 * Pools whose slots spans wait for inside, so that no span shows the wait: `query` takes a connection, waits
 * for it if there is none, and gives it back at its end.
 *
 *     query  ├────────────┤
 *     report    ├──────────────────────────┤
 *     query       ╌╌╌╌╌╌╌╌╌├───────┤                 two slots: it began to work when the first ended
 *     query          ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌├──────┤
 */
export class KnownPools {
  #looks = 0;
  /** The rows of each. */
  readonly #known: (readonly RowName[])[] = [];

  /**
   * Finds the waits for slots, as parts of the spans that waited: for those of pools that are known, and sometimes
   * of others, as the search takes its time.
   *
   * @param explained rows for whose waits there is a better explanation
   */
  *find(traces: readonly HeldTrace[], explained: ReadonlySet<RowName>): Sliced<Stretch[]> {
    const waits: Stretch[] = [];
    this.#looks += 1;
    const isSearch = Number.isInteger(Math.log2(this.#looks));
    for (const byRow of (yield* jobsByRow(traces, explained)).values()) {
      for (const rows of this.#known) yield* takeWaits(rows, byRow, waits);
      while (isSearch && this.#known.length < MAX_POOLS) {
        const pool = yield* findPool(firstOf(byRow));
        if (pool === undefined) break;
        this.#known.push(pool.rows);
        yield* takeWaits(pool.rows, byRow, waits);
        for (const row of pool.rows) byRow.delete(row);
      }
    }
    return waits;
  }
}

/** Adds the waits for the slots of a pool, if these rows are one: then no other has them. */
function* takeWaits(
  known: readonly RowName[],
  byRow: Map<RowName, Jobs>,
  waits: Stretch[],
): Sliced {
  const rows = known.filter((row) => byRow.has(row));
  const { line } = (yield* poolOf(rows, byRow, 0)) ?? {};
  if (line?.isSure !== true) return;
  for (const row of rows) byRow.delete(row);
  const { jobs, slots, since, endedBy } = line;
  for (let at = 0; at < jobs.size; at += 1) {
    if (endedBy[at]! < 0) continue;
    const { node, trace } = jobs.list[at]!;
    const end = { ...jobs.list[endedBy[at]!]!, atNanos: since[at]! };
    const wait = new Stretch(node, trace, undefined, jobs.starts[at]!, since[at]!, end);
    wait.slots = slots;
    waits.push(wait);
  }
}

/** The jobs that began first: a pool shows in some. */
function firstOf(byRow: ReadonlyMap<RowName, Jobs>): ReadonlyMap<RowName, Jobs> {
  const starts = [...byRow.values()].flatMap((jobs) => [...jobs.starts]);
  if (starts.length <= MAX_SEARCHED) return byRow;
  const until = Float64Array.from(starts).sort()[MAX_SEARCHED]!;
  const first = [...byRow].map(([row, { list, starts: own }]) => {
    const count = firstPlace(own, (start) => start > until);
    return [row, new Jobs(list.slice(0, Math.min(count, MAX_SEARCHED)))] as const;
  });
  return new Map(first.filter(([, { size }]) => size >= MIN_JOBS));
}

/** Returns what these rows would be as a pool, if that explains more than `least`. */
function* poolOf(
  rows: readonly RowName[],
  byRow: ReadonlyMap<RowName, Jobs>,
  least: number,
): Sliced<Pool | undefined> {
  const jobs = rows.map((row) => byRow.get(row)!);
  if (jobs.length === 0 || isNested(rows, jobs)) return undefined;
  const line = yield* bestLine(Jobs.merge(jobs));
  return line !== undefined && line.gain > least ? { rows, line } : undefined;
}

/** Adds row after row to the one or two that look most like a pool. */
function* findPool(byRow: ReadonlyMap<RowName, Jobs>): Sliced<Pool | undefined> {
  const rows = [...byRow.keys()];
  let best: Pool | undefined;
  for (const [at, row] of rows.entries()) {
    for (const other of rows.slice(at)) {
      const tried = row === other ? [row] : [row, other];
      best = (yield* poolOf(tried, byRow, best?.line.gain ?? 0)) ?? best;
    }
  }
  for (let last: Pool | undefined; best !== undefined && best !== last;) {
    last = best;
    for (const row of rows) {
      if (last.rows.includes(row)) continue;
      const least = Math.max(last.line.gain + MIN_GAIN_OF_ROW, best.line.gain);
      best = (yield* poolOf([...last.rows, row], byRow, least)) ?? best;
    }
  }
  return best?.line.isSure === true ? best : undefined;
}

/** Returns by service, since every process has pools of its own, the rows that could wait for one. */
function* jobsByRow(
  traces: readonly HeldTrace[],
  explained: ReadonlySet<RowName>,
): Sliced<Map<string, Map<RowName, Jobs>>> {
  const lists = new Map<RowName, { nanos: number; list: Job[] }>();
  let total = 0;
  for (const trace of traces) {
    for (const root of trace.roots) total += root.endNanos - root.startNanos;
    yield* forEachInSlices(trace.nodes.length, (at) => {
      const node = trace.nodes[at]!;
      if (node.row === undefined || node.stillRunning || explained.has(node.row)) return;
      // What runs without a pause waits for nobody.
      if (node.record.facts.blockedSeconds !== undefined) return;
      const found = getOrMake(lists, node.row, () => ({ nanos: 0, list: [] }));
      found.nanos += latestStart(node) - node.startNanos;
      found.list.push({ node, trace });
    });
  }
  yield;
  const rows = [...lists]
    .filter(([, { nanos, list }]) => list.length >= MIN_JOBS && nanos >= MIN_SHARE * total)
    .sort((a, b) => b[1].nanos - a[1].nanos)
    .slice(0, MAX_ROWS);
  const byService = new Map<string, Map<RowName, Jobs>>();
  for (const [row, { list }] of rows) {
    getOrMake(byService, row.service, () => new Map<RowName, Jobs>()).set(row, Jobs.of(list));
  }
  yield;
  return byService;
}

/** `true` if spans are inside others of them: those do not wait for each other. A few may be so by an error. */
function isNested(rows: readonly RowName[], jobs: readonly Jobs[]): boolean {
  return jobs.some((inner) =>
    rows.some((row, at) => {
      const most = MAX_NESTED * Math.min(inner.size, jobs[at]!.size);
      return (inner.inside().get(row) ?? 0) > most;
    }),
  );
}
