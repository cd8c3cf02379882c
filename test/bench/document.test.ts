import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BEGIN, END, goals, placed } from '../../bench/document.js';
import { atMost } from '../../bench/section.js';
import { SECTIONS } from '../../bench/sections.js';
import { table, times } from '../../bench/markdown.js';

test('what is written by hand around the figures stays as it is', () => {
  const page = `# By hand\n\n${BEGIN}\n\nold\n\n${END}\n\nAlso by hand\n`;
  expect(placed(page, 'new')).toBe(`# By hand\n\n${BEGIN}\n\nnew\n\n${END}\n\nAlso by hand\n`);
});

test('a page that has lost its marks is not overwritten', () => {
  expect(() => placed('# By hand\n', 'new')).toThrow('expected');
});

test('a goal is met up to its limit, and missed above', () => {
  expect(atMost('a', 1.5, 1.5, times)).toMatchObject({ goal: '≤ 1.50×', isMet: true });
  expect(atMost('a', 1.5, 1.51, times)).toMatchObject({ measured: '1.51×', isMet: false });
});

test('the goals of all sections stand in one table', () => {
  const section = { name: 'a', title: 'A', about: '', run: () => Promise.reject(new Error()) };
  const found = [
    { section, findings: { text: '', goals: [atMost('first', 1, 0.5, times)] } },
    { section, findings: { text: '', goals: [atMost('second', 1, 2, times)] } },
  ];
  const [, , first, second] = goals(found).split('\n');
  expect(first).toMatch(/first .* 0\.50× .* met/);
  expect(second).toMatch(/second .* 2\.00× .* missed/);
});

test('a table has its figures aligned to the right', () => {
  expect(table(['', 'figure'], [['a', '1']])).toBe(
    ['|     | figure |', '| --- | -----: |', '| a   |      1 |'].join('\n'),
  );
});

const page = readFileSync(new URL('../../docs/overhead.md', import.meta.url), 'utf8');
const written = SECTIONS.filter(({ title }) => page.includes(`\n## ${title}\n`));

test('docs/overhead.md has the sections of the bench', () => {
  expect(written.length).toBeGreaterThanOrEqual(9);
});

test.each(written)('docs/overhead.md has the words of the section: $title', ({ title, about }) => {
  const text = page.slice(page.indexOf(`\n## ${title}\n`)).replace(/\s+/g, ' ');
  expect(text).toContain(`## ${title} ${about.replace(/\s+/g, ' ')} |`);
});
