import { formatCount, formatSeconds } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { ByRow, NANOS, type Family, type InsightRule } from './rule.js';

const MIN_RUN = 3;
/** Tools that ran without a call of a model between them were asked for together. */
const MIN_TOOL_RUN = 2;
/** Calls that overlap by less of the shorter one still follow each other: clocks are not exact. */
const MAX_OVERLAP = 0.1;
/** Of the time of the parent, or a run is not worth a look. */
const MIN_SHARE_OF_PARENT = 0.1;
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
      family.children.length < MIN_TOOL_RUN ? undefined : addRuns(rows, family),
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

function* addRuns(rows: ByRow<Runs>, family: Family): Sliced {
  const { children } = family;
  let start = 0;
  let lastRow: RowName | undefined;
  const endRun = (end: number) => {
    const isOfTools = children[start]?.record.facts.isToolCall === true;
    if (end - start >= (isOfTools ? MIN_TOOL_RUN : MIN_RUN)) {
      // A child that is not to be looked at is a run of its own.
      addRun(rows, family, children.slice(start, end) as SpanNode[]);
    }
    start = end;
  };
  yield* forEachInSlices(children.length, (at) => {
    const child = children[at];
    const before = children[at - 1];
    const row = child && rows.rowOf(child.record);
    const isNext = before !== undefined && child !== undefined && follows(before, child);
    if (!isNext || !(row === lastRow || areTools(before, child))) endRun(at);
    lastRow = row;
  });
  endRun(children.length);
}

function areTools(before: SpanNode, after: SpanNode): boolean {
  return before.record.facts.isToolCall === true && after.record.facts.isToolCall === true;
}

function follows(before: SpanNode, after: SpanNode): boolean {
  const shorter = Math.min(before.endNanos - before.startNanos, after.endNanos - after.startNanos);
  return after.startNanos >= before.endNanos - MAX_OVERLAP * shorter;
}

function addRun(rows: ByRow<Runs>, { parent, tokens, found }: Family, run: readonly SpanNode[]) {
  const first = run[0]!.record;
  if (found?.has(rows.rowOf(first)) === true) return;
  let sum = 0;
  let longest = 0;
  for (const { criticalInsideNanos } of run) {
    sum += criticalInsideNanos;
    longest = Math.max(longest, criticalInsideNanos);
  }
  const saved = sum - longest;
  if (saved <= 0 || saved < MIN_SHARE_OF_PARENT * (parent.endNanos - parent.startNanos)) return;
  if (tokens.mayBuildUp(run)) return;
  const isOneRow = run.every(({ record }) => rows.rowOf(record) === rows.rowOf(first));
  // With different tools it is their caller that should call them otherwise.
  const runs = rows.of(isOneRow ? first : parent.operation, isOneRow ? 0 : OF_TOOLS);
  runs.runs += 1;
  runs.calls += run.length;
  runs.longestRun = Math.max(runs.longestRun, run.length);
  runs.criticalNanos += sum;
  runs.savedNanos += saved;
  if (!isOneRow) runs.ofTools += 1;
}
