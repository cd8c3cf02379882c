import { expect, it } from 'vitest';
import { figures, path } from '../support/analyzed.js';
import { picture } from '../support/picture.js';

it('is critical up to the end of the parent, and has all of its self time', () => {
  const trace = `
    root   |--------|
    . a      |-----------|
  `;
  expect(path(trace)).toBe('rraaaaaaa');
  expect(figures(trace).a).toEqual({ self: 12, critical: 7 });
});

it('is not what the parent waited for while another child was', () => {
  // `log` was written beside the work, and nobody waited for its end.
  expect(
    path(`
      root     |----------|
      . log    |---------------------|
      . work    |--------|
    `),
  ).toBe('lwwwwwwwwwl');
});

it('explains what happened inside it, when a server span ends before its handler', () => {
  // The response was sent, the span of the server ended, the handler still tidies up.
  expect(
    path(`
      root         |-----------|
      . handler    |----------------|
      . . model      |-----|
      . . tidy                  |--|
    `),
  ).toBe('hhmmmmmmhhhh');
});

it('lets the one that started first explain, when several outlive', () => {
  expect(
    path(`
      root   |--------|
      . b      |-----------|
      . a    |--------------|
    `),
  ).toBe('aaaaaaaaa');
});

it('goes from one that outlives into another below it', () => {
  expect(
    path(`
      root      |-----------|
      . a       |--------------|
      . . b       |-------------|
      . . . c             ||
      . . d          |---|
      . e        |---|
    `),
  ).toBe('aeeeeddddbcb');
});

it('cuts a child in another process without such a doubt: its clock is another', () => {
  const trace = picture(`
    root       |----------|
    . xlate    |-----------|
    . work     |--------|
  `);
  const remote = trace.map((span) => (span.id === 'xlate' ? { ...span, remote: true } : span));
  expect(path(trace)).toBe('wwwwwwwwwxx');
  expect(path(remote)).toBe('xxxxxxxxxxx');
});
