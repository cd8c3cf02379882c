import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesToChoose, onlyEntry } from '../../src/page/entry-only.js';
import { keyOf } from '../../src/sampled-times.js';
import { readSummary } from '../../src/readers/read-summary.js';
import type { CallPath, Summary } from '../../src/summary.js';

const MILLI = 1_000_000;
const CALLS = [
  { entry: 'ask', calls: ['search', 'answer'], millis: 300 },
  { entry: 'list', calls: ['search', 'render'], millis: 40 },
];

/** OTLP in which each entry point makes its calls one after the other, one trace longer than the one before. */
function traces(): string {
  const spans = Array.from({ length: 40 }, (_, at) => {
    const { entry, calls, millis } = CALLS[at % 2]!;
    const id = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
    const span = (name: string, number: number, from: number, to: number) => ({
      ...{ traceId: id(at + 1, 32), spanId: id(100 * at + number, 16), name, kind: 1 },
      ...(number === 1 ? {} : { parentSpanId: id(100 * at + 1, 16) }),
      startTimeUnixNano: String((1_000_000 + at * 10_000 + from) * MILLI),
      endTimeUnixNano: String((1_000_000 + at * 10_000 + to) * MILLI),
    });
    const each = millis + at;
    const inside = calls.map((name, nth) => span(name, nth + 2, nth * each, (nth + 1) * each));
    return [span(entry, 1, 0, 10 + calls.length * each), ...inside];
  });
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: spans.flat() }] }] });
}

const folder = mkdtempSync(join(tmpdir(), 'hotspan-entry-'));
const file = join(folder, 'traces.json');
afterAll(() => rmSync(folder, { recursive: true }));
let all: Summary;
beforeAll(async () => {
  writeFileSync(file, traces());
  all = await readSummary(file);
});

const figuresOf = ({ bottlenecks }: Summary) =>
  bottlenecks
    .map(({ name, criticalSeconds, criticalShare, selfSeconds, savingSeconds, calls }) => ({
      ...{ name, calls },
      figures: [criticalSeconds, criticalShare, selfSeconds, savingSeconds].map((figure) =>
        figure?.toPrecision(6),
      ),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** The entry point's own 10 ms are too little for a sampled trace to tell of. */
const withoutSmallSavings = (row: ReturnType<typeof figuresOf>[number]) => {
  const [saving] = row.figures.splice(3);
  return { ...row, figures: [...row.figures, isOwn(row) ? undefined : saving] };
};
const isOwn = ({ name }: { name: string }) => CALLS.some(({ entry }) => entry === name);

describe('one entry point alone', () => {
  it.each(['ask', 'list'])('%s has the ranking that a summary of it alone has', async (entry) => {
    const { service } = all.entryPoints!.find(({ name }) => name === entry)!;
    const only = onlyEntry(all, keyOf({ name: entry, service }));
    const alone = await readSummary(file, { entry });
    const found = figuresOf(only);
    expect(found).toEqual(figuresOf(alone).map(withoutSmallSavings));
    expect(only.latency.totalSeconds).toBeCloseTo(alone.latency.totalSeconds, 9);
    expect(only.pictures!.sample).toHaveLength(20);
    expect(only.pictures!.traces.every(({ name }) => name === entry)).toBe(true);
  });

  it('keeps the paths in which another service calls it, where none begins with it', () => {
    const path = (name: string, more: Partial<CallPath>): CallPath => ({
      ...{ name, service: 'shop', calls: 1, criticalSeconds: 1, selfSeconds: 1, ...more },
    });
    const callPaths = [
      path('GET /', {}),
      path('POST /b', { parent: 0, service: 'b' }),
      path('search', { parent: 1, service: 'b', criticalSeconds: 3 }),
      path('render', { parent: 0 }),
    ];
    const summary = { ...all, pictures: { ...all.pictures!, callPaths } };
    const { pictures } = onlyEntry(summary, 'b\nPOST /b');
    expect(pictures!.callPaths.map(({ name, parent }) => [name, parent])).toEqual([
      ['POST /b', -1],
      ['search', 0],
    ]);
  });
});

describe('the entry points to choose from', () => {
  it('are those with a call path, if there is more than one', () => {
    expect(entriesToChoose(all).size).toBe(2);
    expect(entriesToChoose({ ...all, entryPoints: all.entryPoints!.slice(1) }).size).toBe(0);
    const pictures = { ...all.pictures!, callPaths: [] };
    expect(entriesToChoose({ ...all, pictures }).size).toBe(0);
  });
});
