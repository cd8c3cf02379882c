import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutCritical, ribbonOf, sumPieces } from '../../src/page/critical-pieces.js';
import { treeOf } from '../../src/page/span-tree.js';
import { layWaterfall, MOST_OPEN_ROWS } from '../../src/page/waterfall-layout.js';
import type { PictureSpan } from '../../src/pictures.js';

type More = Partial<Omit<PictureSpan, 'name' | 'startSeconds' | 'endSeconds'>>;

let ids = 0;
function span(
  name: string,
  startSeconds: number,
  endSeconds: number,
  more: More = {},
): PictureSpan {
  return { spanId: String((ids += 1)), service: 'shop', name, startSeconds, endSeconds, ...more };
}

/** Each row as its name and the times that are drawn on it. */
function rowsOf(spans: readonly PictureSpan[], open: readonly string[] = []) {
  const { rows } = layWaterfall(treeOf(spans), { open: new Set(open) });
  return rows.map((row) => [
    ' '.repeat(row.depth) + row.spans[0]!.span.name,
    ...row.spans.map(({ from, to }) => `${from}-${to}`),
  ]);
}

const time = fc.oneof(
  fc.double({ min: 0, max: 20, noNaN: true }),
  fc.integer({ min: 0, max: 20 }),
  fc.constantFrom(NaN, -3, Infinity, -Infinity, 1e300),
);
const anySpans: fc.Arbitrary<PictureSpan[]> = fc.array(
  fc.record(
    {
      spanId: fc.constant('1'),
      service: fc.constant('shop'),
      name: fc.constantFrom('ask', 'answer', 'search'),
      startSeconds: time,
      endSeconds: time,
      parent: fc.integer({ min: -1, max: 90 }),
      row: fc.constantFrom('ask', 'answer'),
      critical: fc.array(time, { maxLength: 6 }),
      waits: fc.array(
        fc.record(
          { from: time, to: time, name: fc.constant('slot'), by: fc.integer({ min: -1, max: 99 }) },
          { requiredKeys: ['from', 'to'] },
        ),
        { maxLength: 3 },
      ),
      attempt: fc.record(
        {
          number: fc.nat(3),
          outcome: fc.constantFrom('success', 'error'),
          backoffSeconds: time,
        },
        { requiredKeys: ['number'] },
      ),
    },
    { requiredKeys: ['spanId', 'service', 'name', 'startSeconds', 'endSeconds'] },
  ),
  { maxLength: 90 },
);

describe('layWaterfall', () => {
  it('gives spans side by side rows of their own, by their start', () => {
    expect(
      rowsOf([
        span('ask', 0, 9),
        span('answer', 5, 9, { parent: 0 }),
        span('search', 1, 4, { parent: 0 }),
        span('search', 2, 5, { parent: 0 }),
        span('query', 2, 3, { parent: 3 }),
      ]),
    ).toEqual([
      ['ask', '0-9'],
      [' search', '1-4'],
      [' search', '2-5'],
      ['  query', '2-3'],
      [' answer', '5-9'],
    ]);
  });

  it('draws the attempts of an operation on its row', () => {
    const spans = [
      span('answer', 0, 9),
      span('answer attempt', 0, 3, { parent: 0, attempt: { number: 1, outcome: 'timeout' } }),
      span('POST', 0, 3, { parent: 1, row: 'answer' }),
      span('answer attempt', 4, 9, { parent: 0, attempt: { number: 2, outcome: 'success' } }),
    ];
    expect(rowsOf(spans)).toEqual([['answer', '0-9']]);
    expect(layWaterfall(treeOf(spans)).rowOf).toEqual([0, 0, 0, 0]);
  });

  it('keeps attempts side by side apart, as of a hedged call', () => {
    expect(
      rowsOf([
        span('answer', 0, 9),
        span('answer attempt', 0, 9, { parent: 0, attempt: { number: 1 } }),
        span('answer attempt', 4, 8, { parent: 0, attempt: { number: 2 } }),
      ]),
    ).toEqual([
      ['answer', '0-9'],
      [' answer attempt', '4-8'],
    ]);
  });

  it('packs calls of one kind that follow one another into one row', () => {
    const reads = [0, 1, 2, 3].map((at) => span('read', at, at + 1, { parent: 0 }));
    expect(rowsOf([span('ask', 0, 9), ...reads, span('read', 1.5, 2.5, { parent: 0 })])).toEqual([
      ['ask', '0-9'],
      [' read', '0-1', '1-2', '2-3', '3-4'],
      [' read', '1.5-2.5'],
    ]);
  });

  it('leaves calls of one kind beside the path together if there are many rows', () => {
    const spans = [span('ask', 0, 99, { critical: [0, 99] })];
    for (let at = 0; at < 500; at += 1) {
      spans.push(span('fetch', at / 9, 99, { parent: 0 }), span('parse', at, 99));
      spans[spans.length - 1] = { ...spans.at(-1)!, parent: spans.length - 2 };
    }
    const nodes = treeOf(spans);
    const { rows, rowOf } = layWaterfall(nodes);
    expect(rows.length).toBeLessThanOrEqual(MOST_OPEN_ROWS);
    const many = rows.find(({ isMany }) => isMany)!;
    expect([many.spans.length, many.hidden]).toEqual([497, 994]);
    expect(rowOf[1000]).toBe(rows.indexOf(many));
    const opened = layWaterfall(nodes, { open: new Set([many.id]) });
    expect(opened.rows.length).toBeGreaterThan(497);
  });

  it('closes what took least of the users’ time, and opens the way to a chosen span', () => {
    const spans = [span('ask', 0, 99)];
    for (let at = 0; at < 20; at += 1) {
      const parent = spans.length;
      spans.push(span(`step ${at}`, at, at + 1, { parent: 0, critical: [at, at + at / 40] }));
      for (const name of ['a', 'b', 'c', 'd']) spans.push(span(name, at, at + 0.5, { parent }));
    }
    const nodes = treeOf(spans);
    const { rows } = layWaterfall(nodes);
    expect(rows.length).toBeLessThanOrEqual(MOST_OPEN_ROWS);
    const hidden = rows.filter((row) => row.hidden > 0).map((row) => row.spans[0]!.span.name);
    expect(hidden).toEqual(Array.from(hidden, (_, at) => `step ${at}`));
    const shown = nodes[2]!;
    const { rowOf, rows: withIt } = layWaterfall(nodes, { shown });
    expect(withIt[rowOf[2]!]!.spans).toEqual([shown]);
  });

  it('keeps the spans of a row apart, each span on one row, and the rows few', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const nodes = treeOf(spans);
        const { rows, rowOf } = layWaterfall(nodes);
        expect(rows.length).toBeLessThanOrEqual(Math.max(MOST_OPEN_ROWS, 0));
        expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
        rows.forEach((row, at) => {
          for (const node of row.spans) expect(rowOf[node.index]).toBe(at);
          if (row.isMany) return;
          row.spans.slice(1).forEach((node, before) => {
            expect(node.from).toBeGreaterThanOrEqual(row.spans[before]!.to - 1e-6);
          });
        });
        for (const row of rowOf) expect(rows[row]).toBeDefined();
      }),
    );
  });

  it('takes a chain as deep as there are spans', () => {
    const spans = Array.from({ length: 3000 }, (_, at) => {
      return span('step', 0, 9, at > 0 ? { parent: at - 1 } : {});
    });
    const nodes = treeOf(spans);
    expect(layWaterfall(nodes).rows.length).toBeLessThanOrEqual(MOST_OPEN_ROWS);
    expect(layWaterfall(nodes, { shown: nodes[2999]! }).rows.length).toBe(3000);
  });

  it('takes a parent that does not come before its child for none', () => {
    for (const parent of [0, 1, -1, 0.5, NaN]) {
      expect(rowsOf([span('ask', 0, 1, { parent }), span('x', 1, 2)])).toHaveLength(2);
    }
    expect(layWaterfall([])).toEqual({ rows: [], rowOf: [] });
  });
});

describe('cutCritical', () => {
  it('cuts the critical path where a wait or a backoff begins and ends', () => {
    const nodes = treeOf([
      span('answer', 0, 10, { critical: [0, 5, 6, 10], waits: [{ from: 1, to: 2, name: 'slot' }] }),
      span('answer attempt', 2, 3, { parent: 0, attempt: { number: 1, outcome: 'error' } }),
      span('answer attempt', 4, 5, {
        ...{ parent: 0, critical: [4.5, 5] },
        attempt: { number: 2, outcome: 'error', backoffSeconds: 1 },
      }),
    ]);
    const told = (at: number) =>
      cutCritical(nodes[at]!).map(({ kind, from, to }) => `${kind} ${from}-${to}`);
    expect(told(0)).toEqual([
      'own 0-1',
      'wait 1-2',
      'own 2-3',
      'backoff 3-4',
      'own 4-5',
      'own 6-10',
    ]);
    expect(told(2)).toEqual(['failed 4.5-5']);
  });

  it('counts what ran in an attempt that failed as wasted', () => {
    const nodes = treeOf([
      span('answer attempt', 0, 5, { attempt: { number: 1 }, errorType: 'timeout' }),
      span('query', 0, 5, { parent: 0, critical: [0, 5] }),
    ]);
    expect(cutCritical(nodes[1]!)).toMatchObject([{ kind: 'failed', from: 0, to: 5 }]);
  });
});

describe('ribbonOf', () => {
  it('tells where no span says what users waited for', () => {
    const nodes = treeOf([span('ask', 0, 9, { critical: [1, 4, 6, 9] })]);
    const ribbon = ribbonOf(nodes, 10);
    expect(ribbon.map(({ kind, from, to }) => `${kind} ${from}-${to}`)).toEqual([
      ...['gap 0-1', 'own 1-4', 'gap 4-6', 'own 6-9', 'gap 9-10'],
    ]);
    const { byKind, byKey } = sumPieces(nodes, ribbon);
    expect([byKind.get('gap'), byKey.get('shop\nask')]).toEqual([4, 6]);
  });

  it('tiles the trace from its start to its end, whatever the spans say', () => {
    fc.assert(
      fc.property(anySpans, time, (spans, seconds) => {
        const ribbon = ribbonOf(treeOf(spans), seconds);
        let end = 0;
        for (const { from, to } of ribbon) {
          expect(from).toBe(end);
          expect(to).toBeGreaterThan(from);
          end = to;
        }
        expect(end).toBe(Number.isFinite(seconds) ? Math.max(seconds, 0) : 0);
      }),
    );
  });
});
