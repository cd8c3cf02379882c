import type { WhatIfResult } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { toJson } from '../../src/report/printable-summary.js';
import { fixture, otlp, otlpSpan } from '../readers/support.js';
import { summaryOf } from '../support/summary.js';
import { folderForTests, hotspan, inShell } from './support.js';

const folder = folderForTests();
const spans = [
  otlpSpan({ id: 'root', start: 0, end: 1000 }),
  otlpSpan({ id: 'search', parent: 'root', start: 100, end: 900 }),
];
const source = folder.write('traces.json', JSON.stringify(otlp({ shop: spans })));
const predict = (...args: string[]) => hotspan(['what-if', source, ...args]);

describe('hotspan what-if', () => {
  it('says in a few lines what a faster row would save', () => {
    expect(predict('--row', 'search', '--factor', '0.5')).toEqual({
      status: 0,
      stdout: `If the own work of search (shop) took 0.5 times as long, 1 trace would take 400 ms less (40.0 %): 400 ms per trace.

          before   after
 total    1.00 s  600 ms
 p50      1.00 s  600 ms
 p95      1.00 s  600 ms
 p99      1.00 s  600 ms
 slowest  1.00 s  600 ms
`,
      stderr: '',
    });
  });

  it('takes all of the time away when no factor is given', () => {
    expect(predict('--row', 'shop/search').stdout).toContain(
      'If the own work of search (shop) took no time, 1 trace would take 800 ms less (80.0 %)',
    );
    expect(predict('--row', 'search', '--factor', '2').stdout).toContain(
      '1 trace would take 800 ms longer (80.0 %)',
    );
  });

  it('prints JSON and Markdown', () => {
    const result = JSON.parse(predict('--row', 'search', '--json').stdout) as WhatIfResult;
    expect(result).toMatchObject({ schemaVersion: 1, traces: 1, savingSeconds: 0.8 });
    const { stdout } = predict('--row', 'search', '--markdown');
    expect(stdout).toContain('If the own work of `search` (`shop`) took no time');
    expect(stdout).toContain('| total | 1.00 s | 200 ms |');
  });

  it('reads standard input, and chooses traces', () => {
    const line = `cat ${fixture('sdk.otlp.jsonl')} | hotspan what-if - --row 'search web' --service shop`;
    const { status, stdout } = inShell(line, folder.path);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^If the own work of search web \(answers\) took no time, 6 traces would take /,
    );
  });

  const saved = folder.write('saved.json', toJson(summaryOf({ name: 'search' })));
  it.each([
    [[source, '--row', 'serch'], 'no segment "serch"; the nearest of 2: "search"'],
    [[source, '--row', 'search', '--factor', 'x'], 'Expected a number of at least 0.'],
    [[source, '--row', 'search', '--factor', '-1'], 'Expected a number of at least 0.'],
    [[source, '--row', ''], 'expected `row` to be a non-empty string'],
    [[source], "required option '--row <name>' not specified"],
    [[saved, '--row', 'search'], 'saved.json: expected traces, but it is a saved summary'],
    [[source, '--row', 'search', '--name', 'x'], 'no trace with a span named "x"'],
  ])('says in one line what is wrong with %j', (args, message) => {
    const { status, stdout, stderr } = hotspan(['what-if', ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^hotspan: .*\n$/);
  });
});
