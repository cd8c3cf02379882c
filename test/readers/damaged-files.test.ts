import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { mergeSummaries, readSummary } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import {
  complaintAbout,
  expectSound,
  fixtureText,
  hexId,
  otlp,
  otlpSpan,
  summaryOf,
  summaryOfChunks,
} from './support.js';

const EXPECTED = 'expected traces (of OTLP, Jaeger, Tempo, Zipkin or ClickHouse), but';
const lines = fixtureText('sdk.otlp.jsonl').trim().split('\n');
const document = (...spans: object[]) => JSON.stringify(otlp({ shop: spans }));

describe('one line says what is wrong with', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['text', 'hello\nworld\n', `${EXPECTED} it is not JSON or is cut`],
    ['rubbish', Buffer.from([0, 255, 10, 3, 137, 10, 200]), `${EXPECTED} it is not JSON or is cut`],
    ['a number', '17', `${EXPECTED} it holds a number`],
    ['null', 'null', `${EXPECTED} it holds null`],
    ['a list of strings', '["a"]', `${EXPECTED} it holds an array of something else`],
    ['another object', '{"a":1,"b":2}', `${EXPECTED} it holds an object with "a", "b"`],
    ['an empty object', '{}', `${EXPECTED} it holds an empty object`],
    ['an opening brace', '{', `${EXPECTED} it is not JSON or is cut`],
    ['no spans, OTLP', '{"resourceSpans":[]}', `${EXPECTED} it holds no spans`],
    ['no spans, Jaeger', '{"data":[]}', `${EXPECTED} it holds no spans`],
    ['gzip of rubbish', gzipSync('rubbish'), `${EXPECTED} it is not JSON or is cut`],
    ['no gzip behind the mark', Buffer.from([0x1f, 0x8b, 1, 2, 3]), `${EXPECTED} it is not JSON`],
    [
      'control characters',
      '{"a\\u001b[31m\\n":1}',
      `${EXPECTED} it holds an object with "a [31m "`,
    ],
  ])('%s', async (_, content, complaint) => {
    expect(await complaintAbout(content)).toContain(complaint);
  });

  it('spans without ids alone', async () => {
    const none = 'expected traces, but none of its spans has a usable id';
    expect(await complaintAbout(document({ name: 'a' }))).toBe(none);
    expect(await complaintAbout(document({ name: 'a' }), { service: 'shop' })).toBe(none);
  });

  it('standard input, asked for twice', async () => {
    await expect(readSummary(['-', '-'])).rejects.toThrow('standard input can be read only once');
  });

  it('a file that is not there, and a directory', async () => {
    await expect(readSummary('/no/such/file')).rejects.toThrow(
      '/no/such/file: expected traces or a saved summary, but there is no such file',
    );
    const folder = mkdtempSync(join(tmpdir(), 'hotspan-'));
    await expect(readSummary(folder)).rejects.toThrow(
      'expected traces or a saved summary, but it is a directory',
    );
    await expect(readSummary('a\0b')).rejects.toMatchObject({ name: 'BadInputError' });
  });
});

describe('a source that holds nothing is an empty summary', () => {
  it.each<[string, string | Uint8Array]>([
    ['an empty file', ''],
    ['blanks', ' \n\n '],
    ['gzip of nothing', gzipSync('')],
  ])('%s', async (_, content) => {
    const summary = await summaryOf(content, { service: 'shop', entry: 'x', by: 'user' });
    expectSound(summary);
    expect(summary).toMatchObject({ traces: { analyzed: 0 }, bottlenecks: [], warnings: [] });
    expect(summary.unread).toBeUndefined();
    const one = await summaryOf(lines.join('\n'));
    const { durations, ...latency } = mergeSummaries([summary, one, summary]).latency;
    expect({ ...latency, durations }).toEqual(one.latency);
  });
});

describe('damage hides nothing behind it, and is counted', () => {
  const row = (id: string) => JSON.stringify(otlp({ shop: [otlpSpan({ id, start: 0, end: 9 })] }));
  const cut = row('b').slice(0, 60);
  const pretty = (id: string) => JSON.stringify(JSON.parse(row(id)), null, 2);
  it.each<[string, string, number]>([
    ['a line in the middle', [row('a'), cut, row('c')].join('\n'), 1],
    ['two lines at the start', [cut, cut, row('a'), row('c')].join('\n'), 1],
    ['a line of text', [row('a'), 'Killed', row('c')].join('\n'), 1],
    ['a line that holds half of two', [row('a'), `${cut}${row('b')}`, row('c')].join('\n'), 1],
    ['a line of an array', `[\n${row('a')},\n${cut},\n${row('c')}\n]`, 1],
    ['a document of several', [pretty('a'), pretty('b').slice(0, 90), pretty('c')].join('\n'), 1],
    ['rubbish between documents', `${pretty('a')}\n\0\0\0\n${pretty('c')}\n`, 1],
  ])('%s', async (_, content, damaged) => {
    const summary = await summaryOf(content);
    expectSound(summary);
    expect(summary.bottlenecks.map(({ name }) => name).sort()).toEqual(['a', 'c']);
    expect(summary.unread).toEqual({ damaged, spans: 0 });
    expect(summary.warnings).toHaveLength(1);
    expect(mergeSummaries([summary, await summaryOf(`${row('d')}\n${cut}`)]).unread).toEqual({
      ...{ damaged: damaged + 1, spans: 0 },
    });
  });

  const services = (...names: string[]) => {
    const spans = (name: string) =>
      [1, 2, 3].map((at) =>
        otlpSpan({ id: `${name}${at}`, name: `${name}${at}`, start: 0, end: 9 }),
      );
    const all = Object.fromEntries(names.map((name) => [name, spans(name)]));
    return JSON.stringify(otlp(all), null, 2);
  };
  it.each<[string, string | RegExp, string[], number]>([
    ['in a span', '"name": "b2"', ['a1', 'a2', 'a3', 'b1', 'c1', 'c2', 'c3', 'd1', 'd2', 'd3'], 1],
    ['in a first span', '"name": "b1"', ['a1', 'a2', 'a3', 'c1', 'c2', 'c3', 'd1', 'd2', 'd3'], 1],
    [
      'before the spans',
      '"stringValue": "b"',
      ['a1', 'a2', 'a3', 'c1', 'c2', 'c3', 'd1', 'd2', 'd3'],
      1,
    ],
    [
      'at the end of one',
      /\n {4}\},(?=\s*\{[^}]*"c")/,
      ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3', 'd1', 'd2', 'd3'],
      1,
    ],
    ['in two', /"name": "[bc]2"/g, ['a1', 'a2', 'a3', 'b1', 'd1', 'd2', 'd3'], 2],
  ])('within a document over many lines, %s', async (_, place, names, damaged) => {
    const summary = await summaryOf(services('a', 'b', 'c', 'd').replace(place, '"na\0'));
    expectSound(summary);
    expect(summary.bottlenecks.map(({ name }) => name).sort()).toEqual(names);
    expect(summary.services).not.toContain('unknown_service');
    expect(summary.unread).toEqual({ damaged, spans: 0 });
  });

  it('within the pages of a Jaeger', async () => {
    const pretty = JSON.stringify(JSON.parse(fixtureText('jaeger-search.json')), null, 2);
    const whole = await summaryOf(pretty);
    const [first] = /"traceID"[^]*?"spanID": "[^]*?"spanID"/.exec(pretty)!;
    const summary = await summaryOf(pretty.replace(first, first.replace(/,/, '\0')));
    expect(summary.traces.analyzed).toBe(whole.traces.analyzed - 1);
    expect(summary.services).not.toContain('unknown_service');
    expect(summary.unread).toEqual({ damaged: 1, spans: 0 });
  });

  it('spans without ids are counted, too', async () => {
    const summary = await summaryOf(
      document(otlpSpan({ id: 'a', start: 0, end: 1 }), { name: 'b' }),
    );
    expect(summary.unread).toEqual({ damaged: 0, spans: 1 });
  });

  it('spans without their resource are said', async () => {
    const spans = [otlpSpan({ id: 'a', start: 0, end: 1 })];
    const summary = await summaryOf(
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    );
    expect(summary.services).toEqual(['unknown_service']);
    expect(summary.warnings).toEqual([
      'spans came without their resource: their service is unknown',
    ]);
  });
});

describe('what can be read is read of', () => {
  it.each(['sdk.otlp.jsonl', 'jaeger-search.json'])('%s, cut anywhere', async (name) => {
    const text = fixtureText(name);
    let most = 0;
    for (let share = 0.1; share < 0.95; share += 0.1) {
      const summary = await summaryOf(text.slice(0, Math.floor(text.length * share)));
      expectSound(summary);
      expect(summary.spans.analyzed).toBeGreaterThanOrEqual(most);
      expect(summary.warnings.join()).toMatch(/damaged|cut/);
      most = summary.spans.analyzed;
    }
    expect(most).toBeGreaterThan(30);
  });

  it.each(['{"a":', '"', 'tru', '}', '\u0000', '[1 2]'])(
    'documents one after another, with %s behind them',
    async (rest) => {
      const documents = lines.map((line) => JSON.stringify(JSON.parse(line), null, 2)).join('\n');
      const summary = await summaryOf(`${documents}\n${rest}`);
      expect(summary.spans.analyzed).toBe(54);
      expect(summary.warnings.join()).toContain('the JSON is damaged or cut');
    },
  );

  it('a packed file that was cut', async () => {
    const packed = gzipSync(lines.join('\n'));
    const summary = await summaryOf(packed.subarray(0, packed.length * 0.7));
    expect(summary.spans.analyzed).toBeGreaterThan(5);
    expect(summary.warnings.join()).toMatch(/damaged|cut/);
  });

  it('a packed file with flipped bits', async () => {
    const packed = gzipSync(Array.from({ length: 200 }, () => lines.join('\n')).join('\n'), {
      level: 0,
    });
    const middle = Math.floor(packed.length / 2);
    packed.fill(0x55, middle, middle + 100);
    const summary = await summaryOf(packed);
    expect(summary.spans.analyzed).toBe(54);
    expect(summary.warnings.length).toBeGreaterThan(0);
  });

  it('lines between which others are damaged', async () => {
    const whole = await summaryOf(lines.join('\n'));
    const damaged = [
      'rubbish',
      lines[0]!,
      '{"resourceSpans":[{',
      ...lines.slice(1),
      'rubbish',
      '"',
    ];
    const { warnings, unread, ...summary } = await summaryOf(damaged.join('\n'));
    expect(unread).toEqual({ damaged: 4, spans: 0 });
    expect({ ...summary, warnings: [] }).toEqual(whole);
    expect(warnings.map((text) => text.replace(/^\S+ /, ''))).toEqual([
      'a line that is not JSON was left out (3 times)',
      'a line is damaged: what follows in it was left out',
    ]);
  });

  it('a document over two lines, without a line break at its end', async () => {
    const summary = await summaryOf(`{\n${lines[0]!.slice(1)}`);
    expect(summary).toEqual(await summaryOf(lines[0]!));
  });

  it('a first line that is damaged', async () => {
    const summary = await summaryOf(`${lines[0]!.slice(0, 900)}\n${lines.slice(1).join('\n')}`);
    expect(summary.spans.analyzed).toBeGreaterThan(20);
    expect(summary.warnings.join()).toContain('a line is damaged');
  });

  it('lines with other telemetry', async () => {
    const summary = await summaryOf([...lines, '{"resourceLogs":[]}'].join('\n'));
    expect(summary.spans.analyzed).toBe(54);
    expect(summary.warnings.join()).toContain(
      'JSON that holds no traces was left out: an object with "resourceLogs"',
    );
  });
});

describe('is counted and left out:', () => {
  const good = otlpSpan({ id: 'a', start: 0, end: 10 });

  it.each<[string, unknown]>([
    ['a span that is a string', 'x'],
    ['a span that is null', null],
    ['a span without ids', {}],
    ['an id that is a number', { ...good, spanId: 7 }],
    ['an id of zeros', { ...good, spanId: '0000000000000000' }],
    ['no trace id', { ...good, traceId: '' }],
  ])('%s', async (_, bad) => {
    const summary = await summaryOf(document(good, bad as object));
    expect(summary.spans).toEqual({ analyzed: 1, late: 0, dropped: 0 });
    expect(summary.warnings.join()).toMatch(/^a span without (an|a trace) id was left out$/);
  });

  it.each<[string, object]>([
    ['no times', { startTimeUnixNano: undefined }],
    ['a start that is text', { startTimeUnixNano: 'now' }],
    ['an end of 0', { endTimeUnixNano: '0' }],
    ['a start below 0', { startTimeUnixNano: -5 }],
    ['an end that is too large', { endTimeUnixNano: '9'.repeat(30) }],
    ['an object as an end', { endTimeUnixNano: { toString: 1 } }],
  ])('a span with %s', async (_, fields) => {
    const bad = { ...otlpSpan({ id: 'b', parent: 'a', start: 1, end: 2 }), ...fields };
    const summary = await summaryOf(document(good, bad));
    expectSound(summary);
    expect(summary.spans).toEqual({ analyzed: 1, late: 0, dropped: 0 });
    expect(summary.traces.incomplete).toBe(1);
    expect(summary.warnings).toEqual(['a span without a usable start or end was left out']);
  });

  it('a span that comes twice', async () => {
    const summary = await summaryOf(`${document(good)}\n${document(good)}\n${document(good)}`);
    expect(summary.spans).toEqual({ analyzed: 1, late: 0, dropped: 0 });
    expect(summary.traces).toMatchObject({ analyzed: 1, incomplete: 0 });
    expect(summary.warnings).toEqual([
      'a span was there more than once and was counted once (2 times)',
    ]);
  });

  it('an end before the start', async () => {
    const summary = await summaryOf(document(otlpSpan({ id: 'a', start: 5, end: 1 })));
    expectSound(summary);
    expect(summary.warnings).toEqual(['a span ended before it started']);
  });
});

describe('wrong types of', () => {
  it('everything that may be missing are as if it were', async () => {
    const odd = { toString: 1, valueOf: 1 };
    const spans = ['name', 'kind', 'status', 'attributes', 'flags', 'parentSpanId'].map(
      (field, index) => ({ ...otlpSpan({ id: `s${index}`, start: 0, end: 5 }), [field]: odd }),
    );
    const attributes = ['gen_ai.operation.name', 'gen_ai.usage.cost', 'error.type'].flatMap(
      (key) => [
        { key, value: odd },
        { key, value: { intValue: odd } },
        { key, value: { arrayValue: odd } },
        { key: odd, value: { stringValue: 'x' } },
        odd,
        null,
      ],
    );
    const more = otlpSpan({ id: 'm', start: 0, end: 5, attributes, status: { code: 2 } });
    const summary = await summaryOf(document(...spans, more));
    expectSound(summary);
    expect(summary.spans.analyzed).toBe(7);
  });

  it('a resource', async () => {
    const span = otlpSpan({ id: 'a', start: 0, end: 1 });
    const summary = await summaryOf(
      JSON.stringify({
        resourceSpans: [{ resource: 7, scopeSpans: [{ spans: [span] }, 3] }, null],
      }),
    );
    expect(summary.services).toEqual(['unknown_service']);
  });

  it('what Jaeger writes', async () => {
    const span = {
      traceID: 'ab',
      spanID: 'cd',
      operationName: 7,
      references: [null, { refType: 'CHILD_OF', spanID: 3 }],
      startTime: 1_795_492_276_987_000,
      duration: 10,
      tags: [{ key: 'error', value: {} }, 'x'],
      processID: { toString: 1 },
    };
    const summary = await summaryOf(JSON.stringify({ data: [{ spans: [span, 5] }, null] }));
    expectSound(summary);
    expect(summary.bottlenecks).toMatchObject([
      { name: '(unnamed)', service: 'unknown_service', calls: 1 },
    ]);
  });
});

describe('traces that cannot be', () => {
  it('a missing parent', async () => {
    const root = otlpSpan({ id: 'a', start: 0, end: 10 });
    const orphan = otlpSpan({ id: 'b', parent: 'x', start: 2, end: 4 });
    expect(await summaryOf(document(root, orphan))).toMatchObject({
      latency: { count: 1 },
      traces: { analyzed: 1, incomplete: 1 },
    });
  });

  it('a missing root', async () => {
    const orphan = otlpSpan({ id: 'b', parent: 'x', start: 2, end: 4 });
    expect(await summaryOf(document(orphan))).toMatchObject({
      latency: { count: 1 },
      traces: { analyzed: 1, incomplete: 1 },
    });
  });

  it('a cycle', async () => {
    const spans = [
      otlpSpan({ id: 'a', parent: 'c', start: 0, end: 9 }),
      otlpSpan({ id: 'b', parent: 'a', start: 1, end: 8 }),
      otlpSpan({ id: 'c', parent: 'b', start: 2, end: 7 }),
      otlpSpan({ id: 'd', parent: 'd', start: 2, end: 7 }),
    ];
    const summary = await summaryOf(document(...spans));
    expectSound(summary);
    expect(summary.spans.analyzed).toBe(4);
  });
});

describe('times in another unit', () => {
  const NANOS = 1_795_492_276_000_000_000n;

  it.each([
    ['seconds', 1_000_000_000n],
    ['milliseconds', 1_000_000n],
    ['microseconds', 1_000n],
  ])('%s are said to be none', async (unit, divisor) => {
    const [startTimeUnixNano, endTimeUnixNano] = [NANOS, NANOS + 5_000_000_000n].map((time) =>
      String(time / divisor),
    );
    const span = { traceId: hexId('t', 32), spanId: hexId('a', 16), name: 'a' };
    const { warnings } = await summaryOf(document({ ...span, startTimeUnixNano, endTimeUnixNano }));
    expect(warnings).toEqual([
      `the start of a span is before the year 2000: it looks like ${unit} where nanoseconds were expected, so the durations may be wrong too`,
    ]);
  });

  it.each([
    ['nanoseconds', 'after the year 2100', NANOS],
    ['milliseconds', 'before the year 2000', NANOS / 1_000_000n],
  ])('%s in Jaeger’s JSON', async (unit, year, startTime) => {
    const span = { traceID: 'ab', spanID: 'cd', startTime: Number(startTime), duration: 10 };
    const { warnings } = await summaryOf(JSON.stringify({ data: [{ spans: [span] }] }));
    expect(warnings.join()).toContain(`${year}: it looks like ${unit} where microseconds`);
  });
});

it('starts that are centuries apart in one trace are of no time before the epoch', async () => {
  const span = { traceId: hexId('t', 32), spanId: hexId('a', 16) };
  const far = { ...span, startTimeUnixNano: '5416186347000000000' };
  const near = { ...span, startTimeUnixNano: 5e-324, endTimeUnixNano: '1' };
  expectSound(await summaryOf(document(far, near)));
});

describe('ends that cannot be are left out:', () => {
  const NANOS = 1_795_492_276_000_000_000n;
  const left = 'a span without a usable start or end was left out';
  const root = otlpSpan({ id: 'a', start: 0, end: 10 });

  it.each([
    ['after the year 2100: expected nanoseconds since 1970', '9976400000000000000'],
    ['before the year 2000: it looks like milliseconds where nanos', String(NANOS / 1_000_000n)],
  ])('%s', async (oddity, endTimeUnixNano) => {
    const odd = { ...otlpSpan({ id: 'b', parent: 'a', start: 1, end: 2 }), endTimeUnixNano };
    const summary = await summaryOf(document(root, odd));
    expectSound(summary);
    expect(summary.latency.totalSeconds).toBeCloseTo(0.01);
    expect(summary.warnings).toEqual([
      expect.stringContaining(`the end of a span is ${oddity}`),
      left,
    ]);
  });

  it('in Jaeger’s JSON', async () => {
    const span = { traceID: 'ab', spanID: 'cd', startTime: 1_795_492_276_987_000 };
    const late = { ...span, spanID: 'ef', duration: 8e15 };
    const spans = [{ ...span, duration: 10 }, late];
    const summary = await summaryOf(JSON.stringify({ data: [{ spans }] }));
    expect(summary.spans.analyzed).toBe(1);
    expect(summary.warnings).toEqual([expect.stringContaining('the end of a span is after'), left]);
  });
});

describe('of any size', () => {
  it('100 MB of rubbish on one line', async () => {
    const chunk = Buffer.alloc(2 ** 20, 'x');
    const rubbish = Array.from({ length: 100 }, () => chunk);
    const summary = await summaryOfChunks([...rubbish, `\n${lines.join('\n')}`]);
    expect(summary.spans.analyzed).toBe(54);
    expect(summary.warnings).toEqual(['chunks: a line that is not JSON was left out']);
    await expect(summaryOfChunks(rubbish)).rejects.toThrow('it is not JSON or is cut');
  });

  it.each(['{"a":"', '[[[[', '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"'])(
    '100 MB that begin as %s',
    async (start) => {
      const chunk = Buffer.alloc(2 ** 20, start.at(-1) === '[' ? '[' : 'x');
      const rubbish = Array.from({ length: 100 }, () => chunk);
      await expect(summaryOfChunks([start, ...rubbish])).rejects.toThrow('is not JSON or is cut');
    },
  );

  it('a document that is too large to be parsed at once', async () => {
    const copies = 800;
    const { resourceSpans } = JSON.parse(lines[0]!) as { resourceSpans: unknown[] };
    const entry = JSON.stringify(resourceSpans[0]);
    const spans = entry.split('"spanId"').length - 1;
    const chunks = [
      '{"resourceSpans":[',
      ...Array.from({ length: copies }, (_, index) => {
        const traceId = (index + 1).toString(10).padStart(32, 'f');
        return `${index === 0 ? '' : ','}${entry.replaceAll(/"traceId":"[0-9a-f]+"/g, `"traceId":"${traceId}"`)}`;
      }),
      `,{"padding":"${'x'.repeat(17 * 2 ** 20)}"}]}`,
    ];
    const summary = await summaryOfChunks(chunks);
    expect(summary.warnings).toEqual([]);
    expect(summary.traces.analyzed).toBe(copies);
    expect(summary.spans.analyzed).toBe(copies * spans);
  });

  it('a trace that is too large to be kept whole', async () => {
    const spans = Array.from({ length: 50 }, (_, index) =>
      otlpSpan({ id: `s${index}`, ...(index > 0 ? { parent: 's0' } : {}), start: index, end: 99 }),
    );
    const summary = await summaryOfChunks([document(...spans)], { maxSpansPerTrace: 20 });
    expectSound(summary);
    expect(summary).toMatchObject({
      spans: { analyzed: 20, dropped: 30 },
      traces: { analyzed: 1, incomplete: 1 },
    });
  });
});
