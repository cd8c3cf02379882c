import { expect, it } from 'vitest';
import { criticalMicros, TOOL_CASES } from '../../scripts/accuracy/other-tools.js';

it.each(TOOL_CASES)('$tool, $what: the same, or the page says why not', (one) => {
  if (one.otherwise === undefined) expect(criticalMicros(one)).toEqual(one.finds);
  else expect(criticalMicros(one)).not.toEqual(one.finds);
});

it.each(TOOL_CASES)('a thousand times slower, the shares are the same: $tool, $what', (one) => {
  expect(criticalMicros(one, 1_000)).toEqual(criticalMicros(one));
});
