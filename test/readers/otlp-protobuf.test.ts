import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { readOtlpProtobuf } from '../../src/readers/otlp-protobuf.js';
import { readResourceSpans } from '../../src/readers/otlp.js';
import { SpanSink } from '../../src/readers/span-sink.js';
import { TraceCollector } from '../../src/readers/trace-collector.js';
import { encodeOtlpRequest } from '../support/otlp-request.js';
import { fixtureText, NOW } from './support.js';

const requests = fixtureText('collector.otlp.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { resourceSpans: unknown[] });

/** What the summary is after `read` has read all requests. */
function summaryAfter(read: (request: (typeof requests)[number], sink: SpanSink) => unknown) {
  const ranking = new Ranking();
  const collector = new TraceCollector(ranking);
  const sink = new SpanSink(collector);
  for (const request of requests) read(request, sink);
  collector.closeAll();
  return { summary: ranking.toSummary({ nowEpochMillis: NOW }), sink };
}

describe('OTLP in Protocol Buffers', () => {
  it('is read as the same traces in JSON are', () => {
    const read = summaryAfter((request, sink) =>
      expect(readOtlpProtobuf(Buffer.from(encodeOtlpRequest(request)), sink)).toBe(true),
    );
    const expected = summaryAfter(({ resourceSpans }, sink) =>
      readResourceSpans(resourceSpans, sink),
    );
    expect(read.summary).toEqual(expected.summary);
    expect(read.summary.spans.analyzed).toBeGreaterThan(10);
  });

  it('may be empty', () => {
    const { sink } = summaryAfter((_, sink) =>
      expect(readOtlpProtobuf(Buffer.alloc(0), sink)).toBe(true),
    );
    expect(sink.spans).toBe(0);
  });

  it.each([
    ['JSON', Buffer.from('{"resourceSpans":[]}')],
    ['a text', Buffer.from('hello world')],
    ['a request that is cut', Buffer.from(encodeOtlpRequest(requests[0])).subarray(0, -1)],
  ])('is not %s, of which nothing is read', (_, bytes) => {
    const { sink } = summaryAfter((_, sink) => expect(readOtlpProtobuf(bytes, sink)).toBe(false));
    expect(sink.spans).toBe(0);
  });

  it('leaves out and counts a span whose inside is damaged', () => {
    // A resource with a scope with a span that claims to hold a name of 9 bytes.
    const span = [0x2a, 9, 0x61];
    const scope = [0x12, span.length, ...span];
    const resource = [0x12, scope.length, ...scope];
    const { sink } = summaryAfter((_, sink) =>
      readOtlpProtobuf(Buffer.from([0x0a, resource.length, ...resource]), sink),
    );
    expect([sink.spans, sink.leftOut]).toEqual([requests.length, requests.length]);
  });

  it('never throws, whatever byte of it is another', () => {
    const bytes = encodeOtlpRequest(requests[0]);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        const collector = new TraceCollector(new Ranking());
        readOtlpProtobuf(changed, new SpanSink(collector));
        collector.closeAll();
      }),
      { numRuns: 100 },
    );
  });
});
