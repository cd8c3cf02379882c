import { describe, expect, it } from 'vitest';
import { CASES } from '../../scripts/accuracy/programs.js';
import { simulate } from '../../scripts/accuracy/simulator.js';
import { runAtOnce } from '../../src/trace/slices.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import type { SpanRecord } from '../../src/trace/span-record.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { findSavings, TAKEN_OVER_BELOW, type TraceSavings } from '../../src/trace/what-if.js';

function analyzed(records: readonly SpanRecord[]) {
  const tree = buildTraceTree(records);
  analyzeTrace(tree, { toleranceNanos: 0 });
  const critical = new Map<string, number>();
  for (const { operation, criticalNanos } of tree.nodes) {
    critical.set(operation.name, (critical.get(operation.name) ?? 0) + criticalNanos);
  }
  return { tree, critical };
}

describe('the branch that would take over', () => {
  const determined = CASES.filter(({ otherwise }) => otherwise === undefined);

  it.each(determined)('is the one that really does: $title', async ({ program }) => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const { tree, critical } = analyzed((await simulate(program, seed)).records);
      const savings: TraceSavings = new Map();
      const options = { keyOf: ({ name }: SpanRecord) => name, toleranceNanos: 0 };
      runAtOnce(findSavings(tree, savings, options));
      for (const [row, { savedNanos, criticalNanos, takenOver = [] }] of savings) {
        if (savedNanos >= TAKEN_OVER_BELOW * criticalNanos) expect(takenOver).toEqual([]);
        const without = analyzed((await simulate(program, seed, { row, factor: 0 })).records);
        for (const [other, nanos] of takenOver) {
          const more = without.critical.get(other)! - (critical.get(other) ?? 0);
          expect(Math.abs(nanos - more)).toBeLessThan(100);
        }
      }
    }
  });

  it('is named in some programs', async () => {
    const promiseAll = CASES.find(({ title }) => title === 'Promise.all')!;
    const { tree } = analyzed((await simulate(promiseAll.program, 0)).records);
    const savings: TraceSavings = new Map();
    runAtOnce(findSavings(tree, savings, { keyOf: ({ name }) => name }));
    expect(savings.get('search web')?.takenOver?.[0]).toEqual(['search papers', 1_750e6]);
  });
});
