import { once } from 'node:events';
import { gzipSync, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { readOtlpJson } from '../../src/readers/json-formats.js';
import { SpanSink } from '../../src/readers/span-sink.js';
import { TraceCollector } from '../../src/readers/trace-collector.js';
import { MAX_BODY_BYTES } from '../../src/view/request-body.js';
import { decodeOtlpAnswer, encodeOtlpRequest } from '../support/otlp-request.js';
import {
  everythingFrom,
  nextId,
  post,
  rawConnection,
  startReceiver,
  summaryWhere,
  traceRequest,
} from './support.js';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const json = (request = traceRequest()) => JSON.stringify(request);
const hasTrace = ({ traces }: { traces: { analyzed: number } }) => traces.analyzed === 1;

describe('the receiver', () => {
  it.each<[string, () => string | Uint8Array, Record<string, string>]>([
    ['JSON', json, {}],
    ['JSON with a charset', json, { 'content-type': 'application/json; charset=utf-8' }],
    ['Protocol Buffers', () => encodeOtlpRequest(traceRequest()), PROTOBUF],
    ['gzip', () => gzipSync(json()), { 'content-encoding': 'gzip' }],
    [
      'deflate',
      () => deflateSync(encodeOtlpRequest(traceRequest())),
      { ...PROTOBUF, 'content-encoding': 'deflate' },
    ],
  ])('ranks a trace that comes in %s', async (_, body, headers) => {
    const { address, forwarded, refused } = await startReceiver();
    const answer = await post(address, body(), headers);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(
      headers['content-type']?.split(';')[0] ?? 'application/json',
    );
    const summary = await summaryWhere(address, hasTrace);
    const rows = summary.bottlenecks.map(({ name, criticalSeconds }) => [name, criticalSeconds]);
    expect(rows).toEqual([
      ['checkout', 1],
      ['query', 1],
    ]);
    expect(summary.services).toEqual(['shop']);
    expect([forwarded.length, refused]).toEqual([1, []]);
  });

  it('groups by what was asked for, also by attributes that hotspan does not know', async () => {
    const { address } = await startReceiver({}, { by: ['app.tier', 'tenant'] });
    await post(address, json(traceRequest({ attributes: { 'app.tier': 'gold' } })));
    const { by, warnings } = await summaryWhere(address, hasTrace);
    expect(by?.[0]?.values.map(({ value, calls }) => [value, calls])).toEqual([['gold', 1]]);
    expect(warnings).toEqual(['no span had `tenant` to group by']);
  });

  it('ranks and lists the traces of one entry point alone, and says so where none has ended', async () => {
    const { address, ranking } = await startReceiver({}, { entry: 'shop/checkout' });
    await post(address, json(traceRequest({ root: true, service: 'other' })));
    const none = await summaryWhere(address, ({ warnings }) => warnings.length > 0);
    expect(none.warnings[0]).toContain('no trace of the entry point `shop/checkout` has ended');
    await post(address, json());
    await summaryWhere(address, hasTrace);
    expect(ranking.newest.after(0).traces.map(({ service }) => service)).toEqual(['shop']);
  });

  it('puts a trace together whose root comes later, in another request', async () => {
    const { address } = await startReceiver();
    const traceId = nextId(32);
    await post(address, json(traceRequest({ traceId, root: false })));
    await post(address, json());
    // The other trace is ranked, while this one waits for its root.
    expect((await summaryWhere(address, hasTrace)).spans.analyzed).toBe(2);
    await post(address, json(traceRequest({ traceId, child: false })));
    const summary = await summaryWhere(address, ({ traces }) => traces.analyzed === 2);
    expect([summary.traces.incomplete, summary.spans]).toEqual([
      0,
      { analyzed: 4, late: 0, dropped: 0 },
    ]);
  });

  it('ranks what begins in a process that sends nothing, and counts what comes too late', async () => {
    const { address } = await startReceiver();
    const traceId = nextId(32);
    await post(address, json(traceRequest({ traceId, remote: true, child: false })));
    await summaryWhere(address, hasTrace);
    await post(address, json(traceRequest({ traceId, root: false })));
    const { spans } = await summaryWhere(address, ({ spans }) => spans.late > 0);
    expect(spans).toEqual({ analyzed: 1, late: 1, dropped: 0 });
  });

  it('does not wait for other services where a service shares no traces', () => {
    const collector = new TraceCollector(new Ranking());
    const sink = new SpanSink(collector);
    const arrives = (request: object) => readOtlpJson(request, sink);
    const endRound = () => collector.endRound({ complete: 1, remote: 3, incomplete: 9 });
    for (const service of ['a', 'b']) arrives(traceRequest({ service }));
    endRound();
    expect([collector.wantedTraces, collector.isEmpty]).toEqual([2, true]);
    // A span of another service comes too late: its next traces are waited for.
    const traceId = nextId(32);
    arrives(traceRequest({ traceId, service: 'a', child: false }));
    endRound();
    arrives(traceRequest({ traceId, service: 'c', root: false }));
    arrives(traceRequest({ service: 'a' }));
    arrives(traceRequest({ service: 'b' }));
    endRound();
    expect(collector.wantedTraces).toBe(4);
    for (let round = 1; round < 3; round += 1) endRound();
    expect([collector.wantedTraces, collector.isEmpty]).toEqual([5, true]);
  });

  it('says how many spans it could not use', async () => {
    const { address } = await startReceiver();
    const request = JSON.parse(json().replace(/"spanId":"\w+"/, '"spanId":""')) as object;
    expect(await (await post(address, JSON.stringify(request))).json()).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: 'they have no usable ids' },
    });
    const answer = await post(address, encodeOtlpRequest(request), PROTOBUF);
    expect(decodeOtlpAnswer(new Uint8Array(await answer.arrayBuffer()))).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: 'they have no usable ids' },
    });
  });

  it.each<[string, string | Uint8Array, Record<string, string>, number, string]>([
    ['garbage', 'garbage', {}, 400, 'expected traces of OTLP in JSON, got something else'],
    ['other JSON', '{"a":1}', {}, 400, 'expected traces of OTLP in JSON, got something else'],
    [
      'a text',
      'x',
      { 'content-type': 'text/plain' },
      415,
      'expected application/x-protobuf or application/json as Content-Type',
    ],
    [
      'a name of ours',
      'x',
      { 'content-type': 'constructor' },
      415,
      'expected application/x-protobuf or application/json as Content-Type',
    ],
    [
      'Brotli',
      json(),
      { 'content-encoding': 'br' },
      415,
      'expected a body in gzip or deflate, or not packed',
    ],
    [
      'no gzip',
      json(),
      { 'content-encoding': 'gzip' },
      400,
      'expected a body packed as its Content-Encoding says',
    ],
    [
      'half a gzip',
      gzipSync(json()).subarray(0, 40),
      { 'content-encoding': 'gzip' },
      400,
      'expected a body packed as its Content-Encoding says',
    ],
    [
      'a gzip that unpacks to 200 MB',
      gzipSync(Buffer.alloc(200e6)),
      { 'content-encoding': 'gzip' },
      413,
      `expected at most ${MAX_BODY_BYTES} bytes, also when unpacked`,
    ],
  ])('refuses %s in one line', async (_, body, headers, status, line) => {
    const { address, refused, forwarded } = await startReceiver();
    const answer = await post(address, body, headers);
    const text = await answer.text();
    expect([answer.status, refused]).toEqual([status, [line]]);
    expect(text).toBe(
      status === 415 && headers['content-type'] ? `${line}\n` : JSON.stringify({ message: line }),
    );
    expect(forwarded).toEqual([]);
    // It goes on.
    expect((await post(address, json())).status).toBe(200);
  });

  it('refuses garbage in Protocol Buffers as a Status', async () => {
    const { address } = await startReceiver();
    const answer = await post(address, 'garbage', PROTOBUF);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const line = 'expected traces of OTLP in Protocol Buffers, got something else';
    expect(answer.status).toBe(400);
    expect([...bytes.subarray(0, 2), bytes.subarray(2).toString()]).toEqual([
      0x12,
      line.length,
      line,
    ]);
  });

  it('refuses 100 MB that say so before they come', async () => {
    const { port } = await startReceiver();
    const socket = await rawConnection(port);
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('refuses 100 MB that come in pieces, and keeps none of them', async () => {
    const { address, refused } = await startReceiver();
    const piece = new Uint8Array(2 ** 20);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(piece);
        if ((sent += 1) === 100) controller.close();
      },
    });
    const before = process.memoryUsage().arrayBuffers;
    const answer = await fetch(`${address}/v1/traces`, {
      ...{ method: 'POST', body, duplex: 'half' },
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, refused.length]).toEqual([413, 1]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * MAX_BODY_BYTES);
  });

  it('has no room for more than 80 MB on their way, and says when to come again', async () => {
    const { port, address } = await startReceiver();
    const head = `POST /v1/traces HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: ${MAX_BODY_BYTES}\r\n\r\n`;
    const answers = Array.from({ length: 5 }, async () => {
      const socket = await rawConnection(port);
      // All but the last byte.
      socket.write(head);
      socket.write(Buffer.alloc(MAX_BODY_BYTES - 1, 32));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      return answer.toString();
    });
    const refusal = await Promise.race(answers);
    expect(refusal).toMatch(/^HTTP\/1\.1 503 /);
    expect(refusal.toLowerCase()).toContain('retry-after: 1\r\n');
    expect(await (await fetch(`${address}/summary.json`)).json()).toMatchObject({
      schemaVersion: 1,
    });
  });

  it('gives up a client that does not come to an end', async () => {
    const { port } = await startReceiver({ requestMillis: 50 });
    const socket = await rawConnection(port);
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{`,
    );
    expect(await everythingFrom(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });
});
