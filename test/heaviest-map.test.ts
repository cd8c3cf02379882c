import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaviestMap } from '../src/heaviest-map.js';

interface Counted {
  readonly key: string;
  weight: number;
}

const counting = (limit: number) =>
  new HeaviestMap<Counted>(limit, {
    makeOther: () => ({ key: '(other)', weight: 0 }),
    weightOf: ({ weight }) => weight,
    merge: (other, { weight }) => (other.weight += weight),
  });

function add(map: HeaviestMap<Counted>, key: string, weight: number): void {
  map.get(key, () => ({ key, weight: 0 })).weight += weight;
}

const events = fc.array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 20 })), { maxLength: 200 });
const limits = fc.integer({ min: 1, max: 8 });

describe('HeaviestMap', () => {
  it('keeps what is heavy, whoever came first', () => {
    const map = counting(10);
    for (let at = 0; at < 100; at += 1) add(map, `trifle ${at}`, 1);
    for (let at = 0; at < 10; at += 1) add(map, 'bottleneck', 1_000);
    for (let at = 100; at < 200; at += 1) add(map, `trifle ${at}`, 1);
    expect(map.find('bottleneck')).toEqual({ key: 'bottleneck', weight: 10_000 });
    // Nothing with its hash was given up: its figures are whole.
    expect(map.missed('bottleneck')).toBe(0);
    expect(map.values()).toHaveLength(11);
  });

  it('lets all beyond the limit share one value, the lightest first', () => {
    const map = counting(2);
    for (const [key, weight] of [
      ['a', 3],
      ['b', 1],
      ['c', 2],
    ] as const)
      add(map, key, weight);
    expect(map.values()).toEqual([
      { key: 'a', weight: 3 },
      { key: 'c', weight: 2 },
      { key: '(other)', weight: 1 },
    ]);
  });

  it('keeps sums exact, all that has more than a limitth of the weight, and bounds what is missed', () => {
    fc.assert(
      fc.property(events, limits, (list, limit) => {
        const map = counting(limit);
        const truth = new Map<string, number>();
        let all = 0;
        for (const [name, weight] of list) {
          const key = `key ${name}`;
          add(map, key, weight);
          truth.set(key, (truth.get(key) ?? 0) + weight);
          all += weight;
        }
        const values = map.values();
        expect(values.reduce((sum, { weight }) => sum + weight, 0)).toBe(all);
        expect(values.length).toBeLessThanOrEqual(limit + 1);
        for (const [key, weight] of truth) {
          const kept = map.find(key)?.weight ?? 0;
          expect(kept + map.missed(key)).toBeGreaterThanOrEqual(weight);
          expect(map.missed(key)).toBeLessThanOrEqual(all / limit);
          if (weight > all / limit) expect(map.find(key)).toBeDefined();
        }
      }),
    );
  });

  it('agrees with Space-Saving that looks at every key each time', () => {
    fc.assert(
      fc.property(events, limits, (list, limit) => {
        const map = counting(limit);
        const slow = new Map<string, number>();
        for (const [at, [name, size]] of list.entries()) {
          const key = `key ${name}`;
          // No two keys weigh the same, or either could go.
          const weight = size + 1 + at / 1_000 + at * 1e-7;
          add(map, key, weight);
          if (!slow.has(key) && slow.size >= limit) {
            const [lightest, least] = [...slow].reduce((a, b) => (b[1] < a[1] ? b : a));
            slow.delete(lightest);
            slow.set(key, least);
          }
          slow.set(key, (slow.get(key) ?? 0) + weight);
        }
        const kept = map.values().filter(({ key }) => key !== '(other)');
        expect(kept.map(({ key }) => key).sort()).toEqual([...slow.keys()].sort());
      }),
    );
  });

  it('can take keys out, and goes on', () => {
    fc.assert(
      fc.property(events, limits, fc.nat({ max: 30 }), (list, limit, gone) => {
        const map = counting(limit);
        for (const [at, [name, weight]] of list.entries()) {
          if (at % 7 === 3) map.delete(`key ${gone}`);
          add(map, `key ${name}`, weight);
          expect(map.find(`key ${name}`)).toBeDefined();
          expect(map.values().length).toBeLessThanOrEqual(limit + 1);
        }
      }),
    );
  });
});
