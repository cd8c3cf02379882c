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

const consuming = (text: string) =>
  picture(text).map((span) => (span.id === 'job' ? { ...span, kind: 'consumer' as const } : span));

it('does not wait for a consumer that ends later', () => {
  const sketch = consuming(`
    root    |---------|
    . job     |-----------|
  `);
  expect(path(sketch)).toBe('rrrrrrrrrr');
});

it('waited for a consumer that it contains, as one that adds to a queue and waits for the result', () => {
  const sketch = consuming(`
    root    |----------|
    . add    |--------|
    . . job    |-----|
  `);
  expect(path(sketch)).toBe('raajjjjjjar');
});
