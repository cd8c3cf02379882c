import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupName } from '../../src/trace/group-name.js';
import { shortName } from '../../src/trace/short-name.js';

it('keeps names of 200 characters, and the beginning of longer ones', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 500, unit: 'binary' }), (name) => {
      const kept = name.length > 200 ? `${name.slice(0, 199)}…` : name;
      expect(shortName(name)).toBe(kept);
    }),
    { numRuns: 40 },
  );
});

it('puts a name in the same group, cut or not', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 150, maxLength: 600 }), (name) => {
      expect(groupName(shortName(name))).toBe(groupName(name));
    }),
  );
});
