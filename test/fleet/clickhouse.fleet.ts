import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/summary.js';
import { exactRows, newFolder, part, report, root, run, tracesFile } from './parts.js';

const TRACES = 200;
const folder = newFolder();
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
    const script = `${root}test/fleet/clickhouse.py`;
    const rows = join(folder, 'rows.jsonl');
    writeFileSync(rows, run(part('venv/bin/python'), [script, lines, query]));
    const read = report(rows);
    expect(read.latency.count).toBe(TRACES);
    expect(exactRows(read)).toEqual(exactRows(sent));
  });
});
