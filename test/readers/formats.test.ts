import { describe, expect, it } from 'vitest';
import { encodeOtlpRequest } from '../support/otlp-request.js';
import { complaintAbout, expectSound, fixtureText, summaryOf, summaryOfChunks } from './support.js';

const EPOCH = 1_795_762_800;
const id = (last: string, length = 16) => last.padStart(length, 'a');

/** Shop calls search, which takes 60 of 100 ms and fails; and a row with text attributes. */
function clickHouseRow(fields: object = {}, attributes: object = {}): Record<string, unknown> {
  return {
    ...{ Timestamp: '2026-11-27 07:00:00.000000001', TraceId: id('1', 32), SpanId: id('1') },
    ...{ ParentSpanId: '', TraceState: '', SpanName: 'shop', SpanKind: 'Server' },
    ...{ ServiceName: 'shop', ResourceAttributes: { 'service.name': 'shop', 'app.plan': 'pro' } },
    ...{ ScopeName: 'test', ScopeVersion: '', SpanAttributes: attributes, Duration: 100_000_000 },
    ...{ StatusCode: 'Unset', StatusMessage: '', 'Events.Timestamp': [], 'Events.Name': ['a'] },
    ...{ 'Events.Attributes': [{}], 'Links.TraceId': [], 'Links.SpanId': [], ...fields },
  };
}
const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
const child = (fields: object = {}) =>
  clickHouseRow(
    {
      ...{ Timestamp: '2026-11-27 07:00:00.020000001', SpanId: id('2'), ParentSpanId: id('1') },
      ...{ SpanName: 'chat', SpanKind: 'Client', Duration: 60_000_000, StatusCode: 'Error' },
      ...{ SpanAttributes: { ...chat, 'gen_ai.usage.input_tokens': '1200' }, ...fields },
    },
    {},
  );
const lines = (...rows: object[]) => rows.map((row) => JSON.stringify(row)).join('\n');

describe("ClickHouse's rows", () => {
  const at = (row: Record<string, unknown>, root: unknown, inner: unknown) => ({
    ...row,
    Timestamp: row.SpanId === id('1') ? root : inner,
  });
  const both = (root: unknown, inner: unknown) =>
    lines(at(clickHouseRow(), root, inner), at(child(), root, inner));
  const rows = [clickHouseRow(), child()];
  it.each<[string, string]>([
    ['as the exporter makes them', lines(...rows)],
    ['the inner one first', lines(child(), clickHouseRow())],
    ['ISO', both('2026-11-27T07:00:00.000000001Z', '2026-11-27T07:00:00.020000001Z')],
    [
      'with an offset',
      both('2026-11-27T08:00:00.000000001+01:00', '2026-11-27T07:00:00.020000001Z'),
    ],
    ['seconds as text', both(`${EPOCH}.000000001`, `${EPOCH}.020000001`)],
    ['seconds as numbers', both(EPOCH, EPOCH + 0.02)],
    ['milliseconds', both(EPOCH * 1e3, EPOCH * 1e3 + 20)],
    ['nanoseconds', both(`${EPOCH}000000001`, `${EPOCH}020000001`)],
    [
      'quoted numbers',
      lines(clickHouseRow({ Duration: '100000000' }), child({ Duration: '60000000' })),
    ],
    [
      'names of OTLP',
      lines(
        clickHouseRow({ SpanKind: 'SPAN_KIND_SERVER', StatusCode: 'STATUS_CODE_UNSET' }),
        child({ SpanKind: 'SPAN_KIND_CLIENT', StatusCode: 'STATUS_CODE_ERROR' }),
      ),
    ],
    [
      'typed attributes',
      lines(
        clickHouseRow({ ResourceAttributes: { service: { name: 'shop' } } }),
        child({
          SpanAttributes: {
            gen_ai: {
              operation: { name: 'chat' },
              request: { model: 'gpt-4o' },
              usage: { input_tokens: 1200 },
            },
          },
        }),
      ),
    ],
    ['one document', JSON.stringify({ meta: [{ name: 'TraceId' }], data: rows, rows: 2 })],
    ['an array', JSON.stringify(rows)],
    ['an array of lines', `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`],
    ['with progress', lines({ progress: { read_rows: '2' } }, ...rows.map((row) => ({ row })))],
  ])('%s', async (_, content) => {
    const summary = await summaryOf(content);
    expectSound(summary);
    expect(summary).toMatchObject({ warnings: [], services: ['shop'], latency: { count: 1 } });
    expect(summary.latency.totalSeconds).toBeCloseTo(0.1, 6);
    const row = summary.bottlenecks.find(({ name }) => name === 'chat gpt-4o');
    expect(row).toMatchObject({ calls: 1, errors: 1, inputTokens: 1200 });
    expect(row!.criticalSeconds).toBeCloseTo(0.06, 6);
  });

  it('reads attributes of the resource, and lists that are written as JSON', async () => {
    const content = lines(clickHouseRow({}, { 'enduser.tags': '["a","b"]' }));
    const { by } = await summaryOf(content, { by: ['app.plan', 'enduser.tags'] });
    expect(by?.map(({ values }) => values[0]!.value)).toEqual([
      'pro',
      expect.stringContaining('a'),
    ]);
  });

  it('says that the export ended with an error', async () => {
    const content = lines(...rows, { exception: 'Code: 241. DB::Exception: Memory limit' });
    const { unread, warnings } = await summaryOf(content);
    expect(unread?.damaged).toBe(1);
    expect(warnings.join()).toContain('the export ended with an error of ClickHouse');
  });

  it('reads an array of 20 MB on one line', async () => {
    const row = JSON.stringify(clickHouseRow());
    const many = Array.from(
      { length: 30 },
      (_, index) => `,${row.replace(id('1', 32), id(`${index}f`, 32))}`,
    );
    const padding = JSON.stringify({ ...clickHouseRow(), StatusMessage: 'x'.repeat(17 * 2 ** 20) });
    const summary = await summaryOfChunks(['[', padding, ...many, ']']);
    expect(summary.warnings).toEqual([]);
    expect(summary.traces.analyzed).toBe(31);
  });
});

describe('Zipkin v2', () => {
  const span = (last: string, parent: string | undefined, more: object) => ({
    ...{ traceId: id('1', 32), id: id(last), ...(parent && { parentId: id(parent) }) },
    ...{ name: last, timestamp: EPOCH * 1e6, duration: 100_000, tags: {}, ...more },
  });
  const shop = { localEndpoint: { serviceName: 'shop' } };
  const search = { localEndpoint: { serviceName: 'search' } };
  const trace = [
    span('1', undefined, { ...shop, kind: 'SERVER' }),
    span('2', '1', { ...shop, kind: 'CLIENT', tags: { error: '' } }),
    span('2', '1', {
      ...search,
      kind: 'SERVER',
      shared: true,
      timestamp: EPOCH * 1e6 + 10_000,
      duration: 80_000,
    }),
    span('3', '2', { ...search, timestamp: EPOCH * 1e6 + 20_000, duration: 60_000 }),
  ];
  it.each<[string, string]>([
    ['a trace', JSON.stringify(trace)],
    ['traces', JSON.stringify([trace])],
    ['pretty', JSON.stringify([trace], null, 2)],
    ['lines', lines(...trace)],
    ['the server first', JSON.stringify(trace.toReversed())],
  ])('%s, with a span that client and server share', async (_, content) => {
    const summary = await summaryOf(content);
    expectSound(summary);
    expect(summary).toMatchObject({ warnings: [], services: ['search', 'shop'] });
    const critical = summary.bottlenecks.map(({ name, service, criticalSeconds, errors }) => [
      `${service} ${name}`,
      Math.round(criticalSeconds * 1e3),
      errors,
    ]);
    expect(critical.sort()).toEqual([
      ['search 2', 20, 0],
      ['search 3', 60, 0],
      ['shop 1', 0, 0],
      ['shop 2', 20, 1],
    ]);
  });
});

describe("Tempo's JSON", () => {
  const [document] = fixtureText('sdk.otlp.jsonl').trim().split('\n');
  const { resourceSpans } = JSON.parse(document!) as { resourceSpans: unknown[] };
  it.each<[string, object]>([
    ['batches', { batches: resourceSpans }],
    ['trace.resourceSpans', { trace: { resourceSpans } }],
    ['trace.batches', { trace: { batches: resourceSpans } }],
  ])('%s', async (_, value) => {
    const { generatedAt, ...expected } = await summaryOf(document!);
    expect(await summaryOf(JSON.stringify(value))).toEqual({ ...expected, generatedAt });
    const cut = await summaryOfChunks([JSON.stringify(value).slice(0, -2)]);
    expect(cut.spans).toEqual(expected.spans);
  });
});

describe("Jaeger's documents in Elasticsearch", () => {
  const doc = (last: string, parent: string | undefined, more: object) => ({
    ...{ traceID: id('1', 32), spanID: id(last), operationName: last, flags: 1, duration: 100_000 },
    references: parent ? [{ refType: 'CHILD_OF', traceID: id('1', 32), spanID: id(parent) }] : [],
    ...{ startTime: EPOCH * 1e6, startTimeMillis: EPOCH * 1e3, tags: [], logs: [] },
    ...{ process: { serviceName: 'shop', tags: [] }, ...more },
  });
  const docs = [
    doc('1', undefined, { tags: [{ key: 'span.kind', type: 'string', value: 'server' }] }),
    doc('2', '1', {
      duration: 60_000,
      tag: { 'span@kind': 'client', error: true, 'http@request@method': 'GET' },
    }),
  ];
  const wrapped = docs.map((_source) => ({ _index: 'jaeger-span-2026-11-27', _id: 'x', _source }));
  it.each<[string, string]>([
    ['lines', lines(...docs)],
    ['elasticdump', lines(...wrapped)],
    ['_search', JSON.stringify({ took: 3, hits: { total: { value: 2 }, hits: wrapped } })],
    ['an array', JSON.stringify(wrapped, null, 2)],
    ['bulk', lines({ index: { _index: 'a' } }, docs[0]!, { index: { _index: 'a' } }, docs[1]!)],
  ])('%s', async (_, content) => {
    const summary = await summaryOf(content);
    expectSound(summary);
    expect(summary).toMatchObject({ warnings: [], services: ['shop'], latency: { count: 1 } });
    const inner = summary.bottlenecks.find(({ errors }) => errors === 1);
    expect(inner?.criticalSeconds).toBeCloseTo(0.06, 6);
  });
});

describe('OTLP in Protocol Buffers', () => {
  const text = fixtureText('collector.otlp.jsonl').trim();
  const requests = text
    .split('\n')
    .map((line) =>
      Buffer.from(encodeOtlpRequest(JSON.parse(line) as { resourceSpans: unknown[] })),
    );
  const fixed = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const varint = (bytes: Buffer) => {
    const length: number[] = [];
    let rest = bytes.length;
    for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128);
    return Buffer.concat([Buffer.from([...length, rest]), bytes]);
  };
  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['requests one after another', (bytes) => bytes],
    ['with lengths of four bytes', fixed],
    ['with varints', varint],
  ])('%s', async (_, frame) => {
    const { generatedAt, ...expected } = await summaryOf(text);
    const bytes = Buffer.concat(requests.map(frame));
    expect(await summaryOf(bytes)).toEqual({ ...expected, generatedAt });
    const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect((await summaryOfChunks(pieces)).spans).toEqual(expected.spans);
    const cut = await summaryOf(bytes.subarray(0, -7));
    expect(cut.unread?.damaged).toBe(1);
    expect(cut.spans.analyzed).toBeGreaterThan(0);
  });
});

describe('what to convert it with is said of', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['Parquet', 'PAR1\0\x01rows', 'it is Parquet: write its rows as JSON lines'],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2]), 'unpack it with `zstd -d`'],
    ['a zip', 'PK\x03\x04...', 'unpack it with `unzip`'],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), 'it is UTF-16: convert it'],
    ['CSV', 'Timestamp,TraceId,SpanId\n1,2,3\n', 'it is CSV: write it as JSON lines'],
    ['HTML', '<!DOCTYPE html><html>', 'it is a page in HTML'],
    ['Zipkin v1', '[{"traceId":"1","id":"1","annotations":[],"binaryAnnotations":[]}]', 'of v1'],
    ['X-Ray', '{"Traces":[{"Id":"1-2","Segments":[]}]}', 'it holds X-Ray traces'],
    ['a Tempo search', '{"traces":[],"metrics":{}}', 'search results, which have no spans'],
    ['metrics', '{"resourceMetrics":[]}', 'it holds OTLP metrics'],
    ['rows without names', '["2026-11-27 07:00:00.2","a"]', 'FORMAT JSONEachRow'],
  ])('%s', async (_, content, complaint) => {
    expect(await complaintAbout(content)).toContain(complaint);
  });
});
