import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupName } from '../../src/trace/group-name.js';
import { MAX_NAME_LENGTH, shortName } from '../../src/trace/short-name.js';

const words = 'handle the orders of every customer in the shop and send them on '.repeat(5);

describe('a long name', () => {
  it('is shortened in the middle', () => {
    const short = shortName(`first ${words} last`);
    expect(short.length).toBeLessThanOrEqual(MAX_NAME_LENGTH);
    expect(short).toMatch(/^first handle .{100,}…[a-p]{8}….{50,} last$/);
  });

  it.each([
    ['at the end', `${words}create`, `${words}delete`],
    ['at the beginning', `create${words}`, `delete${words}`],
    ['in the middle', `${words}create${words}`, `${words}delete${words}`],
  ])('is not another that differs %s', (_, one, other) => {
    expect(groupName(one)).not.toBe(groupName(other));
    expect(groupName(one)).toBe(groupName(one));
  });

  it('is one of many that differ in an id', () => {
    const name = (id: number) => `${words} of order ${id} ${words}`;
    expect(groupName(name(17_000))).toBe(groupName(name(18_000)));
  });

  it('shows no end of a secret', () => {
    const key = 'sk-abcdefghijkLMNOPQRSTU1234567890vwxyzABCDEFGHIJ1234567890abcdefghij';
    for (let after = 0; after < 70; after += 1) {
      const short = shortName(`${words}password=${key}${'.'.repeat(after)}`);
      expect(short.slice(-70)).not.toContain('0abcdefghij');
    }
  });

  it('ends with its first line', () => {
    expect(shortName(`summarize\n${words}`)).toBe('summarize…');
    expect(groupName(`summarize\n${words}`)).toBe('summarize…');
  });
});

describe('shortName', () => {
  it('keeps names of up to 200 characters, and is short for any', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 900, unit: 'binary' }), (name) => {
        if (name.length <= MAX_NAME_LENGTH) expect(shortName(name)).toBe(name);
        expect(shortName(name).length).toBeLessThanOrEqual(MAX_NAME_LENGTH);
        expect(shortName(shortName(name))).toBe(shortName(name));
      }),
      { numRuns: 60 },
    );
    expect(shortName('a1 '.repeat(1_000_000)).length).toBeLessThanOrEqual(MAX_NAME_LENGTH);
  });

  it('puts a name in the same group, cut or not', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 150, maxLength: 600 }), (name) => {
        expect(groupName(shortName(name))).toBe(groupName(name));
      }),
    );
  });
});
