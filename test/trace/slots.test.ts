import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulate, Slots, type Program, type Segment } from '../../scripts/accuracy/simulator.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { findSlots } from '../../src/trace/slots.js';
import { buildTraceTree, type SpanNode } from '../../src/trace/trace-tree.js';
import { durationsIf } from '../../src/trace/what-if.js';
import { analyzed } from '../support/analyzed.js';

/** Children of one parent, as `row start end`. */
function slotsOf(text: string) {
  const spans = text
    .trim()
    .split(/\s*,\s*/)
    .map((span, at) => {
      const [name = '', start, end] = span.split(' ');
      return { id: String(at), name, parent: 'root', start: Number(start), end: Number(end) };
    });
  const end = Math.max(...spans.map((span) => span.end));
  const [root] = analyzed([{ id: 'root', start: 0, end }, ...spans]).roots;
  const byStart = (a: SpanNode, b: SpanNode) => a.startNanos - b.startNanos;
  return findSlots([...root!.children].sort(byStart), 0);
}

describe('siblings in slots', () => {
  it('start as soon as one of them ends, whichever', () => {
    const text = 'read 0 10, ocr 0 40, read 10 25, ocr 25 60, read 40 52, read 52 65';
    expect(slotsOf(text)).toEqual([{ count: 2, first: 0, last: 5, isLimited: true }]);
  });

  it('are followed by what waits for all of them', () => {
    const text = 'read 0 10, ocr 0 40, read 10 25, ocr 25 60, read 40 52, read 52 65, index 65 90';
    expect(slotsOf(text)).toMatchObject([{ first: 0, last: 5 }]);
  });

  it.each([
    [
      'chains, whose rows follow each other in order',
      'a 0 10, x 0 40, b 10 25, c 25 60, y 40 52, z 52 65',
    ],
    [
      'a loop beside another, none beside itself',
      'eat 0 10, sleep 0 12, eat 10 22, sleep 12 21, sleep 21 30, eat 22 33',
    ],
    [
      'a chain that ends before the other goes on',
      'a 0 10, a 0 40, b 10 25, a 25 30, a 40 52, a 52 65',
    ],
    [
      'a step that starts beside them',
      'read 0 10, ocr 0 40, read 10 25, ocr 18 60, read 40 52, read 52 65',
    ],
  ])('are not %s', (_, text) => {
    expect(slotsOf(text)).toEqual([]);
  });
});

it('a limiter is replayed exactly: whatever gets faster, tasks take the slots that are free first', async () => {
  const task = fc.record({
    name: fc.constantFrom('read', 'scan'),
    millis: fc.integer({ min: 1, max: 99 }),
  });
  const limiters = fc.record({
    places: fc.integer({ min: 2, max: 4 }),
    tasks: fc.array(task, { minLength: 12, maxLength: 25 }),
    factor: fc.constantFrom(0, 0.5),
  });
  let looked = 0;
  const property = fc.asyncProperty(limiters, async ({ places, tasks, factor }) => {
    const program: Program = async (request) => {
      const slots = new Slots(places);
      const run = ({ name, millis }: (typeof tasks)[number]) =>
        slots.use(() => request.segment(name, (self: Segment) => self.work(millis)));
      // No two end at one moment: which slot is taken then is not known.
      const lengths = tasks.map(({ name, millis }, at) => ({
        name,
        millis: millis + 0.00917 * at ** 2,
      }));
      await Promise.all(lengths.map(run));
      await request.segment('index', 50);
    };
    const { records, totalNanos } = await simulate(program, 0);
    const tree = buildTraceTree(records);
    analyzeTrace(tree, { toleranceNanos: 0 });
    const siblings = [...tree.roots[0]!.children].sort((a, b) => a.startNanos - b.startNanos);
    const [series] = findSlots(siblings, 0);
    if (series?.first !== 0 || series.last !== tasks.length - 1) return;
    const faster = await simulate(program, 0, { row: 'read', factor });
    const [predicted] = durationsIf(tree, ({ name }) => name === 'read', factor, {
      toleranceNanos: 0,
    });
    expect(predicted).toBeLessThanOrEqual(totalNanos);
    looked += 1;
    expect(Math.abs(predicted! - faster.totalNanos)).toBeLessThanOrEqual(30);
  });
  await fc.assert(property, { numRuns: 100, seed: 1 });
  expect(looked).toBeGreaterThan(50);
});
