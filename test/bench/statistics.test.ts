import { expect, test } from 'vitest';
import { median, ratiosOf, spreadOf } from '../../bench/statistics.js';

test('the median is the value in the middle, whatever the order, and leaves the values as they are', () => {
  const values = [9, 1, 5];
  expect(median(values)).toBe(5);
  expect(values).toEqual([9, 1, 5]);
});

test('the median of an even number of values is the mean of the two in the middle', () => {
  expect(median([4, 100, 2, 1])).toBe(3);
});

test('there is no median of nothing', () => {
  expect(() => median([])).toThrow(RangeError);
});

test('a spread has the smallest, the middle and the largest value', () => {
  expect(spreadOf([10, 2, 33])).toEqual({ min: 2, median: 10, max: 33 });
});

test('a machine that is slow for one round does not change the ratio of that round', () => {
  const bare = [10, 40, 10];
  const other = [12, 48, 12];
  expect(ratiosOf(other, bare)).toEqual([1.2, 1.2, 1.2]);
});

test('sides with different numbers of rounds cannot be compared', () => {
  expect(() => ratiosOf([1, 2], [1])).toThrow('as many rounds');
});
