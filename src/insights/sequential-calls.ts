import { formatCount, formatSeconds } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { ByRow, MIN_SHARE_OF_PARENT, NANOS } from './rule.js';
import type { Family, FamilyVisitor, InsightRule } from './rule.js';

export const MIN_RUN = 3;
/** Tools that ran without a call of a model between them were asked for together. */
const MIN_TOOL_RUN = 2;
/** Calls that overlap by less of the shorter one still follow each other: clocks are not exact. */
const MAX_OVERLAP = 0.1;
/** The variant of a row that tells of different tools inside it. */
const OF_TOOLS = 1;

class Runs {
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
      family.children.length < MIN_TOOL_RUN ? undefined : new RunFinder(rows, family),
    findings: () =>
      rows.findings('sequential-calls', ({ runs, calls, longestRun, ofTools, ...nanos }, name) => {
        if (runs === 0) return undefined;
        const criticalSeconds = nanos.criticalNanos / NANOS;
        const savingSeconds = nanos.savedNanos / NANOS;
        return {
          message:
            `${formatCount(calls)} calls of ${ofTools === 0 ? name : `tools inside ${name}`} ran one ` +
            `after another, up to ${formatCount(longestRun)} in a row, and nothing in the traces shows ` +
            `that they had to. Running them in parallel saves up to ${formatSeconds(savingSeconds)}`,
          evidence: { runs, calls, longestRun, criticalSeconds },
          savingSeconds,
        };
      }),
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
    const shorter = Math.min(
      before.endNanos - before.startNanos,
      after.endNanos - after.startNanos,
    );
    return after.startNanos >= before.endNanos - MAX_OVERLAP * shorter;
  }

  #endRun(): void {
    const { children } = this.family;
    const [start, end] = [this.#start, this.#at];
    this.#start = end;
    const isOfTools = children[start]?.record.facts.isToolCall === true;
    if (end - start < (isOfTools ? MIN_TOOL_RUN : MIN_RUN)) return;
    // A child that is not to be looked at is a run of its own.
    this.#addRun(children.slice(start, end) as SpanNode[]);
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
  }
}
