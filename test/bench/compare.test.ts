import { expect, test } from 'vitest';
import { ratio, spread, takeTurns } from '../../bench/compare.js';

test('sides take turns in one order and then the other, and only what comes after the warm-up counts', async () => {
  const calls: string[] = [];
  const side = (name: string) => ({
    name,
    prepare: () => void calls.push(`${name}?`),
    run: () => void calls.push(name),
  });
  const measured = await takeTurns([side('a'), side('b')], { rounds: 2, warmUp: 1, units: 1 });
  expect(calls.join(' ')).toBe('b? b a? a a? a b? b b? b a? a');
  expect(measured.map(({ name, costs }) => [name, costs.length])).toEqual([
    ['a', 2],
    ['b', 2],
  ]);
});

test('each iteration of a round is one call', async () => {
  let calls = 0;
  const run = () => void (calls += 1);
  await takeTurns([{ name: 'a', run }], { rounds: 3, warmUp: 2, iterations: 4, units: 1 });
  expect(calls).toBe(20);
});

test('what a side throws ends the comparison', async () => {
  const run = () => {
    throw new Error('broken');
  };
  await expect(takeTurns([{ name: 'a', run }], { rounds: 1, warmUp: 0, units: 1 })).rejects.toThrow(
    'broken',
  );
});

test('the ratio is that of the rounds, of the time or of the processor time', () => {
  const costs = (busy: number[], cpu: number[]) =>
    busy.map((value, round) => ({ busy: value, cpu: cpu[round]! }));
  const bare = { name: 'bare', costs: costs([1, 2, 4], [2, 2, 2]) };
  const other = { name: 'other', costs: costs([2, 2, 12], [3, 3, 3]) };
  expect(ratio(other, bare)).toEqual({ min: 1, median: 2, max: 3 });
  expect(ratio(other, bare, 'cpu').median).toBe(1.5);
  expect(spread(other).median).toBe(2);
});
