import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/summary.js';
import {
  exactRows,
  HOTSPAN,
  newFolder,
  part,
  report,
  root,
  run,
  start,
  tracesFile,
  type Server,
} from './parts.js';

const TRACES = 200;
const folder = newFolder();
const clickhouse = `${root}test/fleet/clickhouse.py`;
let lines: string;
let sent: Summary;

beforeAll(() => {
  lines = tracesFile(folder, 0, TRACES);
  sent = report(lines);
});

describe('rows of ClickHouse', () => {
  it.each([
    ['as they come', ''],
    ['with 64-bit numbers in quotes', 'SETTINGS output_format_json_quote_64bit_integers = 1'],
    ['with times as ISO 8601', "SETTINGS date_time_output_format = 'iso'"],
  ])('are the rows of what was inserted, %s', (_, settings) => {
    const query = `SELECT * FROM otel_traces ORDER BY cityHash64(SpanId) ${settings} FORMAT JSONEachRow`;
    const rows = join(folder, 'rows.jsonl');
    writeFileSync(rows, run(part('venv/bin/python'), [clickhouse, lines, query]));
    const read = report(rows);
    expect(read.latency.count).toBe(TRACES);
    expect(exactRows(read)).toEqual(exactRows(sent));
  });
});

describe('a ClickHouse', () => {
  let server: Server;
  let address: string;
  const since = ['--since', '2026-01-01T00:00:00Z'];
  beforeAll(async () => {
    const args = (port: number) => [clickhouse, lines, '--serve', String(port)];
    server = await start(part('venv/bin/python'), args, '/ping');
    address = `${server.url}/?database=otel`;
  });
  afterAll(() => server.stop());

  it('gives the rows of what was inserted, in its own time zone', () => {
    const read = report(address, ...since);
    expect(read.latency.count).toBe(TRACES);
    expect(read.traces.incomplete).toBe(0);
    expect(exactRows(read)).toEqual(exactRows(sent));
    expect(read.observedFromEpochSeconds).toBe(sent.observedFromEpochSeconds);
  });

  it('gives the traces of a service since a time, whole, and the newest ones', () => {
    const choice = ['--service', 'agents-1', '--since', '2026-09-21T14:13:20.700Z'];
    const read = report(address, ...choice);
    expect(read.latency.count).toBe(34);
    expect(exactRows(read)).toEqual(exactRows(report(lines, ...choice)));
    const newest = report(address, ...since, '--service', 'agents-1', '--limit', '5');
    expect(newest.latency.count).toBe(5);
    expect(newest.traces.incomplete).toBe(0);
    expect(newest.warnings.join()).toContain('only the newest 5 traces were read');
  });

  it.each([[], ['--service', 'agents-2']])('gives shards that add up', (...service) => {
    const files = [1, 2, 3].map((index) => {
      const file = join(folder, `shard-${service.length}-${index}.json`);
      const summary = report(address, ...since, ...service, '--shard', `${index}/3`);
      expect(summary.latency.count).toBeGreaterThan(TRACES / 20);
      writeFileSync(file, JSON.stringify(summary));
      return file;
    });
    expect(exactRows(report(...files))).toEqual(exactRows(report(lines, ...service)));
  });

  it.each<[string, string, readonly string[], string]>([
    ['another database', '/', [], 'Unknown table expression identifier'],
    ['no such database', '/?database=x', [], 'Database x does not exist'],
    ['a table with other columns', '/?database=system&table=one', [], '(code 47); expected the'],
    [
      'a service that is not there',
      '/?database=otel',
      ['--service', "a'b\\\t"],
      'agents-0, agents-1',
    ],
    ['a time without traces', '/?database=otel', [], 'no spans since one hour ago in otel_traces'],
  ])('says in a line that it has %s', (_, path, choice, message) => {
    const time = path === '/?database=otel' && choice.length === 0 ? [] : since;
    const [program, ...first] = HOTSPAN;
    const args = [...first, 'report', `${server.url}${path}`, ...time, ...choice];
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    expect(stderr).toMatch(/^hotspan: http:\/\/127\.0\.0\.1:\d+: [^\n]+\n$/);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});
