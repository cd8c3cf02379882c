import { expect, it } from 'vitest';
import { figures, path } from '../support/analyzed.js';
import { picture } from '../support/picture.js';

const trace = `
  root      |------|
  . later             |-----|
  . . deep              |--|
`;

it('keeps its self time and has no critical time', () => {
  expect(path(trace)).toBe('rrrrrrr');
  expect(figures(trace)).toEqual({
    root: { self: 7, critical: 7 },
    later: { self: 3, critical: 0 },
    deep: { self: 3, critical: 0 },
  });
});

it('does not wait for a consumer, whenever it runs', () => {
  const sketch = picture(`
    root    |---------|
    . job     |------|
  `).map((span) => (span.id === 'job' ? { ...span, kind: 'consumer' as const } : span));
  expect(path(sketch)).toBe('rrrrrrrrrr');
});
