import { expectTypeOf, it } from 'vitest';
import type { OverallChanges, RowChanges } from '../../src/summaries/diff.js';
import type { ComparedName } from '../../src/summaries/figures.js';

it('the types of a diff name what the table of figures compares', () => {
  expectTypeOf<keyof OverallChanges>().toEqualTypeOf<ComparedName<'all'>>();
  expectTypeOf<keyof RowChanges>().toEqualTypeOf<ComparedName<'row'>>();
});
