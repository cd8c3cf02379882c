import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtobufMessage, ProtobufReader } from '../src/protobuf-reader.js';

describe('a message of another program', () => {
  it('comes to an end, whatever its bytes are, and only goes forward', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const reader = new ProtobufReader(bytes);
        let position = 0;
        while (reader.next()) {
          expect(reader.position).toBeGreaterThan(position);
          expect(reader.position).toBeLessThanOrEqual(bytes.length);
          ({ position } = reader);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['a length below zero', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a length beyond its end', [0x0a, 0x7f, 0x01]],
    ['a number that is cut off', [0x08, 0xff]],
    ['a kind of field that is no longer used', [0x0b, 0x08, 0x01]],
  ])('keeps what is before %s', (_, damaged) => {
    const message = new ProtobufMessage(Uint8Array.from([0x10, 0x07, ...damaged]));
    expect([message.number(2), message.has(1)]).toEqual([7, false]);
  });
});
