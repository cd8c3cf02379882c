import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Summary } from 'hotspan/processor';
import { readSummary } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { expectSound, fixture, fixtureText, NOW, summaryOf, temporaryFile } from './support.js';

const ALL = [
  'sdk.otlp.jsonl',
  'collector.otlp.jsonl',
  'jaeger-search.json',
  'jaeger-v3-search.json',
] as const;

const read = (name: string) => readSummary(fixture(name), { nowEpochMillis: NOW });

/** Rows by name with times in microseconds, which is what Jaeger's own JSON keeps. */
function rows({ bottlenecks }: Summary) {
  return Object.fromEntries(
    bottlenecks.map(({ service, name, calls, errors, criticalSeconds, selfSeconds, costUsd }) => [
      `${service} ${name}`,
      { calls, errors, costUsd, critical: criticalSeconds, self: selfSeconds },
    ]),
  );
}

describe('files that real software wrote', () => {
  it.each(ALL)('%s', async (name) => {
    const summary = await read(name);
    expectSound(summary);
    expect(summary).toMatchObject({
      traces: { analyzed: 6, incomplete: 0, evicted: 0 },
      spans: { analyzed: 54, late: 0, dropped: 0 },
      // The server span is called from within the data: what users waited for is the outer one alone.
      latency: { count: 6 },
      totals: { llmCalls: 6, unpricedCalls: 0, inputTokens: 7215, outputTokens: 540, errors: 1 },
      errors: [{ type: 'TypeError', segment: 'chat gpt-4o', count: 1 }],
      models: [{ provider: 'openai', model: 'gpt-4o', calls: 6, errors: 1 }],
      warnings: [],
    });
    expect([...summary.services].sort()).toEqual(['answers', 'mail', 'shop']);
    // 7,215 × $2.50 and 540 × $10 per million: each call once, though nobody reported a cost.
    expect(summary.totals.costUsd).toBeCloseTo(0.0234375, 10);
    // The message is worked off later, and the search of the index runs beside a longer one.
    expect(rows(summary)).toMatchObject({
      'mail process mail': { calls: 6, critical: 0 },
      'answers search index': { calls: 6, critical: 0 },
    });
  });

  it('say the same whoever wrote them', async () => {
    const [reference, ...others] = await Promise.all(ALL.map(read));
    for (const other of others) {
      const [a, b] = [rows(reference!), rows(other)];
      expect(Object.keys(b).sort()).toEqual(Object.keys(a).sort());
      for (const [key, row] of Object.entries(b)) {
        expect({ ...row, critical: 0, self: 0 }).toEqual({ ...a[key], critical: 0, self: 0 });
        expect(Math.abs(row.critical - a[key]!.critical)).toBeLessThan(20e-6);
        expect(Math.abs(row.self - a[key]!.self)).toBeLessThan(20e-6);
      }
    }
  });

  it('one trace, as the UI downloads it', async () => {
    expect(await read('jaeger-trace.json')).toMatchObject({
      traces: { analyzed: 1 },
      spans: { analyzed: 9 },
      latency: { count: 1, totalSeconds: 0.047601 },
    });
  });

  it.each(ALL)('%s, packed with gzip', async (name) => {
    const packed = await summaryOf(gzipSync(readFileSync(fixture(name))));
    expect(packed).toEqual(await read(name));
  });

  it.each(ALL)('%s, in other layouts', async (name) => {
    const expected = await read(name);
    const documents = fixtureText(name)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const layouts = [
      JSON.stringify(documents),
      JSON.stringify(documents, null, 2),
      documents.map((document) => JSON.stringify(document)).join('\r\n'),
      `\ufeff\n\n${documents.map((document) => JSON.stringify(document)).join('\n\n')}`,
      `[\n${documents.map((document) => JSON.stringify(document)).join(',\n')}\n]\n`,
      // As jq writes them.
      documents.map((document) => JSON.stringify(document, null, 2)).join('\n'),
      documents.map((document) => JSON.stringify(document)).join(''),
    ];
    for (const layout of layouts) expect(await summaryOf(layout)).toEqual(expected);
  });

  it('a bare trace of Jaeger, and an array of such', async () => {
    const { data } = JSON.parse(fixtureText('jaeger-search.json')) as { data: unknown[] };
    expect(await summaryOf(JSON.stringify(data))).toEqual(await read('jaeger-search.json'));
    const one = await summaryOf(JSON.stringify(data[0]));
    expect(one).toMatchObject({ traces: { analyzed: 1 }, spans: { analyzed: 9 } });
  });

  it('standard input', () => {
    const module = fileURLToPath(new URL('../../dist/doors/report.js', import.meta.url));
    const script = `import { readSummary } from ${JSON.stringify(module)};
      console.log(JSON.stringify((await readSummary('-')).spans));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      input: readFileSync(fixture('sdk.otlp.jsonl')),
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({
      stdout: '{"analyzed":54,"late":0,"dropped":0}\n',
      stderr: '',
    });
  });
});

describe('several sources', () => {
  it('make one trace of its parts in several files', async () => {
    const lines = fixtureText('collector.otlp.jsonl').trim().split('\n');
    const spans = lines.flatMap(
      (line) => (JSON.parse(line) as { resourceSpans: unknown[] }).resourceSpans,
    );
    const files = spans.map((entry) => temporaryFile(JSON.stringify({ resourceSpans: [entry] })));
    expect(files.length).toBeGreaterThan(2);
    const parts = await readSummary(files, { nowEpochMillis: NOW });
    const { services, ...whole } = await read('collector.otlp.jsonl');
    expect(parts).toMatchObject({ ...whole, warnings: [] });
    expect([...parts.services].sort()).toEqual([...services].sort());
  });
});

describe('a choice of traces', () => {
  const file = fixture('collector.otlp.jsonl');
  const options = { nowEpochMillis: NOW };

  it.each(['collector.otlp.jsonl', 'jaeger-search.json'])(
    'by a service in it: %s',
    async (name) => {
      const source = fixture(name);
      const summary = await readSummary(source, { ...options, service: 'mail' });
      expect(summary.traces.analyzed).toBe(6);
      await expect(readSummary(source, { ...options, service: 'post' })).rejects.toThrow(
        /no trace with a span of service "post"; services in it: answers, mail, shop$/,
      );
    },
  );

  it('by a name in it', async () => {
    const summary = await readSummary(file, { ...options, name: 'process mail' });
    expect(summary.traces.analyzed).toBe(6);
    await expect(readSummary(file, { ...options, name: 'x' })).rejects.toThrow('a span named "x"');
  });

  it('by the name of a row, as the rows are named', async () => {
    const groupName = (name: string) => name.replace(/ .*/, '');
    const summary = await readSummary(file, { ...options, groupName, name: 'process' });
    expect(summary.traces.analyzed).toBe(6);
    expect(summary.bottlenecks.map(({ name }) => name)).toContain('process');
    await expect(readSummary(file, { ...options, name: 'process' })).rejects.toThrow('no trace');
    const thrower = () => {
      throw new Error('no');
    };
    const { warnings } = await readSummary(file, {
      ...options,
      groupName: thrower,
      name: 'process mail',
    });
    expect(warnings.join()).toContain('`groupName` threw an error');
  });

  it('by their start', async () => {
    const startOfLast = 1_795_492_277_200;
    const last = await readSummary(file, { ...options, since: startOfLast });
    expect(last.traces.analyzed).toBeGreaterThan(0);
    expect(last.traces.analyzed).toBeLessThan(6);
    const all = await readSummary(file, { nowEpochMillis: startOfLast, since: '1m' });
    expect(all.traces.analyzed).toBe(6);
    await expect(readSummary(file, { ...options, since: '1s' })).rejects.toThrow(
      'a start since 1s',
    );
  });

  it('in the order asked for', async () => {
    const summary = await readSummary(file, { ...options, rankBy: 'cost', maxRows: 3 });
    expect(summary.rankedBy).toBe('cost');
    expect(summary.bottlenecks).toHaveLength(4);
  });
});

it('wrong options are refused', async () => {
  const rejected = (options: object) => expect(readSummary('x', options)).rejects;
  await rejected({ topp: 1 }).toThrow('readSummary: unknown option "topp"');
  await rejected({ limit: 0 }).toThrow('`limit` to be a whole number of at least 1');
  await rejected({ groupName: 'x' }).toThrow('`groupName` to be a function');
  await rejected({ rankBy: 'x' }).toThrow('`rankBy` to be one of');
  await rejected({ since: 'yesterday' }).toThrow('since: expected a time span');
  await expect(readSummary([])).rejects.toThrow('expected a file or an address, got none');
});

it('stops when it is aborted', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(readSummary(fixture('sdk.otlp.jsonl'), { signal })).rejects.toThrow('enough');
});
