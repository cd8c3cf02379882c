import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Replay } from '../../src/trace/replay.js';
import { runAtOnce } from '../../src/trace/slices.js';
import type { SpanRecord } from '../../src/trace/span-record.js';
import type { SpanNode, TraceTree } from '../../src/trace/trace-tree.js';
import { durationsIf } from '../../src/trace/what-if.js';
import { analyzed, savingsOf } from '../support/analyzed.js';
import { anyTrace, sequentialTrace } from '../support/arbitrary-trace.js';
import type { SpanSketch } from '../support/trace.js';

const RUNS = { numRuns: 2_000 };
const EXACT = { toleranceNanos: 0 };
const TOLERANCES = fc.constantFrom(0, 300_000, 1_000_000);

/** Several spans share a name, and a service or not. */
function named(traces: fc.Arbitrary<SpanSketch[]>): fc.Arbitrary<SpanSketch[]> {
  const names = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 8 });
  return fc.tuple(traces, names, names).map(([spans, byName, byService]) =>
    spans.map((span, index) => ({
      ...span,
      name: `n${byName[index % byName.length]}`,
      service: `s${byService[index % byService.length]! % 2}`,
    })),
  );
}

/** Critical seconds by name and service. */
function criticalOf(spans: readonly SpanSketch[], toleranceNanos: number): Map<string, number> {
  const rows = new Map<string, number>();
  for (const { record, criticalNanos } of analyzed(spans, { toleranceNanos }).nodes) {
    const key = `${record.service}\n${record.name}`;
    rows.set(key, (rows.get(key) ?? 0) + criticalNanos);
  }
  return rows;
}

/** Nanoseconds, straight from the replay, and whether a limiter may have let tasks in earlier. */
function replayedSaving(tree: TraceTree, key: string, factor: number) {
  const isMeant = (name: string, service: string) => `${service}\n${name}` === key;
  const rowOf = ({ record }: SpanNode) => (isMeant(record.name, record.service) ? 0 : 1);
  const replay = runAtOnce(Replay.of(tree, rowOf, EXACT));
  const nanos = replay.totalNanos() - replay.totalNanos(0, factor);
  return { nanos, hasLimiter: replay.hasLimiter };
}

/** Nanoseconds before and after a change. */
function replayed(
  tree: TraceTree,
  { name, service, factor }: { name: string; service?: string; factor: number },
  toleranceNanos: number,
) {
  const isChanged = (record: SpanRecord) =>
    record.name === name && (service === undefined || record.service === service);
  const durations = durationsIf(tree, isChanged, factor, { toleranceNanos });
  const sum = (nanos: readonly number[]) => nanos.reduce((total, each) => total + each, 0);
  const before = sum(tree.roots.map(({ startNanos, endNanos }) => endNanos - startNanos));
  const { hasLimiter } = runAtOnce(Replay.of(tree, () => 0, { toleranceNanos }));
  return { before, after: sum(durations), saving: before - sum(durations), hasLimiter };
}

function nanosOf({ roots: [root] }: TraceTree): number {
  return root!.endNanos - root!.startNanos;
}

function rowsOf(spans: readonly SpanSketch[]): { name: string; service: string }[] {
  const rows = spans.map(({ name = '', service = '' }) => ({ name, service }));
  return [...new Map(rows.map((row) => [`${row.service}\n${row.name}`, row])).values()];
}

describe('for any trace', () => {
  it('factor 1 changes nothing, with any tolerance', () => {
    fc.assert(
      fc.property(named(anyTrace(20, 40)), TOLERANCES, (spans, toleranceNanos) => {
        const tree = analyzed(spans, { toleranceNanos });
        const nanos = nanosOf(tree);
        expect(runAtOnce(Replay.of(tree, () => 0, { toleranceNanos })).totalNanos()).toBe(nanos);
        for (const { name } of rowsOf(spans)) {
          expect(replayed(tree, { name, factor: 1 }, toleranceNanos)).toMatchObject({
            before: nanos,
            after: nanos,
            saving: 0,
          });
        }
      }),
      RUNS,
    );
  });

  it('a saving is at least 0 and at most what the row was critical for, without any bound set and any limiter', () => {
    fc.assert(
      fc.property(named(anyTrace(20, 40)), (spans) => {
        const tree = analyzed(spans, EXACT);
        for (const [key, critical] of criticalOf(spans, 0)) {
          const { nanos, hasLimiter } = replayedSaving(tree, key, 0);
          expect(nanos).toBeGreaterThanOrEqual(0);
          expect(nanos).toBeLessThanOrEqual(hasLimiter ? nanosOf(tree) : critical);
        }
      }),
      RUNS,
    );
  });

  it('that holds for every factor in proportion, with any tolerance', () => {
    const factor = fc.constantFrom(0, 0.25, 0.5, 0.75, 1, 1.5, 3);
    fc.assert(
      fc.property(named(anyTrace(20, 12)), TOLERANCES, factor, (spans, toleranceNanos, by) => {
        const critical = criticalOf(spans, toleranceNanos);
        const tree = analyzed(spans, { toleranceNanos });
        for (const { name, service } of rowsOf(spans)) {
          const change = { name, service, factor: by };
          const { saving, hasLimiter } = replayed(tree, change, toleranceNanos);
          const most = hasLimiter ? nanosOf(tree) : critical.get(`${service}\n${name}`)!;
          expect(saving).toBeLessThanOrEqual((1 - by) * most);
          if (by < 1) expect(saving).toBeGreaterThanOrEqual(0);
        }
      }),
      RUNS,
    );
  });

  it('the faster the work, the larger the saving', () => {
    const factors = fc
      .uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 2, maxLength: 5 })
      .map((tenths) => tenths.sort((a, b) => a - b).map((tenth) => tenth / 10));
    fc.assert(
      fc.property(
        named(anyTrace(20, 40)),
        TOLERANCES,
        factors,
        (spans, toleranceNanos, ascending) => {
          const tree = analyzed(spans, { toleranceNanos });
          for (const { name } of rowsOf(spans)) {
            const savings = ascending.map(
              (factor) => replayed(tree, { name, factor }, toleranceNanos).saving,
            );
            for (let at = 1; at < savings.length; at += 1) {
              expect(savings[at]).toBeLessThanOrEqual(savings[at - 1]! + 1e-3);
            }
          }
        },
      ),
      RUNS,
    );
  });

  it('the order of arrival does not matter', () => {
    const shuffled = named(anyTrace(15, 20)).chain((spans) =>
      fc.tuple(
        fc.constant(spans),
        fc.shuffledSubarray(spans, { minLength: spans.length, maxLength: spans.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, TOLERANCES, ([spans, other], toleranceNanos) => {
        const savings = (of: readonly SpanSketch[]) =>
          savingsOf(analyzed(of, { toleranceNanos }), { toleranceNanos }).nanos;
        expect(new Map([...savings(other)].sort())).toEqual(new Map([...savings(spans)].sort()));
      }),
      RUNS,
    );
  });

  it('the savings of all rows are those of each alone', () => {
    fc.assert(
      fc.property(named(anyTrace(20, 40)), TOLERANCES, (spans, toleranceNanos) => {
        const tree = analyzed(spans, { toleranceNanos });
        const { nanos, notComputed } = savingsOf(tree, { toleranceNanos });
        expect(notComputed).toEqual([]);
        for (const { name, service } of rowsOf(spans)) {
          const { saving } = replayed(tree, { name, service, factor: 0 }, toleranceNanos);
          expect(nanos.get(`${service}\n${name}`) ?? 0).toBeCloseTo(saving, 3);
        }
      }),
      RUNS,
    );
  });

  it('a replay has the critical time of each row that the trace has', () => {
    fc.assert(
      fc.property(named(anyTrace(20, 40)), TOLERANCES, (spans, toleranceNanos) => {
        const { critical } = savingsOf(analyzed(spans, { toleranceNanos }), { toleranceNanos });
        const inTrace = [...criticalOf(spans, toleranceNanos)].filter(([, nanos]) => nanos > 0);
        expect([...critical.keys()].sort()).toEqual(inTrace.map(([key]) => key).sort());
        for (const [key, nanos] of inTrace) expect(critical.get(key)).toBeCloseTo(nanos, 3);
      }),
      RUNS,
    );
  });
});

describe('for a trace without parallel work', () => {
  it('a saving is the critical time', () => {
    fc.assert(
      fc.property(named(sequentialTrace()), TOLERANCES, (spans, toleranceNanos) => {
        const { nanos } = savingsOf(analyzed(spans, { toleranceNanos }), { toleranceNanos });
        for (const [key, critical] of criticalOf(spans, toleranceNanos)) {
          expect(nanos.get(key) ?? 0).toBe(critical);
        }
      }),
      RUNS,
    );
  });
});
