import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { readSummary, whatIf, type WhatIfOptions } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { toJson } from '../../src/report/printable-summary.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { summaryOf as summaryWith } from '../support/summary.js';
import { fixture, fixtureText, NOW, otlp, otlpSpan, temporaryFile } from './support.js';

const SPANS = [
  //  root    |---------|
  //  . a     |-----|
  //  . b     |--|
  //  . c           |--|
  { trace: '1', id: 'root', start: 0, end: 10 },
  { trace: '1', id: 'a', parent: 'root', start: 0, end: 6 },
  { trace: '1', id: 'b', parent: 'root', start: 0, end: 3 },
  { trace: '1', id: 'c', parent: 'root', start: 6, end: 9 },
  //  root    |--------------------|
  //  . a          |---------|
  { trace: '2', id: 'root', start: 20, end: 40 },
  { trace: '2', id: 'a', parent: 'root', start: 25, end: 35 },
];
const file = temporaryFile(JSON.stringify(otlp({ shop: SPANS.map(otlpSpan) })), 'traces.json');
const ask = (options: WhatIfOptions, source: string | readonly string[] = file) =>
  whatIf(source, { nowEpochMillis: NOW, ...options });
const about = (seconds: number): unknown => expect.closeTo(seconds, 12);

describe('whatIf', () => {
  it('replays every trace with the row taking no time', async () => {
    // The first is 7 ms long, for b takes over; the second 10 ms.
    expect(await ask({ row: 'a' })).toEqual({
      schemaVersion: 1,
      row: { name: 'a', service: 'shop' },
      factor: 0,
      traces: 2,
      before: {
        totalSeconds: about(0.03),
        p50Seconds: about(0.01),
        p95Seconds: about(0.02),
        p99Seconds: about(0.02),
        maxSeconds: about(0.02),
      },
      after: {
        totalSeconds: about(0.017),
        p50Seconds: about(0.007),
        p95Seconds: about(0.01),
        p99Seconds: about(0.01),
        maxSeconds: about(0.01),
      },
      savingSeconds: about(0.013),
      savingSecondsPerTrace: about(0.0065),
      savingShare: about(13 / 30),
      warnings: [],
    });
  });

  it.each([
    [0.5, 0.003 + 0.005],
    [0.75, 0.0015 + 0.0025],
    [1, 0],
    [2, -0.006 - 0.01],
  ])('scales the own work of the row by %s', async (factor, saving) => {
    const { savingSeconds, before, after } = await ask({ row: 'a', factor });
    expect(savingSeconds).toBeCloseTo(saving, 12);
    expect(before.totalSeconds - after.totalSeconds).toBe(savingSeconds);
  });

  it('chooses traces as readSummary does', async () => {
    const since = 1_795_492_260_015;
    expect(await ask({ row: 'a', since })).toMatchObject({ traces: 1, savingSeconds: about(0.01) });
    expect(await ask({ row: 'a', name: 'c' })).toMatchObject({ traces: 1 });
  });

  it('finds a row by the name of its group, or with its service', async () => {
    const groupName = (name: string) => (name === 'root' ? name : 'part');
    const all = await ask({ row: 'shop/part', groupName });
    expect(all.row).toEqual({ name: 'part', service: 'shop' });
    expect(all.after.totalSeconds).toBeCloseTo(0.001 + 0.01, 12);
  });

  it('counts attempts toward their operation, unless it shall not', async () => {
    const number = { key: 'hotspan.attempt.number', value: { intValue: 1 } };
    const spans = [
      otlpSpan({ id: 'fetch', start: 0, end: 10 }),
      otlpSpan({ id: 'try', parent: 'fetch', start: 1, end: 9, attributes: [number] }),
    ];
    const retried = temporaryFile(JSON.stringify(otlp({ shop: spans })));
    const { savingSeconds } = await ask({ row: 'fetch' }, retried);
    expect(savingSeconds).toBeCloseTo(0.01, 12);
    await expect(ask({ row: 'try' }, retried)).rejects.toThrow('no segment "try"');
    const { before, after } = await ask({ row: 'try', fold: false }, retried);
    expect(before.totalSeconds - after.totalSeconds).toBeCloseTo(0.008, 12);
  });

  it('reads from a Jaeger', async () => {
    const jaeger = createServer((_, response) => response.end(fixtureText('jaeger-search.json')));
    await new Promise<void>((resolve) => jaeger.listen(0, '127.0.0.1', resolve));
    const { port } = jaeger.address() as AddressInfo;
    try {
      const found = await ask({ row: 'search web', service: 'shop' }, `http://127.0.0.1:${port}`);
      expect(found.traces).toBe(6);
      expect(found.savingSeconds).toBeGreaterThan(0);
    } finally {
      jaeger.close();
    }
  });
});

describe('one line says that', () => {
  it('no row has that name, and which are near', async () => {
    const source = fixture('sdk.otlp.jsonl');
    await expect(ask({ row: 'serch web' }, source)).rejects.toMatchObject({
      name: 'BadInputError',
      message: expect.stringMatching(
        /^no segment "serch web"; the nearest of \d+: "search web"/,
      ) as unknown,
    });
  });

  it('several rows have that name', async () => {
    const span = (id: string, trace: string) =>
      otlpSpan({ id, trace, name: 'db', start: 0, end: 1 });
    const both = temporaryFile(
      JSON.stringify(otlp({ shop: [span('a', '1')], mail: [span('b', '2')] })),
    );
    await expect(ask({ row: 'db' }, both)).rejects.toThrow(
      '2 segments "db": name the service as well',
    );
    expect(await ask({ row: 'mail/db' }, both)).toMatchObject({
      row: { service: 'mail' },
      savingSeconds: about(0.001),
    });
  });

  it('a source is a saved summary', async () => {
    const saved = temporaryFile(toJson(summaryWith({ name: 'a' })), 'saved.json');
    await expect(ask({ row: 'a' }, [file, saved])).rejects.toThrow(
      /saved\.json: expected traces, but it is a saved summary$/,
    );
  });

  it.each([
    [{}, '`row` to be a non-empty string, got undefined'],
    [{ row: '' }, '`row` to be a non-empty string, got ""'],
    [{ row: 'a', factor: -1 }, '`factor` to be a number of at least 0, got -1'],
    [{ row: 'a', factor: '2' }, '`factor` to be a number of at least 0, got a string'],
    [{ row: 'a', factor: NaN }, '`factor` to be a number of at least 0, got NaN'],
    [{ row: 'a', fold: 1 }, '`fold` to be true or false, got 1'],
  ])('an option is wrong: %j', async (options, problem) => {
    await expect(ask(options as never)).rejects.toThrow(`whatIf: expected ${problem}`);
  });

  it('an option is unknown', async () => {
    await expect(ask({ row: 'a', rankBy: 'cost' } as never)).rejects.toThrow(
      'unknown option "rankBy"',
    );
  });
});

describe('for any traces', () => {
  const sources = fc.array(anyTrace(10, 20), { minLength: 1, maxLength: 4 }).map((traces) => {
    const spans = traces.flatMap((sketches, trace) =>
      sketches.map(({ id, parent, start, end, kind }, at) => ({
        ...otlpSpan({ id, trace: `t${trace}`, name: `n${at % 3}`, start, end }),
        ...(parent === undefined
          ? {}
          : { parentSpanId: otlpSpan({ id: parent, start, end }).spanId }),
        kind: { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 }[kind ?? 'internal'],
      })),
    );
    return temporaryFile(JSON.stringify(otlp({ shop: spans })));
  });

  it('a saving grows as the work shrinks, is none at factor 1 and at most the critical time', async () => {
    await fc.assert(
      fc.asyncProperty(sources, fc.integer({ min: 0, max: 2 }), async (source, index) => {
        const { bottlenecks } = await readSummary(source);
        const row = bottlenecks[index % bottlenecks.length]!;
        const savingOf = async (factor: number) =>
          (await ask({ row: row.name, factor }, source)).savingSeconds;
        const [most, half, none] = [await savingOf(0), await savingOf(0.5), await savingOf(1)];
        expect(none).toBe(0);
        expect(half).toBeGreaterThanOrEqual(-1e-12);
        expect(most).toBeGreaterThanOrEqual(half - 1e-12);
        expect(most).toBeLessThanOrEqual(row.criticalSeconds + 1e-12);
        // The ranking replays so few traces as well.
        expect(most).toBeCloseTo(row.savingSeconds ?? 0, 12);
      }),
      { numRuns: 60 },
    );
  });
});
