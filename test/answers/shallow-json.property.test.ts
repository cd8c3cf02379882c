import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readShallow } from '../../src/answers/shallow-json.js';

it('has the short members of an object as JSON.parse has them, and of the others that they are there', () => {
  const objects = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(objects, fc.nat(40), fc.constantFrom(0, 2), (object, maxLength, indent) => {
      const json = JSON.stringify(object, null, indent);
      const parsed = JSON.parse(json) as Record<string, unknown>;
      const found = readShallow(json, maxLength);
      expect(Object.keys(found ?? {})).toEqual(Object.keys(parsed));
      for (const [key, value] of Object.entries(parsed)) {
        const isShort = indent === 0 && JSON.stringify(value).length <= maxLength;
        if (isShort || json.length <= maxLength) expect(found?.[key]).toEqual(value);
        else expect([true, value]).toContainEqual(found?.[key]);
      }
    }),
  );
});

it('never throws, and reads nothing but objects', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(10), (text, maxLength) => {
      readShallow(text, maxLength);
      readShallow(`{"a":${text}`, maxLength);
    }),
  );
  for (const json of ['[1]', '"a"', '', '{"a":1', '{"a" 1}', '{"a":1,}', '{"a":"\\"}']) {
    expect(readShallow(json, 3)).toBeUndefined();
  }
});
