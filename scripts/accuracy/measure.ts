import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { buildTraceTree, type TraceTree } from '../../src/trace/trace-tree.js';
import { durationsIf } from '../../src/trace/what-if.js';
import { savingsOf } from '../../test/support/analyzed.js';
import { CASES, type Case } from './programs.js';
import { simulate } from './simulator.js';

const FACTORS = [0, 0.5, 0.9];
/** Runs take whole nanoseconds. */
const ROUNDING_NANOS = 1;

/** One prediction, and what really happened. */
export interface Prediction {
  readonly row: string;
  readonly factor: number;
  readonly predictedNanos: number;
  readonly actualNanos: number;
}

/** The predictions for one program. */
export interface Measured {
  readonly case: Case;
  readonly totalNanos: number;
  readonly predictions: readonly Prediction[];
  /** The row with the largest saving, and the rows whose removal really helps most. */
  readonly topBySaving: string;
  readonly helpsMost: readonly string[];
}

/** Runs every program, predicts every change to it, and runs it again with the change. */
export async function measureAll(seed: number): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const one of CASES) measured.push(await measure(one, seed));
  return measured;
}

async function measure(one: Case, seed: number): Promise<Measured> {
  const { records, totalNanos } = await simulate(one.program, seed);
  const rows = [...new Set(records.filter((r) => !r.facts.attempt).map(({ name }) => name))];
  const tree = buildTraceTree(records);
  analyzeTrace(tree);
  const predictions: Prediction[] = [];
  for (const row of rows) {
    for (const factor of FACTORS) {
      const predicted = durationsIf(tree, ({ name }) => name === row, factor);
      const actual = await simulate(one.program, seed, { row, factor });
      predictions.push({
        row,
        factor,
        predictedNanos: predicted.reduce((sum, nanos) => sum + nanos, 0),
        actualNanos: actual.totalNanos,
      });
    }
  }
  const { nanos } = savingsOf(tree, { keyOf: ({ name }) => name });
  const removed = predictions.filter(({ factor }) => factor === 0);
  return {
    case: one,
    totalNanos,
    predictions,
    topBySaving: topOf(tree, nanos),
    helpsMost: fastest(removed),
  };
}

/** Returns the row with the largest saving; critical time breaks ties, as in the ranking. */
function topOf(tree: TraceTree, savings: ReadonlyMap<string, number>): string {
  const critical = new Map<string, number>();
  for (const { operation, criticalNanos } of tree.nodes) {
    critical.set(operation.name, (critical.get(operation.name) ?? 0) + criticalNanos);
  }
  const rows = [...savings.keys()].sort(
    (a, b) => savings.get(b)! - savings.get(a)! || critical.get(b)! - critical.get(a)!,
  );
  return rows[0]!;
}

function fastest(predictions: readonly Prediction[]): string[] {
  const least = Math.min(...predictions.map(({ actualNanos }) => actualNanos));
  return predictions.filter(({ actualNanos }) => actualNanos === least).map(({ row }) => row);
}

/** Returns how far off a prediction is, as a share of the run's total time. */
export function errorOf({ predictedNanos, actualNanos }: Prediction, totalNanos: number): number {
  const off = Math.abs(predictedNanos - actualNanos);
  return off <= ROUNDING_NANOS ? 0 : off / totalNanos;
}
