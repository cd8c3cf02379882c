import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Summary } from 'hotspan/processor';
import { expectSound, fixtureText, summaryOfChunks } from './support.js';
import { gzipSync } from 'node:zlib';

const FILES = [
  'sdk.otlp.jsonl',
  'collector.otlp.jsonl',
  'jaeger-search.json',
  'jaeger-trace.json',
  'jaeger-v3-search.json',
].map((name): Buffer => Buffer.from(fixtureText(name)));
FILES.push(pretty(FILES[1]!), pretty(FILES[3]!));

/** The documents of a file, each printed over many lines. */
function pretty(file: Buffer): Buffer {
  const documents = file.toString().trim().split('\n').map(parsed);
  return Buffer.from(documents.map((each) => JSON.stringify(each, null, 2)).join('\n'));
}

/** A sound summary, or one line that says why there is none. */
async function expectSoundOrOneLine(chunks: readonly Uint8Array[]): Promise<Summary | undefined> {
  try {
    const summary = await summaryOfChunks(chunks);
    expectSound(summary);
    return summary;
  } catch (error) {
    expect(error).toMatchObject({ name: 'BadInputError' });
    expect((error as Error).message).toMatch(/^chunks: expected [^\n\r]{1,300}$/);
    return undefined;
  }
}

/** Cuts bytes into pieces at these shares of their length. */
function split(bytes: Uint8Array, shares: readonly number[]): Uint8Array[] {
  const cuts = shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
  return [...cuts, bytes.length].map((end, index) => bytes.subarray(cuts[index - 1] ?? 0, end));
}

const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const file = fc.constantFrom(...FILES);
const fileOfLines = fc.constantFrom(...FILES.slice(0, 5));

describe('whatever is read, there is a sound summary or one line:', () => {
  it('any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.array(share), async (bytes, cuts) => {
        await expectSoundOrOneLine(split(bytes, cuts));
      }),
    );
  });

  it('any text of the characters that JSON is made of', async () => {
    const json = fc.string({
      unit: fc.constantFrom(...Array.from('{}[]",:\\u0019.eE-+tfn \n')),
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(json, async (text) => {
        await expectSoundOrOneLine([Buffer.from(text)]);
      }),
      { numRuns: 300 },
    );
  });

  it('any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        await expectSoundOrOneLine([Buffer.from(text)]);
      }),
    );
  });

  it('files of which pieces were cut out, doubled and swapped', async () => {
    const cuts = fc.array(share, { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(file, cuts, fc.infiniteStream(fc.nat()), async (bytes, shares, order) => {
        const pieces = split(bytes, shares);
        const picked = pieces.map(() => pieces[order.next().value! % pieces.length]!);
        await expectSoundOrOneLine(picked);
      }),
    );
  });

  it('files with flipped bytes', async () => {
    const flips = fc.array(fc.tuple(share, fc.nat({ max: 255 })), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(file, flips, fc.boolean(), async (bytes, changes, packed) => {
        const damaged = packed ? gzipSync(bytes) : Buffer.from(bytes);
        for (const [at, byte] of changes) damaged[Math.floor(at * damaged.length)] = byte;
        await expectSoundOrOneLine([damaged]);
      }),
    );
  });

  it('files in which values were replaced by any other', async () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('', '0', -1, 1e300, '99999999999999999999', '1795492276000000000', 2 ** 53),
    );
    const places = fc.array(fc.tuple(fc.nat(), value), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fileOfLines, places, async (bytes, changes) => {
        const documents = bytes.toString().trim().split('\n').map(parsed);
        for (const [at, replacement] of changes) replace(documents, at, replacement);
        const lines = documents.map((document) => JSON.stringify(document)).join('\n');
        await expectSoundOrOneLine([Buffer.from(lines)]);
      }),
      { numRuns: 300 },
    );
  });

  it('any JSON in the place of spans, and of what is in them', async () => {
    const any = fc.jsonValue({ maxDepth: 3 });
    const time = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String), any);
    const id = fc.constantFrom('aa', 'bb', 'cc', 'dd');
    const field = <T>(good: fc.Arbitrary<T>) => fc.oneof({ arbitrary: good, weight: 5 }, any);
    const span = fc.record(
      {
        traceId: field(fc.constantFrom('01', '02')),
        spanId: field(id),
        parentSpanId: field(id),
        name: any,
        kind: field(fc.nat({ max: 6 })),
        startTimeUnixNano: time,
        endTimeUnixNano: time,
        status: field(fc.record({ code: fc.nat({ max: 3 }) })),
        attributes: field(
          fc.array(
            fc.record({
              key: fc.constantFrom(
                'gen_ai.operation.name',
                'gen_ai.usage.input_tokens',
                'gen_ai.usage.cost',
                'hotspan.attempt.number',
                'hotspan.attempt.backoff',
                'error.type',
              ),
              value: fc.record({ stringValue: any, intValue: any }, { requiredKeys: [] }),
            }),
          ),
        ),
      },
      { requiredKeys: ['traceId', 'spanId'] },
    );
    const services = fc.array(
      fc.record({
        resource: any,
        scopeSpans: fc.tuple(fc.record({ spans: field(fc.array(span)) })),
      }),
    );
    await fc.assert(
      fc.asyncProperty(services, async (resourceSpans) => {
        await expectSoundOrOneLine([Buffer.from(JSON.stringify({ resourceSpans }))]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the same is read', () => {
  it('wherever the chunks end', async () => {
    for (const bytes of FILES) {
      const whole = await summaryOfChunks([bytes]);
      await fc.assert(
        fc.asyncProperty(fc.array(share, { maxLength: 20 }), async (cuts) => {
          expect(await summaryOfChunks(split(bytes, cuts))).toEqual(whole);
        }),
        { numRuns: 10 },
      );
    }
  });
});

function parsed(line: string): unknown {
  return JSON.parse(line);
}

/** Replaces the value that is met as the `at`th, counted around. */
function replace(root: unknown, at: number, replacement: unknown): void {
  const places: [Record<string, unknown>, string][] = [];
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    for (const [key, inner] of Object.entries(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit(inner);
    }
  };
  visit(root);
  const place = places[at % Math.max(1, places.length)];
  if (place !== undefined) place[0][place[1]] = replacement;
}
