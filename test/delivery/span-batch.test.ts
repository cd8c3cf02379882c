import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSpans } from '../../src/delivery/decode-spans.js';
import { BatchEncoder, halve, requestOf, type SpanBatch } from '../../src/delivery/span-batch.js';
import { decodeOtlpRequest } from '../support/otlp-request.js';

const MAX_BYTES = 1_000_000;

function hex(digits: number) {
  const digit = fc.constantFrom(...'0123456789abcdef'.split(''));
  return fc.string({ unit: digit, minLength: digits, maxLength: digits });
}
/** Any text, with half of a pair of surrogates in it, long or short. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.constantFrom('', 'x'.repeat(47), 'x'.repeat(48), 'x'.repeat(49), 'é'.repeat(48), 'a\ud800b'),
);
/** What every form of OTLP can hold. */
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, min: -1e18, max: 1e18 }),
  fc.constantFrom(0, -0, -1, 127, 128, 2 ** 32, -(2 ** 32), 2 ** 53, 2 ** 62, -(2 ** 63) + 1_024),
);
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  text,
  number,
  fc.boolean(),
  ...[text, number, fc.boolean()].map((one) =>
    fc.array(fc.option(one as fc.Arbitrary<string>, { nil: null }), { maxLength: 5 }),
  ),
);
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(text.filter(Boolean), value, {
  maxKeys: 6,
});
const time = fc.tuple(fc.nat(4_000_000_000), fc.nat(999_999_999));
const context = fc.record(
  {
    traceId: hex(32),
    spanId: hex(16),
    traceFlags: fc.nat(255),
    isRemote: fc.boolean(),
    traceState: fc.constantFrom('a=1', 'b=2,vendor=x').map((state) => new TraceState(state)),
  },
  { requiredKeys: ['traceId', 'spanId', 'traceFlags'] },
);
const resources = [
  resourceFromAttributes({ 'service.name': 'shop', list: ['a', 'b'] }, { schemaUrl: 'https://s' }),
];
const scopes = [
  { name: 'hotspan', version: '1.0.0' },
  { name: 'http', version: undefined, schemaUrl: 'https://scope' },
  { name: '' },
];
const span: fc.Arbitrary<ReadableSpan> = fc
  .record({
    name: text,
    kind: fc.integer({ min: 0, max: 4 }),
    context,
    parentSpanContext: fc.option(context, { nil: undefined }),
    startTime: time,
    endTime: time,
    status: fc.record(
      { code: fc.constantFrom(...[0, 1, 2]), message: text },
      { requiredKeys: ['code'] },
    ),
    attributes,
    droppedAttributesCount: fc.nat(300),
    events: fc.array(
      fc.record({ name: text, time, attributes, droppedAttributesCount: fc.nat(3) }),
    ),
    droppedEventsCount: fc.nat(300),
    links: fc.array(fc.record({ context, attributes, droppedAttributesCount: fc.nat(3) })),
    droppedLinksCount: fc.nat(300),
    instrumentationScope: fc.constantFrom(...scopes),
    resource: fc.constantFrom(...resources),
  })
  .map(({ context: own, ...rest }) => ({
    ...rest,
    spanContext: () => own,
    duration: [0, 0],
    ended: true,
  })) as unknown as fc.Arbitrary<ReadableSpan>;
const spans = fc.array(span, { minLength: 1, maxLength: 6 });

function batchOf(list: readonly ReadableSpan[]): SpanBatch {
  const encoder = new BatchEncoder(MAX_BYTES);
  for (const one of list) encoder.add(one);
  expect(encoder.count).toBe(list.length);
  return encoder.take();
}

/** As the definitions read it, without what proto3 cannot tell apart: a default, and nothing. */
function meaningOf(request: Uint8Array) {
  const { resourceSpans } = decodeOtlpRequest(request);
  return JSON.parse(
    JSON.stringify(resourceSpans, (key, found: unknown) => {
      if (found === '' && key === 'schemaUrl') return undefined;
      if (found === '' && ['traceState', 'parentSpanId', 'version', 'message'].includes(key)) {
        return undefined;
      }
      if (found === 0 && (key === 'code' || key.startsWith('dropped'))) return undefined;
      if (key === 'status' && Object.values(found as object).every((part) => !part)) {
        return undefined;
      }
      return found;
    }),
  ) as unknown;
}

describe('a batch of spans', () => {
  it('is read by OpenTelemetry’s definitions as what OpenTelemetry’s own serializer writes', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const own = requestOf(batchOf(list));
        const theirs = ProtobufTraceSerializer.serializeRequest([...list]);
        expect(meaningOf(own)).toEqual(meaningOf(theirs!));
      }),
      { numRuns: 100 },
    );
  });

  it('is read back as the spans that OpenTelemetry’s exporter writes as the same JSON', () => {
    // JSON may hold half of a pair of surrogates, which UTF-8 cannot.
    const wellFormed = (found: string) => Buffer.from(found).toString();
    const json = (list: readonly ReadableSpan[]) =>
      JSON.parse(
        Buffer.from(JsonTraceSerializer.serializeRequest([...list])!).toString(),
        (key, found: unknown) => {
          if (typeof found !== 'string') return found;
          const isLeftOut = ['version', 'schemaUrl', 'traceState', 'message'].includes(key);
          return found === '' && isLeftOut ? undefined : wellFormed(found);
        },
      ) as unknown;
    fc.assert(
      fc.property(spans, (list) => {
        const ofScopes = scopes.flatMap((scope) =>
          list.filter((one) => one.instrumentationScope === scope),
        );
        expect(json(decodeSpans(batchOf(ofScopes)))).toEqual(json(ofScopes));
      }),
      { numRuns: 100 },
    );
  });

  it('loses nothing when it is halved, until each span is alone', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const whole = batchOf(list);
        const alone = (batch: SpanBatch): SpanBatch[] =>
          batch.count === 1 ? [batch] : halve(batch).flatMap(alone);
        const parts = alone(whole);
        expect(parts).toHaveLength(list.length);
        expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(whole.bytes);
        const spansIn = (batch: SpanBatch) =>
          decodeOtlpRequest(requestOf(batch)).resourceSpans.flatMap(({ scopeSpans }) =>
            scopeSpans.flatMap((scope) => scope.spans),
          );
        expect(parts.flatMap(spansIn)).toEqual(spansIn(whole));
      }),
    );
  });

  it('writes as text what OTLP in JSON has no number for', () => {
    const made = fc.sample(span, 1)[0]!;
    const odd = { nan: NaN, inf: -Infinity, large: 1e20, list: [1, NaN], fine: 0.5 };
    const batch = batchOf([Object.create(made, { attributes: { value: odd } }) as ReadableSpan]);
    expect(decodeSpans(batch)[0]?.attributes).toEqual({
      nan: 'NaN',
      inf: '-Infinity',
      large: '100000000000000000000',
      list: [1, 'NaN'],
      fine: 0.5,
    });
  });

  it('takes names that are no texts, as JavaScript may give them', () => {
    const made = fc.sample(span, 1)[0]!;
    const odd = { name: { value: 42 }, instrumentationScope: { value: { name: undefined } } };
    const [read] = decodeSpans(batchOf([Object.create(made, odd) as ReadableSpan]));
    expect([read?.name, read?.instrumentationScope.name]).toEqual(['42', 'undefined']);
  });

  it('stays as it is when a span does not fit, or cannot be written', () => {
    const made = fc.sample(span, 2);
    const encoder = new BatchEncoder(300_000);
    encoder.add(made[0]!);
    const { bytes } = encoder;
    const large = { text: 'x'.repeat(300_000) };
    const wrong = Object.create(made[1]!, { attributes: { value: large } }) as ReadableSpan;
    expect(() => encoder.add(wrong)).toThrow(RangeError);
    const broken = Object.create(made[1]!, { events: { value: null } }) as ReadableSpan;
    expect(() => encoder.add(broken)).toThrow(TypeError);
    expect([encoder.count, encoder.bytes]).toEqual([1, bytes]);
    expect(decodeSpans(encoder.take())).toHaveLength(1);
    expect(encoder.count).toBe(0);
  });
});
