import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { OWN_ATTRIBUTES, sendMadeTraces, SHOP, VALUES, WAREHOUSE } from './made-traces.js';
import type { PlainSpan } from './otlp.js';
import { jaegerQuery, readBack } from './query.js';
import { startRecorder, type Recorder } from './recorder.js';

const { url, tracesUrl } = inject('jaeger');

describe.each(['http/protobuf', 'http/json'])('made traces in Jaeger, by %s', (protocol) => {
  let recorder: Recorder;
  let read: PlainSpan[];

  beforeAll(async () => {
    recorder = await startRecorder(tracesUrl);
    process.env.OTEL_EXPORTER_OTLP_PROTOCOL = protocol;
    await sendMadeTraces(recorder.endpoint);
    read = await readBack(jaegerQuery(url), recorder.spans);
  });
  afterAll(async () => {
    delete process.env.OTEL_EXPORTER_OTLP_PROTOCOL;
    await recorder.close();
  });

  const named = (name: string) => {
    const found = read.filter((span) => span.name === name);
    expect(found, name).toHaveLength(1);
    return found[0]!;
  };

  it('are taken, every request', () => {
    expect(recorder.answers.length).toBeGreaterThan(3);
    expect(new Set(recorder.answers)).toEqual(new Set([200]));
  });

  it('come back span by span as they were sent', () => {
    expect(recorder.spans.length).toBeGreaterThan(3_000);
    expect(read).toHaveLength(recorder.spans.length);
    const found = new Map(read.map((span) => [span.spanId, span]));
    for (const span of recorder.spans) expect(found.get(span.spanId), span.name).toEqual(span);
  });

  it('have the kinds and statuses that were given', () => {
    const kinds = ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
    expect(kinds.map((kind) => named(`kind ${kind}`).kind)).toEqual([1, 2, 3, 4, 5]);
    expect(named('status UNSET').status).toEqual({ code: 0, message: '' });
    expect(named('status OK').status).toEqual({ code: 1, message: '' });
    expect(named('status ERROR').status).toEqual({ code: 2, message: 'Zeit abgelaufen: 20 s' });
  });

  it('keep every value, and whether a number is whole', () => {
    const { attributes } = named('values');
    const asGiven = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(asGiven);
      return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
    };
    for (const [key, value] of Object.entries(VALUES)) {
      expect(attributes[key], key).toEqual(asGiven(value));
    }
    expect(named('no values').attributes).toEqual({});
    expect(named('GET /naïve/путь?q=1&r=…').attributes).toEqual({});
  });

  // That these are all of them is what every-attribute.test.ts checks, without a Jaeger.
  it('keep every attribute of hotspan', () => {
    expect(Object.keys(named('own attributes').attributes).sort()).toEqual(
      Object.keys(OWN_ATTRIBUTES).sort(),
    );
  });

  it('keep times to the microsecond', () => {
    const microsOf = ({ startMicros }: PlainSpan) => startMicros % 1_000_000n;
    const lasting = (span: PlainSpan) => span.endMicros - span.startMicros;
    expect([microsOf(named('times')), lasting(named('times'))]).toEqual([123_456n, 864_198n]);
    const one = named('to the microsecond');
    expect([microsOf(one), lasting(one)]).toEqual([123_457n, 1n]);
    expect(lasting(named('no time'))).toBe(0n);
    expect(lasting(named('outlives its parent'))).toBe(30_099_999n);
    expect(lasting(named('two hours'))).toBe(7_200_000_000n);
  });

  it('keep events and links', () => {
    const { events, links } = named('events and links');
    expect(events.map(({ name }) => name)).toEqual(['bare', 'with values', 'exception']);
    expect(events[1]!.micros % 1_000_000n).toBe(123_456n);
    expect(events[1]!.attributes['list.text']).toEqual(VALUES['list.text']);
    expect(events[2]!.attributes).toMatchObject({
      'exception.type': 'TypeError',
      'exception.message': 'no such page: „a“',
    });
    const { traceId, spanId } = named('linked');
    expect(links).toEqual([
      { traceId, spanId, attributes: { 'link.reason': 'the same user ✓' } },
      { traceId, spanId, attributes: {} },
    ]);
  });

  it('keep parents across services, remote and lost ones, and what each service is', () => {
    const asked = named('ask the warehouse');
    const served = named('serve');
    expect(served).toMatchObject({ traceId: asked.traceId, parentSpanId: asked.spanId });
    expect(served.traceState).toBe('vendor=a1,other=b2');
    expect(served.resource['service.name']).toBe(WAREHOUSE);
    expect(asked.resource).toMatchObject({
      'service.name': SHOP,
      'service.version': '1.2.3',
      'app.zones': ['eu-1', 'eu-2'],
      'app.replicas': 3n,
    });
    expect(named('parent elsewhere').parentSpanId).toBe('b7ad6b7169203331');
  });
});
