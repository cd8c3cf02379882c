import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { traceLine } from '../../scripts/fleet/made-traces.js';
import type { Summary } from '../../src/summary.js';
import { exactRows, HOTSPAN, newFolder, part, report, root, run } from './parts.js';

const TRACES = 600;

interface Line {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly object[] }[];
  }[];
}

/** The spans of a trace in two lines, as from two requests of an exporter. */
function inTwo(line: string): readonly [string, string] {
  const { resourceSpans } = JSON.parse(line) as Line;
  const { scopeSpans, ...resource } = resourceSpans[0]!;
  const { spans, ...scope } = scopeSpans[0]!;
  const of = (own: readonly object[]) =>
    `${JSON.stringify({ resourceSpans: [{ ...resource, scopeSpans: [{ ...scope, spans: own }] }] })}\n`;
  return [of(spans.slice(0, 5)), of(spans.slice(5))];
}

const folder = newFolder();
const files = [0, 1, 2].map((file) => join(folder, `part-${file}.jsonl`));
let one: Summary;

beforeAll(() => {
  const lines = Array.from({ length: TRACES }, (_, trace) => inTwo(traceLine(trace)));
  // Of each trace a half is in another file than the other.
  const texts: string[][] = [[], [], []];
  for (const [trace, [first, second]] of lines.entries()) {
    texts[trace % 3]!.push(first);
    texts[(trace + 1) % 3]!.push(second);
  }
  for (const [at, file] of files.entries()) writeFileSync(file, texts[at]!.join(''));
  one = report(...files);
});

function expectTheSame(summary: Summary): void {
  expect(summary.latency.count).toBe(TRACES);
  expect(exactRows(summary)).toEqual(exactRows(one));
  expect(summary.totals.inputTokens).toBe(one.totals.inputTokens);
}

it('gives the rows of one process in Spark', () => {
  const python = part('venv/bin/python');
  const answer = run(python, [`${root}examples/fleet/rank.py`, join(folder, 'part-*.jsonl'), '4'], {
    HOTSPAN: HOTSPAN.join(' '),
    PYSPARK_PYTHON: python,
    SPARK_LOCAL_IP: '127.0.0.1',
  });
  expectTheSame(JSON.parse(answer) as Summary);
});

it('gives the rows of one process with xargs', () => {
  const text = readFileSync(`${root}examples/fleet/rank.sh`, 'utf8');
  const { stdout, stderr, status } = spawnSync('bash', ['-c', text, 'rank.sh', '4', ...files], {
    encoding: 'utf8',
    env: { ...process.env, HOTSPAN: HOTSPAN.join(' ') },
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expectTheSame(JSON.parse(stdout) as Summary);
});
