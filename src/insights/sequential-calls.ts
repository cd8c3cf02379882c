import { formatCount, formatSeconds } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { mayBeStepOfLoop } from './call-names.js';
import { ByRow, followsAtOnce, MIN_SHARE_OF_PARENT, NANOS } from './rule.js';
import type { Family, FamilyVisitor, InsightRule } from './rule.js';
import { Shown } from './shown.js';
import { titleOf } from './titles.js';

export const MIN_RUN = 2;
/** Where no run is so long, it takes so many of them. */
const LONG_RUN = 3;
/** Of questions in a row, the next is often about the answer to the one before: to classify, to plan, to answer. */
const LONG_RUN_OF_QUESTIONS = 4;
const MIN_SHORT_RUNS = 5;
/** The variant of a row that tells of different tools inside it. */
const OF_TOOLS = 1;

class Runs extends Shown {
  runs = 0;
  calls = 0;
  longestRun = 0;
  criticalNanos = 0;
  savedNanos = 0;
  ofTools = 0;
}

/** Finds siblings of one row, or calls of tools, in a row, where none seems to need the one before. */
export function sequentialCalls(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Runs());
  return {
    addFamily: (family) =>
      family.children.length < MIN_RUN ? undefined : new RunFinder(rows, family),
    findings: () =>
      rows.findings(
        'sequential-calls',
        ({ runs, calls, longestRun, ofTools, ...nanos }, name, row) => {
          if (ofTools === 0 && longestRun < LONG_RUN && runs < MIN_SHORT_RUNS) return undefined;
          const criticalSeconds = nanos.criticalNanos / NANOS;
          const savingSeconds = nanos.savedNanos / NANOS;
          return {
            message:
              `${formatCount(calls)} calls of ${ofTools === 0 ? name : `tools inside ${name}`} ran one ` +
              `after another, up to ${formatCount(longestRun)} in a row, and nothing in the traces shows ` +
              `that they had to. Start ${longestRun === 2 ? 'both' : `all ${formatCount(longestRun)}`} before ` +
              `awaiting any: saves up to ${formatSeconds(savingSeconds)}`,
            ...(ofTools === 0 ? {} : { title: titleOf('sequential-calls: tools', row.name) }),
            evidence: { runs, calls, longestRun, criticalSeconds },
            savingSeconds,
          };
        },
      ),
  };
}

class RunFinder implements FamilyVisitor {
  #at = 0;
  /** Where the run began that the last child is in. */
  #start = 0;
  #lastRow: RowName | undefined = undefined;

  constructor(
    private readonly rows: ByRow<Runs>,
    private readonly family: Family,
  ) {}

  add(child: SpanNode | undefined): void {
    const row = child && (child.row ?? this.rows.rowOf(child.record));
    const before = this.family.children[this.#at - 1];
    if (before === undefined || child === undefined || !this.#follows(before, child, row)) {
      this.#endRun();
    }
    this.#lastRow = row;
    this.#at += 1;
  }

  end(): void {
    this.#endRun();
  }

  #follows(before: SpanNode, after: SpanNode, row: RowName | undefined): boolean {
    const areTools = before.record.facts.isToolCall === true && after.record.facts.isToolCall;
    if (areTools !== true && row !== this.#lastRow) return false;
    return followsAtOnce(before, after);
  }

  #endRun(): void {
    const { children } = this.family;
    const [start, end] = [this.#start, this.#at];
    this.#start = end;
    if (end - start < MIN_RUN) return;
    // A child that is not to be looked at is a run of its own.
    const run = children.slice(start, end) as SpanNode[];
    const before = children[start - 1];
    // Work on what a model says comes as the model says it.
    if (this.#isBesideModel(before, run[0]!) || this.#isBesideModel(children[end], run[0]!)) return;
    if (this.#mayBeIndependent(run, before)) this.#addRun(run);
  }

  #isBesideModel(call: SpanNode | undefined, work: SpanNode): boolean {
    if (call === undefined || !this.family.tokens.asksModel(call)) return false;
    return call.startNanos < work.startNanos && call.endNanos > work.startNanos;
  }

  /** Tools that a model asked for together, or calls whose name is not that of steps of a loop. */
  #mayBeIndependent(run: readonly SpanNode[], before: SpanNode | undefined): boolean {
    const { tokens } = this.family;
    const [{ record }] = run as [SpanNode];
    if (record.facts.isToolCall === true) return before !== undefined && tokens.asksModel(before);
    if (run.length < LONG_RUN_OF_QUESTIONS && run.some((call) => tokens.asksModel(call)))
      return false;
    return !mayBeStepOfLoop(this.rows.rowOf(record).name);
  }

  #addRun(run: readonly SpanNode[]): void {
    const { parent, tokens, found } = this.family;
    const { rowOf } = this.rows;
    const first = run[0]!.record;
    if (found?.has(rowOf(first)) === true) return;
    let sum = 0;
    let longest = 0;
    for (const { criticalInsideNanos } of run) {
      sum += criticalInsideNanos;
      longest = Math.max(longest, criticalInsideNanos);
    }
    const saved = sum - longest;
    if (saved <= 0 || saved < MIN_SHARE_OF_PARENT * (parent.endNanos - parent.startNanos)) return;
    if (tokens.mayBuildUp(run)) return;
    const isOneRow = run.every(({ record }) => rowOf(record) === rowOf(first));
    // With different tools it is their caller that should call them otherwise.
    const runs = this.rows.of(isOneRow ? first : parent.operation, isOneRow ? 0 : OF_TOOLS);
    runs.runs += 1;
    runs.calls += run.length;
    runs.longestRun = Math.max(runs.longestRun, run.length);
    runs.criticalNanos += sum;
    runs.savedNanos += saved;
    if (!isOneRow) runs.ofTools += 1;
    runs.show(parent);
  }
}
