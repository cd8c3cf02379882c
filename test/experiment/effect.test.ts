import { describe, expect, it } from 'vitest';
import { effectOf, Requests, type PairOfPeriods } from '../../src/experiment/effect.js';
import { seededRandom, type Random } from '../support/random.js';

/** A pair of periods in which a second of delay makes a request `slope` seconds longer, beside all else that varies. */
function pairOf(slope: number, random: Random): PairOfPeriods {
  const pair = { slowed: new Requests(), normal: new Requests() };
  // Both periods of a pair are as busy as each other.
  const load = random.lognormal(1, 0.5);
  for (const [requests, delay] of [
    [pair.slowed, 0.02],
    [pair.normal, 0],
  ] as const) {
    for (let count = 0; count < 20; count += 1) {
      const seconds = load * random.lognormal(0.1, 0.2) + slope * delay;
      requests.add('request', seconds, delay);
    }
  }
  return pair;
}

describe('effectOf', () => {
  it.each([5, 30])('has the right slope in 95 of 100 intervals, of %i pairs', (pairs) => {
    const random = seededRandom(7);
    let covered = 0;
    const times = 1_000;
    for (let time = 0; time < times; time += 1) {
      const all = Array.from({ length: pairs }, () => pairOf(1.5, random));
      const { slope, low, high } = effectOf(all)!;
      expect(low).toBeLessThan(slope);
      if (low <= 1.5 && 1.5 <= high) covered += 1;
    }
    expect(covered / times).toBeGreaterThan(0.93);
    expect(covered / times).toBeLessThan(0.985);
  });

  it('is not misled by which entry points were asked for in which period', () => {
    const pairs = Array.from({ length: 6 }, (_, index) => {
      const pair = { slowed: new Requests(), normal: new Requests() };
      const add = (requests: Requests, times: number, delay: number) => {
        requests.add('fast', 0.1 + delay, delay);
        for (let time = 0; time < times; time += 1) requests.add('slow', 9 + delay, delay);
      };
      add(pair.slowed, 1 + (index % 3), 0.1);
      add(pair.normal, 3 - (index % 3), 0);
      return pair;
    });
    expect(effectOf(pairs)!.slope).toBeCloseTo(1, 9);
    expect(effectOf(pairs)!.high).toBeCloseTo(1, 9);
  });

  it('says nothing of fewer than 5 pairs, of pairs without a counterpart, and without delays', () => {
    const random = seededRandom(1);
    const pairs = Array.from({ length: 5 }, () => pairOf(1, random));
    expect(effectOf(pairs)).toBeDefined();
    expect(effectOf(pairs.slice(1))).toBeUndefined();
    const alone = { slowed: new Requests(), normal: pairs[0]!.normal };
    expect(effectOf([...pairs.slice(1), alone])).toBeUndefined();
    const undelayed = pairs.map(({ normal }) => ({ normal, slowed: normal }));
    expect(effectOf(undelayed)).toBeUndefined();
  });

  it('keeps 20 entry points apart, and no more', () => {
    const requests = new Requests();
    for (let entry = 0; entry < 1_000; entry += 1) requests.add(`GET /${entry}`, 1, 0);
    expect(requests.byEntry.size).toBe(21);
  });
});
