import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { segment } from 'hotspan';
import type { Summary } from 'hotspan/processor';
import { toJson } from '../../src/report/printable-summary.js';
import { describe, expect, it } from 'vitest';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';
import { fixture } from '../readers/support.js';
import { summaryOf } from '../support/summary.js';
import { folderForTests, hotspan, inShell } from './support.js';

stopSdkAfterEach();

const folder = folderForTests();

function savedSummary(): string {
  const sdk = startSdk();
  segment('outer', () => segment('inner', () => 1));
  return toJson(sdk.bottlenecks.summary());
}

function damaged(fields: object): string {
  return JSON.stringify({ ...(JSON.parse(savedSummary()) as object), ...fields });
}

function damagedLatency(durations: unknown): string {
  const { latency } = JSON.parse(savedSummary()) as { latency: object };
  return damaged({ latency: { ...latency, durations } });
}

describe('hotspan report', () => {
  it('prints a saved summary as a table', () => {
    const path = folder.write('good.json', savedSummary());
    const { status, stdout, stderr } = hotspan(['report', path]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^test · 1 trace/);
    expect(stdout).toContain('outer');
  });

  it('ranks it anew and cuts it, as text, JSON and Markdown', () => {
    const path = folder.write('again.json', savedSummary());
    const args = ['report', path, '--rank-by', 'total', '--top', '1'];
    expect(JSON.parse(hotspan([...args, '--json']).stdout)).toMatchObject({
      schemaVersion: 1,
      rankedBy: 'total',
      bottlenecks: [{ rank: 1, name: 'outer' }],
    });
    expect(hotspan(args).stdout).toContain('ranked by total time; 1 more row');
    const { stdout } = hotspan([...args, '--markdown']);
    expect(stdout).toContain('| 1 | `outer` | ');
    expect(stdout).toContain('Ranked by total time; 1 more row');
  });

  it('prints a saved summary as JSON unchanged, and one without what merging needs', () => {
    const saved = savedSummary();
    const path = folder.write('whole.json', saved);
    expect(hotspan(['report', path, '--json']).stdout).toBe(`${saved}\n`);
    const older = JSON.stringify(JSON.parse(saved), (key, value: unknown) =>
      key === 'durations' || key === 'observedFromEpochSeconds' ? undefined : value,
    );
    expect(hotspan(['report', folder.write('older.json', older)]).status).toBe(0);
  });

  it('knows a saved summary however its JSON is laid out', () => {
    const { schemaVersion, ...rest } = JSON.parse(savedSummary()) as Summary;
    const path = folder.write('sorted.json', JSON.stringify({ ...rest, schemaVersion }));
    expect(hotspan(['report', path])).toMatchObject({ status: 0, stderr: '' });
  });

  it('says so when it is to rank by what is not known', () => {
    const without = JSON.stringify(JSON.parse(savedSummary()), (key, value: unknown) =>
      key === 'savingSeconds' ? undefined : value,
    );
    const path = folder.write('no-savings.json', without);
    const { status, stderr } = hotspan(['report', path, '--rank-by', 'saving']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^hotspan: no row has a known saving.*\n$/);
  });

  it.each([
    ['cost', 'no row has a known cost', { costUsd: 0.1 }],
    ['waste', 'no row has wasted time', { wastedSeconds: 1 }],
  ])('says so when there is no %s to rank by', (rankBy, text, known) => {
    const without = folder.write(`no-${rankBy}.json`, toJson(summaryOf({ name: 'search' })));
    const { status, stderr } = hotspan(['report', without, '--rank-by', rankBy]);
    expect(status).toBe(0);
    expect(stderr).toBe(`hotspan: ${text}: the rows are ordered by critical time\n`);
    const rows = [{ name: 'search' }, { name: 'stock', ...known }];
    const having = folder.write(`some-${rankBy}.json`, toJson(summaryOf(...rows)));
    expect(hotspan(['report', having, '--rank-by', rankBy]).stderr).toBe('');
  });

  it('links to Jaeger where it is told of one', () => {
    const path = folder.write('linked.json', toJson(summaryOf({ name: 'search' })));
    const link = (base: string) => `${base}/trace/abc?uiFind=1`;
    const option = ['--jaeger-url', 'http://a.example/base/'];
    const env = { HOTSPAN_JAEGER_URL: 'http://b.example' };
    const { stdout } = hotspan(['report', path, ...option], env);
    expect(stdout).toContain(`slowest search, 1.00 s: ${link('http://a.example/base')}\n`);
    expect(hotspan(['report', path], env).stdout).toContain(link('http://b.example'));
    expect(hotspan(['report', path, '--markdown'], env).stdout).toContain(
      `[1.00 s](${link('http://b.example')})`,
    );
    expect(hotspan(['report', path]).stdout).not.toContain('http');
  });

  it('says in one line when the variable names no Jaeger', () => {
    const path = folder.write('variable.json', savedSummary());
    expect(hotspan(['report', path], { HOTSPAN_JAEGER_URL: 'localhost:16686' })).toEqual({
      status: 2,
      stdout: '',
      stderr: 'hotspan: HOTSPAN_JAEGER_URL: expected an address such as http://localhost:16686\n',
    });
  });

  it.each(['--service', '--since', '--name'])(
    'chooses nothing from a saved summary: %s',
    (option) => {
      const path = folder.write('chosen.json', savedSummary());
      expect(hotspan(['report', path, option, '1h'])).toEqual({
        status: 2,
        stdout: '',
        stderr: `hotspan: ${path}: expected traces to choose from by ${option.slice(2)}, but it is a saved summary\n`,
      });
    },
  );

  it('takes a saved summary from a pipe, too', () => {
    const path = folder.write('piped.json', savedSummary());
    const { stdout } = hotspan(['report', path]);
    expect(inShell(`hotspan report ${path} --json | hotspan report -`, folder.path)).toEqual({
      status: 0,
      stdout,
      stderr: '',
    });
    expect(inShell(`cat ${path} | hotspan report - --since 1h`, folder.path)).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'hotspan: standard input: expected traces to choose from by since, but it is a saved summary\n',
    });
  });

  it('reads several saved summaries as one', () => {
    const one = folder.write('one.json', toJson(summaryOf({ name: 'search', service: 'shop' })));
    const two = folder.write('two.json', toJson(summaryOf({ name: 'stock', service: 'store' })));
    const { status, stdout } = hotspan(['report', one, two, '--json']);
    expect(status).toBe(0);
    const { services, bottlenecks } = JSON.parse(stdout) as Summary;
    expect([...services].sort()).toEqual(['shop', 'store']);
    expect(bottlenecks.map(({ name }) => name).sort()).toEqual(['search', 'stock']);
  });

  it('reads saved summaries that are packed or come by pipes, and traces with them', () => {
    const packed = join(folder.path, 'packed.json.gz');
    writeFileSync(packed, gzipSync(toJson(summaryOf({ name: 'search' }))));
    const piped = folder.write('piped-too.json', toJson(summaryOf({ name: 'stock' })));
    const names = (line: string) => {
      const { status, stdout, stderr } = inShell(line, folder.path);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { bottlenecks } = JSON.parse(stdout) as Summary;
      return bottlenecks.map(({ name }) => name);
    };
    expect(names(`hotspan report ${packed} --json`)).toEqual(['search']);
    expect(names(`cat ${piped} | hotspan report - ${packed} --json`).sort()).toEqual([
      'search',
      'stock',
    ]);
    const mixed = names(
      `gzip < ${piped} | hotspan report ${packed} - ${fixture('sdk.otlp.jsonl')} --json`,
    );
    expect(mixed).toEqual(expect.arrayContaining(['search', 'stock', 'search web']));
  });

  it('does not unpack what is larger than any summary', () => {
    const blank = Buffer.alloc(2 ** 20, ' ');
    const start = '{"schemaVersion":1,"bottlenecks":[],';
    // Packed data may follow packed data.
    const parts = [gzipSync(start), ...Array<Buffer>(300).fill(gzipSync(blank))];
    const path = join(folder.path, 'large.json.gz');
    writeFileSync(path, Buffer.concat(parts));
    const { status, stderr } = hotspan(['report', path]);
    expect(status).toBe(2);
    expect(stderr).toBe(
      `hotspan: ${path}: expected a saved summary, but it is larger than 256 MiB\n`,
    );
  });

  it('says of a packed summary that was cut what it is', () => {
    const text = toJson(summaryOf({ name: 'search' }, { name: 'stock' }));
    const packed = gzipSync(text);
    const path = join(folder.path, 'cut.json.gz');
    writeFileSync(path, packed.subarray(0, packed.length * 0.7));
    expect(hotspan(['report', path]).stderr).toBe(
      `hotspan: ${path}: expected a saved summary, but it is not JSON or is cut\n`,
    );
  });

  it.each(['report - -', 'diff - -'])('reads standard input once: %s', (args) => {
    expect(inShell(`echo | hotspan ${args}`, folder.path).stderr).toBe(
      'hotspan: expected - only once: standard input can be read only once\n',
    );
  });

  it.each([
    ['a later version', '{"schemaVersion":2}', 'its "schemaVersion" is 2, not 1'],
    ['half a summary', '{"schemaVersion":1}', 'its "services" is not a list'],
    [
      'an unknown order',
      () => damaged({ rankedBy: 'constructor' }),
      'its "rankedBy" is none of critical, saving, self, total, p95, cost, waste',
    ],
    [
      'a wrong total',
      () => damaged({ totals: { wastedSeconds: '3' } }),
      'its "totals.wastedSeconds" is not a number',
    ],
    ['a wrong warning', () => damaged({ warnings: [5] }), 'its "warnings[0]" is not a string'],
    [
      'a wrong row',
      () => damaged({ bottlenecks: [{}] }),
      'its "bottlenecks[0].name" is not a string',
    ],
    [
      'a damaged histogram',
      () => damagedLatency({ histogram: { scale: 6, maxNanos: 1, zeroCount: -1 } }),
      'its "latency.durations" is damaged: expected `histogram.zeroCount` to be a count',
    ],
    [
      'a histogram of null',
      () => damagedLatency(null),
      'its "latency.durations" is damaged: expected an object with `nanos` or `histogram`',
    ],
    [
      'the sketch of an older hotspan',
      () => damagedLatency({ sketch: { relativeAccuracy: 0.01, maxNanos: 1, zeros: 0 } }),
      'its "latency.durations" is damaged: expected a `histogram`, not the `sketch` of an older ' +
        'hotspan (save the summary again)',
    ],
    ['a null', () => damaged({ latency: null }), 'its "latency" is not an object'],
  ])('tells in one line what is wrong with %s', (name, content, why) => {
    const path = folder.write(`${name}.json`, typeof content === 'string' ? content : content());
    expect(hotspan(['report', path])).toEqual({
      status: 2,
      stdout: '',
      stderr: `hotspan: ${path}: expected a saved summary, but ${why}\n`,
    });
  });
});

it('tells with exit code 3, and as JSON, that a line was damaged', () => {
  const spans = (id: string) => [
    {
      traceId: id,
      spanId: id,
      name: id,
      startTimeUnixNano: '1795492260000000000',
      endTimeUnixNano: '1795492261000000000',
    },
  ];
  const line = (id: string) =>
    JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
          scopeSpans: [{ spans: spans(id) }],
        },
      ],
    });
  const file = folder.write(
    'damaged.jsonl',
    `${line('a1')}\n${line('b1').slice(0, 50)}\n${line('c1')}\n`,
  );
  const { status, stdout, stderr } = hotspan(['report', file, '--json']);
  expect(status).toBe(3);
  expect(stderr).toBe('hotspan: the result lacks what could not be read: 1 damaged piece\n');
  const { unread, bottlenecks } = JSON.parse(stdout) as Summary;
  expect(unread).toEqual({ damaged: 1, spans: 0 });
  expect(bottlenecks).toHaveLength(2);
  expect(hotspan(['report', file]).stdout).toContain('a line is damaged');
});

it('makes an empty summary of an empty partition', () => {
  const { status, stdout, stderr } = hotspan(['report', folder.write('empty.jsonl', ''), '--json']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ traces: { analyzed: 0 }, bottlenecks: [] });
});
