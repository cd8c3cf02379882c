import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { movedBy, ticksOf, zoomedAt } from '../../src/page/time-axis.js';
import { afterKey, type Place } from '../../src/page/waterfall-keys.js';

describe('ticksOf', () => {
  const texts = (from: number, to: number) => ticksOf({ from, to }, 5).map(({ text }) => text);

  it('has round times in one unit', () => {
    expect(texts(0, 17.8)).toEqual(['0 s', '5 s', '10 s', '15 s']);
    expect(texts(0, 0.9)).toEqual(['0 ms', '200 ms', '400 ms', '600 ms', '800 ms']);
    expect(texts(0, 1.2)).toEqual(['0 s', '0.5 s', '1.0 s']);
    expect(texts(0, 600)).toEqual(['0 min', '2 min', '4 min', '6 min', '8 min', '10 min']);
  });

  it('has none where there is no time', () => {
    expect([texts(0, 0), texts(0, NaN), texts(0, Infinity)]).toEqual([[], [], []]);
  });

  it('has few, whatever is shown', () => {
    const time = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(time, fc.double({ min: 1e-6, max: 1e5, noNaN: true }), (from, length) => {
        expect(texts(from, from + length).length).toBeLessThanOrEqual(6);
      }),
    );
  });
});

describe('a range of time', () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  it('never leaves the trace', () => {
    const factor = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(part, factor, fc.double({ min: -2, max: 2, noNaN: true }), (at, by, share) => {
        const range = { from: 2, to: 8 };
        for (const { from, to } of [
          zoomedAt(range, by, 2 + 6 * at, 10),
          movedBy(range, share, 10),
        ]) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(10);
          expect(to).toBeGreaterThan(from);
        }
      }),
    );
  });
});

describe('afterKey', () => {
  const around = { rows: 3, seconds: 8, middle: 6 };
  const after = (keys: string[], place: Place = { range: { from: 0, to: 8 }, row: 0 }) =>
    keys.reduce((it, key) => afterKey(key, it, around) ?? it, place);

  it('moves between rows, and stays at the first and the last', () => {
    expect(after(['ArrowDown', 'ArrowDown', 'ArrowDown']).row).toBe(2);
    expect(after(['End', 'ArrowUp']).row).toBe(1);
    expect(after(['ArrowUp']).row).toBe(0);
  });

  it('zooms in on the row, moves in time, and shows all again', () => {
    expect(after(['=']).range).toEqual({ from: 3, to: 7 });
    expect(after(['+', 'ArrowLeft']).range).toEqual({ from: 2, to: 6 });
    expect(after(['+', 'ArrowLeft', '-']).range).toEqual({ from: 0, to: 8 });
    expect(after(['+', '+', 'Escape']).range).toEqual({ from: 0, to: 8 });
  });

  it('leaves other keys to others', () => {
    expect(afterKey('a', { range: { from: 0, to: 8 }, row: 0 }, around)).toBeUndefined();
  });
});
