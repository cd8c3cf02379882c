import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedMap, Largest, RecentMap } from '../src/bounded.js';

describe('BoundedMap', () => {
  it('lets all keys beyond the limit share one value', () => {
    const map = new BoundedMap(2, () => ({ name: '(other)', count: 0 }));
    for (const name of ['a', 'b', 'c', 'a', 'd'])
      map.get(name, () => ({ name, count: 0 })).count += 1;
    expect(map.values()).toEqual([
      { name: 'a', count: 2 },
      { name: 'b', count: 1 },
      { name: '(other)', count: 2 },
    ]);
  });
});

describe('Largest', () => {
  it('keeps the largest in falling order, and of equals the first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 })), fc.integer({ min: 1, max: 5 }), (sizes, limit) => {
        const largest = new Largest<{ size: number; at: number }>(limit, ({ size }) => size);
        const items = sizes.map((size, at) => ({ size, at }));
        for (const item of items) largest.offer(item);
        const expected = [...items].sort((a, b) => b.size - a.size || a.at - b.at).slice(0, limit);
        expect(largest.list()).toEqual(expected);
      }),
    );
  });
});

describe('RecentMap', () => {
  it('knows the newest keys, and never more than twice as many as it has to', () => {
    fc.assert(
      fc.property(fc.nat({ max: 40 }), fc.integer({ min: 1, max: 5 }), (count, limit) => {
        const map = new RecentMap<number>(limit);
        const keys = Array.from({ length: count }, (_, at) => `key ${at}`);
        for (const [at, key] of keys.entries()) map.set(key, at);
        const known = keys.filter((key) => map.get(key) !== undefined);
        expect(known).toEqual(keys.slice(count - known.length));
        expect(known.length).toBeGreaterThanOrEqual(Math.min(count, limit));
        expect(known.length).toBeLessThanOrEqual(2 * limit);
        for (const key of known) expect(map.get(key)).toBe(keys.indexOf(key));
      }),
    );
  });
});
