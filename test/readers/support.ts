import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Summary } from 'hotspan/processor';
import { readSummary, type ReadOptions } from 'hotspan/report';
import { afterAll, expect } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { readSpans } from '../../src/readers/read-spans.js';
import { TraceCollector, type CollectorOptions } from '../../src/readers/trace-collector.js';

/** The path of a file in test/fixtures/traces. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/traces/${name}`, import.meta.url));
}

/** The content of a file in test/fixtures/traces. */
export function fixtureText(name: string): string {
  return readFileSync(fixture(name), 'utf8');
}

let folder: string | undefined;
let files = 0;

/** Writes a file that is gone after the tests; gives its path. */
export function temporaryFile(content: string | Uint8Array, name = 'traces.json'): string {
  folder ??= mkdtempSync(join(tmpdir(), 'hotspan-readers-'));
  const path = join(folder, `${(files += 1)}-${name}`);
  writeFileSync(path, content);
  return path;
}

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** The present of every test: shortly after the fixtures were recorded. */
export const NOW = Date.UTC(2026, 10, 24, 4);

/** The summary of a file with this content. */
export function summaryOf(
  content: string | Uint8Array,
  options: ReadOptions = {},
): Promise<Summary> {
  return readSummary(temporaryFile(content), { nowEpochMillis: NOW, ...options });
}

/** The one line that is said about a file with this content, without its path. */
export async function complaintAbout(
  content: string | Uint8Array,
  options?: ReadOptions,
): Promise<string> {
  const error: unknown = await summaryOf(content, options).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'BadInputError' });
  const { message } = error as Error;
  expect(message).not.toMatch(/[\n\r]/);
  return message.replace(/^\S*traces\.json: /, '');
}

/** The summary of what comes in such chunks, without any file. */
export async function summaryOfChunks(
  chunks: Iterable<string | Uint8Array>,
  options: CollectorOptions = {},
): Promise<Summary> {
  const ranking = new Ranking();
  const collector = new TraceCollector(ranking, options);
  await readSpans('chunks', buffers(chunks), collector);
  collector.closeAll();
  return ranking.toSummary({ nowEpochMillis: NOW });
}

// eslint-disable-next-line @typescript-eslint/require-await -- what sources give is asynchronous
async function* buffers(chunks: Iterable<string | Uint8Array>): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk as string);
}

/** What must hold of every summary, whatever was read. */
export function expectSound(summary: Summary): void {
  const critical = summary.bottlenecks.reduce((sum, row) => sum + row.criticalSeconds, 0);
  const { totalSeconds } = summary.latency;
  expect(Math.abs(critical - totalSeconds)).toBeLessThanOrEqual(1e-9 + totalSeconds * 1e-9);
  const figures = (value: unknown, path: string): void => {
    if (typeof value === 'number') {
      expect(value, path).toBeGreaterThanOrEqual(0);
      expect(value, path).toBeLessThan(Infinity);
    } else if (value !== null && typeof value === 'object') {
      for (const [key, inner] of Object.entries(value)) figures(inner, `${path}.${key}`);
    }
  };
  figures(summary, 'summary');
}

/** A span of OTLP JSON with what a test says of it; times in milliseconds after the start of a minute. */
export function otlpSpan(fields: {
  id: string;
  trace?: string;
  parent?: string;
  name?: string;
  start: number;
  end: number;
  [key: string]: unknown;
}): Record<string, unknown> {
  const { id, trace = 't', parent, name = id, start, end, ...more } = fields;
  return {
    traceId: hexId(trace, 32),
    spanId: hexId(id, 16),
    ...(parent === undefined ? {} : { parentSpanId: hexId(parent, 16) }),
    name,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(end),
    ...more,
  };
}

/** The id of a span or trace that a test gives a name. */
export function hexId(name: string, length: number): string {
  return Buffer.from(name).toString('hex').padStart(length, '0');
}

const MINUTE_SECONDS = 1_795_492_260;

function nanos(millis: number): string {
  return String(BigInt(MINUTE_SECONDS) * 1_000_000_000n + BigInt(Math.round(millis * 1e6)));
}

/** An OTLP document with the spans of each service. */
export function otlp(services: Record<string, readonly object[]>): object {
  return {
    resourceSpans: Object.entries(services).map(([service, spans]) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [{ scope: { name: 'test' }, spans }],
    })),
  };
}

/** Critical seconds of the rows in milliseconds, by name. */
export function criticalMillis(summary: Summary): Record<string, number> {
  return Object.fromEntries(
    summary.bottlenecks.map((row) => [row.name, Math.round(row.criticalSeconds * 1e6) / 1e3]),
  );
}
