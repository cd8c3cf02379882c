import { getOrMake } from '../bounded.js';
import type { SavingDoubt } from '../summary.js';
import { isCancelled } from '../trace/self-time.js';
import type { RowName } from '../trace/row-names.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { JointEnds } from './joint-ends.js';
import { Races } from './races.js';

/** Of the row's critical time or, for those that lose races, of its spans: less does not move its saving. */
const MIN_SHARE = 0.05;
/** The names of errors of what was given up: `TimeoutError`, `DEADLINE_EXCEEDED`, `ETIMEDOUT`. */
const GIVEN_UP = /time.?d?.?out|deadline/i;

interface Counts {
  spans: number;
  cancelled: number;
  criticalNanos: number;
  givenUpNanos: number;
  /** In traces that were too large to look for waits in. */
  unknownNanos: number;
  /** In which streams waited that were ahead of their reader. */
  aheadNanos: number;
}

/** Collects, from the traces that are replayed, why the saving of a row may be wrong. */
export class SavingDoubts {
  readonly races = new Races();
  readonly #joint = new JointEnds();
  readonly #counts = new Map<RowName, Counts>();
  #baseMillis: number | undefined = undefined;

  /**
   * The trace is ranked: its nodes know their rows.
   *
   * @param mayHaveWaits `true` if nobody looks for its waits
   */
  *see(tree: TraceTree, originEpochMillis: number, mayHaveWaits = false): Sliced {
    const { nodes } = tree;
    this.#baseMillis ??= originEpochMillis;
    yield* this.races.see(tree);
    yield* this.#joint.see(tree, (originEpochMillis - this.#baseMillis) * 1e6);
    yield* forEachInSlices(nodes.length, (at) => this.#count(nodes[at]!, mayHaveWaits));
    for (const { waiting, cause, nanos } of tree.streamWaits ?? []) {
      if (cause.row === undefined || !isAhead(waiting)) continue;
      getOrMake(this.#counts, cause.row, noCounts).aheadNanos += nanos;
    }
  }

  /**
   * Returns the first doubt of the table that holds for a row.
   *
   * @param hasKnownWaits whether it is known what the row waits for
   */
  rows(hasKnownWaits: (row: RowName) => boolean): Map<RowName, SavingDoubt> {
    const counts = [...this.#counts];
    const where = (holds: (of: Counts) => boolean) =>
      counts.filter(([, of]) => holds(of)).map(([row]) => row);
    const table: readonly (readonly [SavingDoubt, Iterable<RowName>])[] = [
      ['race', this.races.losingRows()],
      ['race', where(({ cancelled, spans }) => cancelled >= MIN_SHARE * spans && cancelled > 0)],
      ['timeout', where((of) => of.givenUpNanos > MIN_SHARE * of.criticalNanos)],
      ['stream', where((of) => of.aheadNanos > MIN_SHARE * of.criticalNanos)],
      ['unknown-wait', where((of) => of.unknownNanos > MIN_SHARE * of.criticalNanos)],
      ['unknown-wait', this.#joint.rows().filter((row) => !hasKnownWaits(row))],
    ];
    const doubts = new Map<RowName, SavingDoubt>();
    for (const [doubt, rows] of table) {
      for (const row of rows) if (!doubts.has(row)) doubts.set(row, doubt);
    }
    return doubts;
  }

  #count(node: SpanNode, mayHaveWaits: boolean): void {
    if (node.row === undefined) return;
    const counts = getOrMake(this.#counts, node.row, noCounts);
    counts.spans += 1;
    counts.criticalNanos += node.criticalNanos;
    if (mayHaveWaits) counts.unknownNanos += node.criticalNanos;
    if (isCancelled(node) && !node.waitedFor) counts.cancelled += 1;
    if (isGivenUp(node)) counts.givenUpNanos += node.criticalNanos;
  }
}

const noCounts = (): Counts => ({
  spans: 0,
  cancelled: 0,
  criticalNanos: 0,
  givenUpNanos: 0,
  unknownNanos: 0,
  aheadNanos: 0,
});

function isGivenUp({ record }: SpanNode): boolean {
  return record.facts.attempt?.outcome === 'timeout' || GIVEN_UP.test(record.errorType ?? '');
}

/** Checks whether most of what a reader took was no turn before one of the source, which had worked meanwhile. */
function isAhead({ record }: SpanNode): boolean {
  const turns = record.facts.stream?.turnsNanos ?? [];
  let readerNanos = 0;
  let aheadNanos = 0;
  // After the last item every source is done.
  for (let at = 1; at < turns.length - 2; at += 2) {
    readerNanos += turns[at]!;
    if (turns[at + 1] === 0) aheadNanos += turns[at]!;
  }
  return aheadNanos > readerNanos / 2;
}
