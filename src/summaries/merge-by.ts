import { groupBounded, groupBy, OTHER } from '../bounded.js';
import { dearestFirst, MAX_VALUES, weightOf } from '../ranking/by-values.js';
import type { ByAttribute, ByValue } from '../summary.js';
import type { Whole } from './figure.js';
import { mergeFigures } from './merge-figures.js';

export function mergeBy(by: readonly ByAttribute[], whole: Whole): ByAttribute[] {
  const groups = groupBy(by, ({ attribute }) => attribute);
  return [...groups].map(([attribute, same]) => {
    const values = same.flatMap((each) => each.values);
    return { attribute, values: dearestFirst(mergeValues(values, whole)) };
  });
}

function mergeValues(values: readonly ByValue[], whole: Whole): ByValue[] {
  const keyOf = ({ value }: Pick<ByValue, 'value'>) => value;
  const sizeOf = ({ criticalSeconds, costUsd = 0 }: ByValue) => weightOf(criticalSeconds, costUsd);
  const groups = groupBounded(values, MAX_VALUES, { value: OTHER }, keyOf, sizeOf);
  return groups.map(({ items, named: { value } }) => ({
    value,
    ...mergeFigures('by', items, whole),
    ...(items.some(({ isAtLeast }) => isAtLeast) ? { isAtLeast: true } : {}),
  }));
}
