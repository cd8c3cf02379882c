import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonScanner } from '../../src/readers/json-scanner.js';

const WANTED = /^\$(\.\*)?\.(list\.\*|list\.\*\.list\.\*|one)$/;

/** What a scanner finds in these pieces, and whether it was JSON to its end. */
function scanned(pieces: readonly Uint8Array[], wanted = WANTED) {
  const found: unknown[] = [];
  const scanner = new JsonScanner(wanted, (json, containers) => {
    found.push({ path: containers.at(-1)!.next, value: JSON.parse(json) as unknown });
  });
  try {
    for (const piece of pieces) scanner.write(Buffer.from(piece));
    return { found, isComplete: scanner.end() };
  } catch {
    return { found, isComplete: false };
  }
}

/** The same, from values that `JSON.parse` made. */
function walked(value: unknown, path = '$'): unknown[] {
  if (WANTED.test(path)) return [{ path, value }];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    walked(inner, `${path}.${Array.isArray(value) ? '*' : key}`),
  );
}

/** Cuts text at these shares of its bytes. */
function cut(text: string, shares: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text);
  const cuts = shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
  return [...cuts, bytes.length].map((end, index) => bytes.subarray(cuts[index - 1] ?? 0, end));
}

const key = fc.oneof(fc.constantFrom('list', 'one'), fc.string({ unit: 'binary' }));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(null, true, 0, -1.5e-7, '', '"', '\\', '\\"', ']}', '😀é€\u2028', '\ud800'),
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 4 }),
    // A number as a key would come first, and `__proto__` is no key of its own everywhere.
    fc.dictionary(
      key.filter((text) => !/^\d+$/.test(text) && text !== '__proto__'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
}));
const indent = fc.constantFrom(undefined, 1, '\t');
const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }));

describe('the wanted values that JSON.parse finds are found', () => {
  it('wherever the pieces end', () => {
    fc.assert(
      fc.property(value, indent, shares, (whole, space, cuts) => {
        const found = walked(JSON.parse(JSON.stringify(whole)));
        const text = JSON.stringify(whole, null, space);
        expect(scanned(cut(text, cuts))).toEqual({ found, isComplete: true });
        const bytes = Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte));
        expect(scanned(bytes)).toEqual({ found, isComplete: true });
      }),
      { numRuns: 1_000 },
    );
  });

  it('in documents one after another, each behind a byte order mark', () => {
    const separator = fc.constantFrom('\n', ' ', '\r\n\ufeff', '\n\n');
    fc.assert(
      fc.property(fc.array(value), separator, shares, (values, between, cuts) => {
        const texts = values.map((one) => JSON.stringify(one));
        const found = texts.flatMap((text) => walked(JSON.parse(text)));
        const pieces = cut(`\ufeff${texts.join(between)}`, cuts);
        expect(scanned(pieces)).toEqual({ found, isComplete: true });
      }),
    );
  });

  it('that a damaged document has before its damage', () => {
    fc.assert(
      fc.property(value, fc.nat(), shares, (whole, at, cuts) => {
        const text = JSON.stringify({ list: [whole], more: { list: [whole] } });
        const length = 1 + (at % (text.length - 1));
        const { found, isComplete } = scanned(cut(text.slice(0, length), cuts));
        expect(isComplete).toBe(false);
        const end = '{"list":['.length + JSON.stringify(whole).length;
        // Whether a number goes on, only what follows it says.
        if (length !== end) expect(found).toEqual(length > end ? walked(JSON.parse(text)) : []);
      }),
    );
  });
});

it('what JSON.parse refuses is refused, and nothing else', () => {
  const unit = fc.constantFrom(
    ...Array.from('{}[]",:\\u0019.eE-+tfn \n'),
    'null',
    '"a":',
    '{"b":1}',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), shares, (inner, cuts) => {
      const text = `[${inner}]`;
      expect(scanned(cut(text, cuts)).isComplete, text).toBe(isDocuments(text));
    }),
    { numRuns: 20_000 },
  );
});

/** Whether `JSON.parse` takes it, as one document or as several one after another. */
function isDocuments(text: string): boolean {
  if (text.trim() === '') return true;
  return Array.from(text, (_, index) => index + 1).some((end) => {
    const [first, rest] = [text.slice(0, end), text.slice(end)];
    // A number or a word is not cut in two.
    const isCut = /[\w+.-]$/.test(first) && /^[\w+.-]/.test(rest);
    return !isCut && isJson(first) && isDocuments(rest);
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('is refused soon:', () => {
  it.each(['[', '{"a":', '[{"list":[', '{"list":[[[', '{"list":[{"b":'])(
    'depth, of %s',
    (start) => {
      expect(scanned([Buffer.from(start.repeat(2_000))]).isComplete).toBe(false);
      const scanner = new JsonScanner(WANTED, () => undefined);
      expect(() => scanner.write(Buffer.from(start.repeat(2_000)))).toThrow(SyntaxError);
    },
  );
});

it.each(['"', '1', '{"list":[["', '{"list":[[1,'])(
  'a long value that begins as %s costs no more than its length',
  (start) => {
    const scanner = new JsonScanner(WANTED, () => undefined);
    scanner.write(Buffer.from(start));
    const piece = Buffer.alloc(1_000, '1');
    const begin = performance.now();
    for (let count = 0; count < 20_000; count += 1) scanner.write(piece);
    // Looked through with each piece, it would take hours.
    expect(performance.now() - begin).toBeLessThan(10_000);
  },
);
