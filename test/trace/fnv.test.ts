import { expect, it } from 'vitest';
import { fnv1a } from '../../src/trace/input-hash.js';

// From the authors' list of test vectors.
it.each([
  ['', 'cbf29ce484222325'],
  ['a', 'af63dc4c8601ec8c'],
  ['foobar', '85944171f73967e8'],
])('gives the published value of %j', (text, digest) => {
  expect(fnv1a([text])).toBe(digest);
});

it('gives the same for a text in parts', () => {
  expect(fnv1a(['foo', '', 'bar'])).toBe('85944171f73967e8');
});

it('is what 64-bit integers give, for any text', () => {
  const reference = (text: string) => {
    let hash = 0xcbf29ce484222325n;
    for (let at = 0; at < text.length; at += 1) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n);
    }
    return hash.toString(16).padStart(16, '0');
  };
  for (const text of ['prompt '.repeat(500), 'ä€😀\u0000\uffff', 'x'.repeat(10_000)]) {
    expect(fnv1a([text])).toBe(reference(text));
  }
});
