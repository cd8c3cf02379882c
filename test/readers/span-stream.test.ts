import { describe, expect, it } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { readDocument } from '../../src/readers/json-formats.js';
import { SpanSink } from '../../src/readers/span-sink.js';
import { SpanStream } from '../../src/readers/span-stream.js';
import { TraceCollector } from '../../src/readers/trace-collector.js';
import { heapGrowth } from '../support/heap.js';
import { fixtureText, NOW, otlp, otlpSpan } from './support.js';

function summaryAfter(read: (sink: SpanSink) => void) {
  const ranking = new Ranking();
  const collector = new TraceCollector(ranking);
  read(new SpanSink(collector));
  collector.closeAll();
  return ranking.toSummary({ nowEpochMillis: NOW });
}

const whole = (json: string) => summaryAfter((sink) => readDocument(JSON.parse(json), sink));

function streamed(json: string, chunkLength = 100) {
  let isComplete = false;
  const summary = summaryAfter((sink) => {
    const stream = new SpanStream(sink);
    const bytes = Buffer.from(json);
    for (let at = 0; at < bytes.length; at += chunkLength) {
      stream.write(bytes.subarray(at, at + chunkLength));
    }
    isComplete = stream.end();
  });
  return { summary, isComplete };
}

const [line = ''] = fixtureText('collector.otlp.jsonl').split('\n');
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([k, v]) => [k, reversed(v)]),
  );
};

describe('a document reads from its pieces as it does at once:', () => {
  it.each([
    ['OTLP', line],
    ['OTLP, resources after their spans', JSON.stringify(reversed(JSON.parse(line)))],
    [
      'OTLP in snake case',
      line.replaceAll('resourceSpans', 'resource_spans').replaceAll('scopeSpans', 'scope_spans'),
    ],
    ['an array of OTLP', `[${line}]`],
    ['API v3', fixtureText('jaeger-v3-search.json')],
    ['Jaeger', fixtureText('jaeger-search.json')],
    [
      'Jaeger, processes first',
      JSON.stringify(reversed(JSON.parse(fixtureText('jaeger-search.json')))),
    ],
    [
      'an array of traces',
      JSON.stringify((JSON.parse(fixtureText('jaeger-search.json')) as { data: unknown }).data),
    ],
    [
      'one trace',
      JSON.stringify((JSON.parse(fixtureText('jaeger-trace.json')) as { data: unknown[] }).data[0]),
    ],
  ])('%s', (_, json) => {
    const { summary, isComplete } = streamed(json);
    expect(summary.spans.analyzed).toBeGreaterThan(8);
    expect({ summary, isComplete }).toEqual({ summary: whole(json), isComplete: true });
  });

  it.each(['after', 'before'])('who tells of a call, the resource %s the spans', (where) => {
    const call = (id: string, start: number, end: number) => ({
      ...otlpSpan({ id, parent: 'r', start, end }),
      attributes: [
        { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
        { key: 'gen_ai.request.model', value: { stringValue: 'gpt-4o' } },
        { key: 'gen_ai.usage.input_tokens', value: { intValue: 7 } },
      ],
    });
    const scopeSpans = [
      { scope: { name: 'agent' }, spans: [otlpSpan({ id: 'r', start: 0, end: 9 })] },
      { scope: { name: 'langchain' }, spans: [call('a', 1, 8)] },
      { scope: { name: 'openai' }, spans: [call('b', 2, 7)] },
    ];
    const resource = { attributes: [] };
    const entry = where === 'after' ? { scopeSpans, resource } : { resource, scopeSpans };
    const json = JSON.stringify({ resourceSpans: [entry] });
    expect(streamed(json).summary.totals).toMatchObject({ llmCalls: 1, inputTokens: 7 });
    expect(streamed(json)).toEqual({ summary: whole(json), isComplete: true });
  });

  it.each(['é€😀 '.repeat(1_000), '\n\u2028"\\'.repeat(1_000), `${'x'.repeat(1_023)}😀`])(
    'a text of more characters than are put together at once: %#',
    (text) => {
      const attributes = [{ key: 'error.type', value: { stringValue: text } }];
      const span = { ...otlpSpan({ id: 'a', start: 1, end: 2 }), status: { code: 2 }, attributes };
      const json = JSON.stringify(otlp({ shop: [span] }));
      expect(whole(json).errors.map(({ type }) => type)).toEqual([text]);
      expect(streamed(json, 7)).toEqual({ summary: whole(json), isComplete: true });
    },
  );

  it('several, one after another', () => {
    const json = fixtureText('jaeger-search.json');
    const { summary, isComplete } = streamed(`${json}\n${line}`);
    expect(isComplete).toBe(true);
    expect(summary.spans.analyzed).toBe(54);
  });
});

it('says when a document was not complete, or is none', () => {
  expect(streamed(line.slice(0, 5_000)).isComplete).toBe(false);
  expect(streamed('{"a":nothing}').isComplete).toBe(false);
  expect(streamed('['.repeat(2_000) + ']'.repeat(2_000)).isComplete).toBe(false);
});

it.each([
  ['digits', '{"a":', '1'],
  ['escaped characters', '{"a":"', '\\n'],
])('keeps little of 4 MB of %s', async (_, start, unit) => {
  const chunk = Buffer.from(unit.repeat(2 ** 20 / unit.length));
  const kept: SpanStream[] = [];
  const growth = await heapGrowth(1, () => {
    summaryAfter((sink) => {
      const stream = new SpanStream(sink);
      for (const piece of [Buffer.from(start), ...Array.from({ length: 4 }, () => chunk)]) {
        expect(stream.write(piece)).toBe(true);
      }
      kept.push(stream);
    });
  });
  expect(kept).toHaveLength(2);
  expect(growth).toBeLessThan(16);
});

it('keeps many spans in their order, and little memory for them, until their service comes', async () => {
  const spans = Array.from({ length: 30_000 }, (_, index) =>
    otlpSpan({ id: `é${index}`, trace: `t${index >> 5}`, name: `n${index % 7}`, start: 0, end: 1 }),
  );
  const json = JSON.stringify(reversed(otlp({ shop: spans })));
  expect(streamed(json, 2 ** 16)).toEqual({ summary: whole(json), isComplete: true });
  const kept: SpanStream[] = [];
  const growth = await heapGrowth(1, () => {
    summaryAfter((sink) => {
      const stream = new SpanStream(sink);
      stream.write(Buffer.from(json.slice(0, json.indexOf('"resource"'))));
      kept.push(stream);
    });
  });
  expect(kept).toHaveLength(2);
  expect(json.length).toBeGreaterThan(4.5 * 2 ** 20);
  expect(growth).toBeLessThan(3);
});

it('counts spans whose service never comes as of an unknown one', () => {
  const json = fixtureText('jaeger-trace.json').replaceAll('"processes"', '"others"');
  expect(streamed(json).summary.services).toEqual(['unknown_service']);
});
