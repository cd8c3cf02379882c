import { describe, expect, it } from 'vitest';
import type { SpanNode } from '../../src/trace/trace-tree.js';
import { Explanation } from '../../src/waits/explanation.js';
import type { HeldTrace } from '../../src/waits/held-trace.js';
import { Stretch } from '../../src/waits/stretches.js';

/** Requests of which each waits, until nearly its end, for the next ones, and the last ones for the first. */
function waitsInCircles(count: number, each: number) {
  const nodes = Array.from({ length: count }, (_, at) => ({
    startNanos: at,
    endNanos: 1_000 * count + at,
    children: [],
    waitedFor: true,
    outlives: false,
    row: { name: `job ${at}`, service: '' },
  })) as unknown as SpanNode[];
  const trace = { originNanos: 0, toleranceNanos: 0 } as HeldTrace;
  const stretchesOf = (at: number) =>
    Array.from({ length: each }, (_, part) => {
      const node = nodes[(at + part + 1) % count]!;
      const startNanos = at + 1 + (part * 1_000 * count) / each;
      const endNanos = startNanos + (900 * count) / each;
      const cause = { node, trace, atNanos: endNanos - (at % 7) };
      return new Stretch(nodes[at]!, trace, undefined, startNanos, endNanos, cause);
    });
  return new Map(nodes.map((node, at) => [node, stretchesOf(at)]));
}

describe('an explanation', () => {
  it.each([
    [50, 1],
    [50, 4],
    [300, 3],
  ])('of %i requests that wait for each other, %i times each, comes to an end', (count, each) => {
    const stretches = waitsInCircles(count, each);
    const explanation = new Explanation(stretches, new Map());
    let slices = 0;
    const work = explanation.all();
    while (work.next().done !== true) slices += 1;
    expect(slices).toBeLessThan(50);
    for (const stretch of [...stretches.values()].flat()) {
      const { byRow, idleNanos } = explanation.of(stretch)!;
      const worked = [...byRow.values()].reduce((sum, { nanos }) => sum + nanos, idleNanos);
      expect(worked).toBeLessThanOrEqual(stretch.endNanos - stretch.startNanos + 1e-3);
    }
  });
});
