import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberedNames, standsFor } from '../../src/trace/numbered-names.js';

function namesAfter(names: readonly string[]): string[] {
  const numbered = new NumberedNames();
  for (const name of names) numbered.add('shop', name);
  return [...new Set(names.map((name) => numbered.nameOf('shop', name)))].sort();
}

const upTo = (count: number, nameOf: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => nameOf(at + 1));

describe('numbers in names', () => {
  it.each([
    ['pages', upTo(60, (at) => `fetch page ${at}`), ['fetch page {n}']],
    ['the pages of one version', upTo(60, (at) => `v1 fetch page ${at}`), ['v1 fetch page {n}']],
    [
      'the pages of two versions',
      [...upTo(60, (at) => `v1 page ${at}`), ...upTo(9, (at) => `v2 page ${at}`)],
      ['v1 page {n}', 'v2 page {n}'],
    ],
    ['ranges', upTo(30, (at) => `rows ${at}00-${at}99`), ['rows {n}-{n}']],
    ['parts of words', upTo(30, (at) => `shard${at} of s3`), ['shard{n} of s3']],
  ])('are data where there are many: %s', (_, names, rows) => {
    expect(namesAfter(names)).toEqual(rows);
  });

  it.each([
    ['models', ['gpt-4', 'gpt-5', 'gpt-3']],
    [
      'codes',
      [200, 201, 204, 301, 302, 304, 400, 401, 403, 404, 409, 429, 500, 502].map(
        (code) => `HTTP ${code}`,
      ),
    ],
    ['steps', upTo(20, (at) => `step ${at}`)],
    ['rooms', ['Room 101', 'Room 102']],
    ['names with one number each', ['s3', 'utf8', 'v1', 'v2', 'sha256', 'md5', 'ec2']],
  ])('stay where there are few: %s', (_, names) => {
    expect(namesAfter(names)).toEqual([...names].sort());
  });

  it('are told by all names together, in whatever order they come', () => {
    const name = fc.tuple(fc.constantFrom('page', 'step'), fc.nat({ max: 40 }), fc.nat({ max: 3 }));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 200 }), fc.nat(), (list, seed) => {
        const names = list.map(([word, a, b]) => `${word} ${a} of v${b}`);
        const shuffled = [...names].sort((a, b) => hash(a, seed) - hash(b, seed));
        expect(namesAfter(shuffled)).toEqual(namesAfter(names));
      }),
    );
  });

  it('tell when names that were there before are called something else', () => {
    const numbered = new NumberedNames();
    const changes = upTo(40, (at) => `page ${at}`).map((name) => numbered.add('shop', name));
    expect(changes.indexOf(true)).toBe(20);
    expect(changes.filter(Boolean)).toHaveLength(1);
    expect(numbered.nameOf('shop', 'page 99')).toBe('page {n}');
    expect(numbered.nameOf('bank', 'page 99')).toBe('page 99');
  });

  it('may be left open in a name that is asked for', () => {
    expect(standsFor('page {n}', 'page 7')).toBe(true);
    expect(standsFor('v1 page {n}', 'v2 page 7')).toBe(false);
    expect(standsFor('page 7', 'page 7')).toBe(true);
    expect(standsFor('page 7', 'page 8')).toBe(false);
  });
});

function hash(text: string, seed: number): number {
  let value = seed;
  for (const letter of text) value = Math.imul(value ^ letter.charCodeAt(0), 0x01000193);
  return value;
}
