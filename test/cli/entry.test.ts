import type { Summary, SummaryDiff, WhatIfResult } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { toJson } from '../../src/report/printable-summary.js';
import { otlp, otlpSpan } from '../readers/support.js';
import { summaryOf } from '../support/summary.js';
import { folderForTests, hotspan } from './support.js';

const folder = folderForTests();
const trace = (id: string, name: string, millis: number) => [
  otlpSpan({ id: `${id}r`, trace: id, name, start: 0, end: millis }),
  otlpSpan({ id: `${id}w`, trace: id, name: 'work', parent: `${id}r`, start: 0, end: millis / 2 }),
];
const source = folder.write(
  'traces.json',
  JSON.stringify(
    otlp({
      shop: [...trace('1', 'POST /ask', 100), ...trace('2', 'GET /health', 4)],
      stock: trace('3', 'POST /ask', 40),
    }),
  ),
);
const json = (...args: string[]): unknown => JSON.parse(hotspan([...args, '--json']).stdout);

describe('--entry', () => {
  it('ranks one entry point alone, of all services or of one', () => {
    const all = json('report', source, '--entry', 'POST /ask') as Summary;
    expect(all.latency).toMatchObject({ count: 2, totalSeconds: 0.14 });
    const { latency, bottlenecks } = json('report', source, '--entry', 'shop/POST /ask') as Summary;
    expect(latency).toMatchObject({ count: 1, totalSeconds: 0.1 });
    expect(bottlenecks.map(({ name, calls }) => [name, calls])).toEqual([
      ['POST /ask', 1],
      ['work', 1],
    ]);
  });

  it('checks, compares and predicts one entry point', () => {
    const budget = ['--max', 'p95=50ms', '--entry'];
    expect(hotspan(['check', source, ...budget, 'POST /ask']).status).toBe(1);
    expect(hotspan(['check', source, ...budget, 'GET /health']).status).toBe(0);
    // All local roots count without it; the row of an entry point has its times, too.
    expect(hotspan(['check', source, '--max', 'p50=41ms']).status).toBe(0);
    expect(hotspan(['check', source, '--max', 'p95:shop/GET /health=5ms']).status).toBe(0);
    const { traces } = json('diff', source, source, '--entry', 'GET /health') as SummaryDiff;
    expect(traces).toEqual({ before: 1, after: 1 });
    const what = ['what-if', source, '--row', 'stock/work', '--entry', 'POST /ask'];
    const predicted = json(...what) as WhatIfResult;
    expect(predicted.traces).toBe(2);
    expect(predicted.savingSeconds).toBeCloseTo(0.02, 9);
  });

  it.each([
    ['report', []],
    ['check', ['--max', 'p95=1s']],
    ['what-if', ['--row', 'work']],
  ])('%s says in one line which there are when there is none of that name', (command, args) => {
    const { status, stdout, stderr } = hotspan([command, source, ...args, '--entry', 'POST /as']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      /^hotspan: \S+traces\.json: no entry point "POST \/as"; the nearest of 2: "POST \/ask", "GET \/health"\n$/,
    );
  });

  it('chooses among traces, which a saved summary does not hold', () => {
    const saved = folder.write('saved.json', toJson(summaryOf({})));
    const { status, stderr } = hotspan(['report', saved, '--entry', 'x']);
    expect(status).toBe(2);
    expect(stderr).toContain('expected traces to choose from by entry, but it is a saved summary');
  });

  it('needs a name', () => {
    const { status, stderr } = hotspan(['report', source, '--entry', '']);
    expect(status).toBe(2);
    expect(stderr).toContain('`entry` to be a non-empty string');
  });
});
