import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Answer } from '../../src/answers/answer.js';
import { STREAMS, WHOLE, type SentAnswer } from './answers.js';

/** Cuts bytes at any places. */
function cut(bytes: Buffer, at: readonly number[]): Uint8Array[] {
  const places = [...new Set(at.map((place) => place % bytes.length))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, index) => bytes.subarray(places[index - 1] ?? 0, end));
}

function read(type: string, chunks: readonly Uint8Array[]) {
  let contents = 0;
  const answer = new Answer(
    (name) => (name === 'content-type' ? type : undefined),
    () => (contents += 1),
  );
  for (const chunk of chunks) {
    const copy = Buffer.from(chunk);
    answer.push(copy);
    // A reader may do with its bytes what it likes.
    copy.fill(0);
  }
  answer.end();
  return { answer, contents, ...answer.reading() };
}

const cuts = fc.array(fc.nat(), { maxLength: 40 });

describe.each(Object.entries({ ...STREAMS, ...WHOLE }))('%s', (name, sent: SentAnswer) => {
  it('tells the same however its bytes are cut', () => {
    fc.assert(
      fc.property(cuts, (at) => {
        const { usage, facts, contents } = read(sent.type, cut(sent.bytes, at));
        expect(usage.usage).toEqual({ inputTokens: 1_000, outputTokens: 100 });
        expect(facts.finishReasons).toEqual([sent.finish]);
        expect(facts.model).toBe(sent.model);
        expect(usage.warnings).toEqual([]);
        expect(contents).toBe(name in STREAMS ? 1 : 0);
      }),
    );
  });

  it('never throws when it breaks off', () => {
    fc.assert(
      fc.property(fc.nat(sent.bytes.length), (length) => {
        expect(read(sent.type, [sent.bytes.subarray(0, length)]).answer).toBeDefined();
      }),
    );
  });
});

it('never throws, whatever the bytes', () => {
  const types = Object.values(STREAMS).map(({ type }) => type);
  const chunks = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 });
  fc.assert(
    fc.property(fc.constantFrom(...types, 'text/html'), chunks, (type, bytes) => {
      expect(read(type, bytes).usage.requests).toEqual([]);
    }),
  );
});

it('holds no more of a whole answer, or of one item, than 4 MiB, and says so', () => {
  const mebibyte = Buffer.alloc(1024 * 1024, 'x');
  const five = Array.from({ length: 5 }, () => mebibyte);
  const warning = 'an answer of a model was longer than 4 MiB and was not read';
  for (const [type, start] of [
    ['application/json', '{"a":"'],
    ['text/event-stream', 'data: '],
    ['application/x-ndjson', '{"a":"'],
    ['application/vnd.amazon.eventstream', '\x7f\x7f\x7f\x7f'],
  ] as const) {
    expect(read(type, [Buffer.from(start), ...five]).usage.warnings).toEqual([warning]);
  }
});

it('says so when it does not understand an answer', () => {
  const { usage } = read('text/html', [Buffer.from('<html>')]);
  expect(usage.warnings).toEqual(['an answer of a model was not understood']);
});

it('reads the usage of long embeddings without parsing them', () => {
  const data = Array.from({ length: 60_000 }, () => 0.123456);
  const json = JSON.stringify({ data: [{ embedding: data }], usage: { prompt_tokens: 7 } });
  expect(read('application/json', [Buffer.from(json)]).usage.usage).toEqual({ inputTokens: 7 });
});
