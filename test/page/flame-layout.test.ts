import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findBoxes,
  hasMeasure,
  layersOf,
  layFlame,
  rowsIn,
  shownBoxes,
  stepFrom,
  viewOf,
  type Measure,
} from '../../src/page/flame-layout.js';
import { MEASURES } from '../../src/page/flame-words.js';
import type { CallPath } from '../../src/pictures.js';

function path(name: string, criticalSeconds: number, more: Partial<CallPath> = {}): CallPath {
  return { name, service: 'shop', calls: 1, criticalSeconds, selfSeconds: 0, ...more };
}

const seconds = fc.oneof(
  fc.double({ min: 0, max: 1000, noNaN: true }),
  fc.constantFrom(0, 1e-9, -1, NaN, Infinity),
);
const anyPaths: fc.Arbitrary<CallPath[]> = fc
  .array(
    fc.record({
      above: fc.nat(1000),
      criticalSeconds: seconds,
      slowSeconds: seconds,
      typicalSeconds: seconds,
      means: fc.constantFrom(undefined, undefined, 'failed' as const, 'wait' as const),
    }),
    { maxLength: 80 },
  )
  .map((drawn) =>
    drawn.map(({ above, means, ...figures }, at) => ({
      ...path(`row ${above % 5}`, 0),
      ...figures,
      ...(above % 7 !== 0 && at > 0 && { parent: above % (at + 1) }),
      ...(means !== undefined && { means }),
    })),
  );
const anyMeasure = fc.constantFrom<Measure>(...Object.values(MEASURES));

describe('layFlame', () => {
  it('places children in their parent, the widest first', () => {
    const boxes = layFlame(
      [path('ask', 1), path('search', 2, { parent: 0 }), path('answer', 5, { parent: 0 })],
      MEASURES.critical,
    );
    expect(boxes.map(({ from, to, depth }) => [from * 8, to * 8, depth])).toEqual([
      [0, 8, 0],
      [0, 8, 1],
      [5, 7, 2],
      [0, 5, 2],
    ]);
  });

  it('colours only what keeps over half of its time to itself', () => {
    const boxes = layFlame(
      [
        path('ask', 1),
        path('answer', 5, { parent: 0 }),
        path('answer', 2, { parent: 1, means: 'failed' }),
        path('answer', 1, { parent: 1, means: 'backoff' }),
      ],
      MEASURES.critical,
    );
    expect(boxes.map(({ look }) => look.hue)).toEqual(['pass', 'pass', 'wait', 'waste', 'waste']);
    expect(boxes.map(({ look }) => look.isHatched)).toEqual([false, false, false, false, true]);
  });

  it('tells slow from typical by the own difference, not by that of all inside', () => {
    const paths = [
      path('ask', 0, { slowSeconds: 1, typicalSeconds: 1 }),
      path('answer', 0, { parent: 0, slowSeconds: 9, typicalSeconds: 3 }),
      path('search', 0, { parent: 0, slowSeconds: 1, typicalSeconds: 3 }),
    ];
    const looks = layFlame(paths, MEASURES.slow).map(({ look }) => look);
    expect(looks.map(({ hue }) => hue)).toEqual(['pass', 'pass', 'waste', 'wait']);
    expect(looks[2]!.level).toBeGreaterThan(looks[3]!.level);
  });

  it('takes a parent that does not come before its child for none', () => {
    for (const parent of [0, 7, -1, 0.5, NaN]) {
      expect(layFlame([path('ask', 1, { parent })], MEASURES.critical)[1]).toMatchObject({
        depth: 1,
      });
    }
  });

  it('has nothing to show without figures', () => {
    expect(hasMeasure([path('ask', 1)], MEASURES.cost)).toBe(false);
    expect(layersOf(layFlame([], MEASURES.critical))).toEqual([]);
    expect(layersOf(layFlame([path('ask', NaN), path('x', -1)], MEASURES.critical))).toEqual([]);
  });

  it('keeps boxes of one depth apart, and children in their parents', () => {
    fc.assert(
      fc.property(anyPaths, anyMeasure, (paths, measure) => {
        const boxes = layFlame(paths, measure);
        for (const { from, to, parent } of boxes.slice(1)) {
          expect(from).toBeLessThanOrEqual(to);
          expect(from).toBeGreaterThanOrEqual(boxes[parent]!.from);
          expect(to).toBeLessThanOrEqual(boxes[parent]!.to);
        }
        for (const layer of layersOf(boxes)) {
          layer.slice(1).forEach((box, at) => {
            expect(boxes[box]!.from).toBeGreaterThanOrEqual(boxes[layer[at]!]!.to);
          });
        }
      }),
    );
  });
});

describe('shownBoxes', () => {
  it('keeps what is drawn apart and in the picture, whatever is zoomed in', () => {
    fc.assert(
      fc.property(
        anyPaths,
        fc.nat(80),
        fc.integer({ min: 1, max: 1300 }),
        (paths, zoom, pixels) => {
          const boxes = layFlame(paths, MEASURES.critical);
          const view = viewOf(boxes[zoom % boxes.length]!);
          for (const layer of layersOf(boxes)) {
            let end = 0;
            for (const { x, width } of shownBoxes(boxes, layer, view, pixels)) {
              expect(x).toBeGreaterThanOrEqual(end - 1e-6);
              end = x + width;
            }
            expect(end).toBeLessThanOrEqual(pixels + 1e-6);
          }
        },
      ),
    );
  });

  it('draws thousands of narrow boxes as a few', () => {
    const paths = Array.from({ length: 5000 }, (_, at) => path(`row ${at}`, 1));
    const boxes = layFlame(paths, MEASURES.critical);
    const shown = shownBoxes(boxes, layersOf(boxes)[1]!, viewOf(boxes[0]!), 1000);
    expect(shown.length).toBeLessThan(500);
    expect(shown.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(1000);
  });

  it('lets boxes above the zoomed one fill the width', () => {
    const boxes = layFlame([path('ask', 1), path('answer', 1, { parent: 0 })], MEASURES.critical);
    const view = viewOf(boxes[2]!);
    expect(rowsIn(boxes, view)).toBe(3);
    for (const layer of layersOf(boxes)) {
      expect(shownBoxes(boxes, layer, view, 100)).toMatchObject([{ x: 0, width: 100 }]);
    }
  });
});

describe('stepFrom', () => {
  const boxes = layFlame(
    [path('ask', 1), path('search', 2, { parent: 0 }), path('answer', 5, { parent: 0 })],
    MEASURES.critical,
  );
  const layers = layersOf(boxes);
  const go = (from: number, keys: string[], zoom = 0) =>
    keys.reduce((at, key) => stepFrom(boxes, layers, at, key, viewOf(boxes[zoom]!)), from);

  it('goes down to the widest box, aside, and back', () => {
    expect(go(0, ['ArrowDown', 'ArrowDown'])).toBe(3);
    expect(go(3, ['ArrowRight'])).toBe(2);
    expect(go(2, ['ArrowLeft'])).toBe(3);
    expect(go(3, ['ArrowUp', 'ArrowUp'])).toBe(0);
    expect(go(3, ['Home'])).toBe(0);
  });

  it('stays where there is nothing, and in what is zoomed in', () => {
    expect(go(0, ['ArrowUp'])).toBe(0);
    expect(go(3, ['ArrowDown'])).toBe(3);
    expect(go(3, ['ArrowRight'], 3)).toBe(3);
  });
});

describe('findBoxes', () => {
  it('counts the time of a box that is in a found one once', () => {
    const boxes = layFlame(
      [path('ask', 1), path('answer', 2, { parent: 0 }), path('answer', 1, { parent: 1 })],
      MEASURES.critical,
    );
    const { found, share } = findBoxes(boxes, (box) => box.path?.name === 'answer');
    expect([...found]).toEqual([2, 3]);
    expect(share).toBe(0.75);
  });
});
