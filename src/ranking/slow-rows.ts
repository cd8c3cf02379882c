import { getOrMake } from '../bounded.js';
import type { Quantiles } from '../durations.js';
import { SLOW_SHARE } from '../insights/slow-tail.js';
import type { SlowEntryPoint, SlowRow, SlowSpan, Summary } from '../summary.js';
import { keyOfRow, type RowName } from '../trace/row-names.js';
import type { Flow, Flows } from '../waits/flows.js';
import { MIN_SLOW, type SampledRoot, type SlowSample } from './slow-sample.js';

const NANOS = 1e9;
const MAX_ROWS = 10;
const MAX_ENTRY_POINTS = 20;
export const MAX_SLOW_SPANS = 3;

/** Slow ones that take less than so many times as long as the typical ones are not worth a word. */
const MIN_SLOWDOWN = 1.25;
/** Of the time that the slow ones take longer. */
const MIN_OF_EXCESS = 0.25;
const MIN_MORE_SHARE = 0.1;
const MIN_ODDS_RATIO = 2;
const MAX_P_VALUE = 0.01;
/** A row that the typical ones hardly wait for is still behind a few slow ones by chance. */
const LEAST_CHANCE = 0.05;

type Mean = Pick<SlowRow, 'slowSeconds' | 'typicalSeconds' | 'traces' | 'slowest'> & RowName;
type Compared = Omit<SlowEntryPoint, 'rows'>;

/** Compares what the slowest of an entry point waited for with what the typical ones did. */
export function slowEntryPoint(
  { name, service }: RowName,
  durations: Quantiles,
  sample: SlowSample,
  flows: Flows,
): SlowEntryPoint | undefined {
  const { slow, typical } = sample.compared(durations);
  if (slow.length < MIN_SLOW || typical.length < MIN_SLOW) return undefined;
  const waits = new WaitsByRow(flows);
  const typicalNanos = meanByRow(typical.map((root) => waits.charged(root)));
  const charged = slow.map((root) => ({ root, byRow: waits.charged(root) }));
  const slowNanos = meanByRow(charged.map(({ byRow }) => byRow));
  const behind = new Map<RowName, SampledRoot[]>();
  for (const { root, byRow } of charged) {
    const most = rowWithMostExcess(byRow, typicalNanos);
    if (most !== undefined) getOrMake(behind, most, () => []).push(root);
  }
  const rows = [...new Set([...slowNanos.keys(), ...typicalNanos.keys()])].map((row): Mean => {
    const traces = behind.get(row) ?? [];
    return {
      ...{ name: row.name, service: row.service },
      slowSeconds: (slowNanos.get(row) ?? 0) / NANOS,
      typicalSeconds: (typicalNanos.get(row) ?? 0) / NANOS,
      ...{ traces: traces.length, slowest: slowestOf(traces) },
    };
  });
  const meanSeconds = (roots: readonly SampledRoot[]) =>
    roots.reduce((sum, { nanos }) => sum + nanos, 0) / roots.length / NANOS;
  return judged(
    {
      ...{ name, service, calls: durations.count },
      beyondSeconds: durations.at(1 - SLOW_SHARE) / NANOS,
      ...{ slowTraces: slow.length, slowSeconds: meanSeconds(slow) },
      ...{ typicalTraces: typical.length, typicalSeconds: meanSeconds(typical) },
    },
    rows,
  );
}

/** Adds the shares, and says which rows stand out; the row that makes the largest difference comes first. */
export function judged(point: Compared, means: readonly Mean[]): SlowEntryPoint {
  const rows = means.map((mean): SlowRow => {
    const slowShare = shareOf(mean.slowSeconds, point.slowSeconds);
    const typicalShare = shareOf(mean.typicalSeconds, point.typicalSeconds);
    const { name, service, slowSeconds, typicalSeconds, traces, slowest } = mean;
    const row = { name, service, slowSeconds, typicalSeconds, slowShare, typicalShare };
    const isCause = standsOut({ ...row, traces, slowest }, point, means.length);
    return { ...row, traces, ...(isCause ? { isCause } : {}), slowest };
  });
  rows.sort((a, b) => excessOf(b) - excessOf(a) || (keyOfRow(a) < keyOfRow(b) ? -1 : 1));
  return { ...point, rows: rows.slice(0, MAX_ROWS) };
}

/** The slow traces are behind a row more often than its share of the time would have it. */
function standsOut(row: SlowRow, point: Compared, candidates: number): boolean {
  const { slowShare, typicalShare, traces } = row;
  const { slowSeconds, typicalSeconds, slowTraces } = point;
  if (traces < MIN_SLOW || slowSeconds < MIN_SLOWDOWN * typicalSeconds) return false;
  if (excessOf(row) < MIN_OF_EXCESS * (slowSeconds - typicalSeconds)) return false;
  if (slowShare - typicalShare < MIN_MORE_SHARE) return false;
  if (slowShare * (1 - typicalShare) < MIN_ODDS_RATIO * typicalShare * (1 - slowShare))
    return false;
  const chance = Math.min(1, Math.max(typicalShare, LEAST_CHANCE));
  return atLeastByChance(traces, slowTraces, chance) * candidates <= MAX_P_VALUE;
}

/** As a summary has them. */
export function mostExcess(points: readonly SlowEntryPoint[]): Pick<Summary, 'slow'> {
  if (points.length === 0) return {};
  const excessOfAll = (point: SlowEntryPoint) => point.calls * excessOf(point);
  const sorted = [...points].sort(
    (a, b) => excessOfAll(b) - excessOfAll(a) || (keyOfRow(a) < keyOfRow(b) ? -1 : 1),
  );
  return { slow: sorted.slice(0, MAX_ENTRY_POINTS) };
}

export function excessOf({ slowSeconds, typicalSeconds }: Mean | Compared): number {
  return slowSeconds - typicalSeconds;
}

function shareOf(seconds: number, all: number): number {
  return all > 0 ? seconds / all : 0;
}

/** How often at least `count` of `of` come, where each does with this chance: the tail of a binomial. */
function atLeastByChance(count: number, of: number, chance: number): number {
  let term = (1 - chance) ** of;
  let below = 0;
  for (let at = 0; at < count; at += 1) {
    below += term;
    term *= ((of - at) / (at + 1)) * (chance / (1 - chance));
  }
  return chance === 1 ? 1 : Math.max(0, 1 - below);
}

/** Charges the waits of a row to the rows that it waited for, as the ranking does, and leaves idle time out. */
class WaitsByRow {
  readonly #known = new Map<RowName, readonly Flow[]>();

  constructor(private readonly flows: Flows) {}

  charged({ boxes }: SampledRoot): Map<RowName, number> {
    const byRow = new Map<RowName, number>();
    const add = (row: RowName, nanos: number) => byRow.set(row, (byRow.get(row) ?? 0) + nanos);
    for (const [{ row }, nanos] of boxes) {
      add(row, nanos);
      for (const flow of getOrMake(this.#known, row, () => this.flows.from(row, 1))) {
        add(row, -flow.nanos * nanos);
        if (!flow.isIdle) add(flow.to, flow.nanos * nanos);
      }
    }
    return byRow;
  }
}

function meanByRow(roots: readonly ReadonlyMap<RowName, number>[]): Map<RowName, number> {
  const means = new Map<RowName, number>();
  for (const byRow of roots) {
    for (const [row, nanos] of byRow) means.set(row, (means.get(row) ?? 0) + nanos / roots.length);
  }
  return means;
}

function rowWithMostExcess(
  byRow: ReadonlyMap<RowName, number>,
  typical: ReadonlyMap<RowName, number>,
): RowName | undefined {
  let most: RowName | undefined;
  let excess = 0;
  for (const [row, nanos] of byRow) {
    const more = nanos - (typical.get(row) ?? 0);
    if (more <= excess) continue;
    most = row;
    excess = more;
  }
  return most;
}

function slowestOf(roots: readonly SampledRoot[]): SlowSpan[] {
  return [...roots]
    .sort((a, b) => b.nanos - a.nanos || (a.traceId < b.traceId ? -1 : 1))
    .slice(0, MAX_SLOW_SPANS)
    .map(({ traceId, spanId, nanos }) => ({ traceId, spanId, seconds: nanos / NANOS }));
}
