import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeInSlices, analyzeTrace } from '../../src/trace/analyze-trace.js';
import { Ranking } from '../../src/ranking/ranking.js';
import { forEachInSlices, runAtOnce, SLICE, sortInSlices } from '../../src/trace/slices.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { seededRandom } from '../support/random.js';
import { records, type SpanSketch } from '../support/trace.js';

const SPANS = 3 * SLICE;
const CONTEXT = { originEpochMillis: 1.7e12, toleranceNanos: 0 };

/** Parents, times, errors and calls as they come; a third of the spans below one parent. */
function anyLargeTrace(seed: number): SpanSketch[] {
  const random = seededRandom(seed);
  const upTo = (count: number) => Math.floor(random.uniform() * count);
  const facts = [
    {},
    { isToolCall: true as const },
    { llmCall: { provider: 'p', model: 'm', requestModel: 'm' }, inputTokens: 10, costUsd: 0.5 },
    { attempt: { number: 2, outcome: 'error' as const, backoffSeconds: 0 } },
  ];
  return Array.from({ length: SPANS }, (_, index) => {
    const start = index === 0 ? 0 : upTo(SPANS);
    const parent = random.happens(0.4) ? 0 : upTo(Math.min(index, 50));
    return {
      id: `s${index}`,
      name: `step ${index === 0 ? 'root' : index % 7}`,
      ...(index === 0 ? {} : { parent: `s${parent}` }),
      start,
      end: index === 0 ? SPANS : start + upTo(40),
      facts: random.happens(0.2) ? facts[upTo(4)]! : facts[0]!,
      ...(random.happens(0.05) ? { error: 'AbortError' } : {}),
    };
  });
}

/** One after another below the root, as many short calls are. */
const SEQUENCE: SpanSketch[] = Array.from({ length: SPANS }, (_, index) => ({
  id: `s${index}`,
  name: index === 0 ? 'root' : 'query',
  ...(index === 0 ? {} : { parent: 's0' }),
  start: index === 0 ? 0 : index,
  end: index === 0 ? SPANS : index + 1,
}));

describe('in slices', () => {
  it.each([
    ['a sequence', SEQUENCE],
    ['the same, the other way round', [SEQUENCE[0]!, ...SEQUENCE.slice(1).reverse()]],
    ['any trace', anyLargeTrace(1)],
    ['another', anyLargeTrace(2)],
  ])('a large trace comes to the same: %s', (_, spans) => {
    const atOnce = new Ranking();
    const tree = buildTraceTree(records(spans));
    analyzeTrace(tree, CONTEXT);
    atOnce.addTrace(tree, CONTEXT);

    const sliced = new Ranking();
    const other = buildTraceTree(records(spans));
    let turns = 0;
    for (const work of [analyzeInSlices(other, CONTEXT), sliced.addInSlices(other, CONTEXT)]) {
      while (work.next().done !== true) turns += 1;
    }
    expect(turns).toBeGreaterThan(20);
    const now = { nowEpochMillis: 1.8e12 };
    expect(sliced.toSummary(now)).toEqual(atOnce.toSummary(now));
  });

  it('a list is sorted as it is otherwise, equal items in their order', () => {
    const list = fc.array(fc.nat({ max: 50 }), { minLength: SLICE, maxLength: 3 * SLICE });
    fc.assert(
      fc.property(list, (numbers) => {
        const items = numbers.map((number, index) => ({ number, index }));
        const byNumber = (a: { number: number }, b: { number: number }) => a.number - b.number;
        const sorted = runAtOnce(sortInSlices(items, byNumber));
        expect(sorted).toEqual([...items].sort(byNumber));
      }),
      { numRuns: 20 },
    );
  });

  it.each([0, 1, SLICE - 1, SLICE, SLICE + 1, 2 * SLICE])('all of %d have their turn', (count) => {
    const seen: number[] = [];
    runAtOnce(forEachInSlices(count, (index) => seen.push(index)));
    expect(seen).toEqual(Array.from({ length: count }, (_, index) => index));
  });
});
