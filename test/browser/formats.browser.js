/** Files for other tools: what their formats say of them, and what the tools themselves make of them. */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { URL } from 'node:url';
import { dirname, extname, join, normalize } from 'node:path';
import Ajv from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';
import { hostileTraces, madeTraces } from './made-traces.js';
import { writeFormat } from './pages.js';

const require = createRequire(import.meta.url);
const SPEEDSCOPE = join(dirname(require.resolve('speedscope/package.json')), 'dist/release');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const SOURCES = { 'made traces': madeTraces(40), 'hostile names': hostileTraces() };

describe('speedscope', () => {
  const schema = JSON.parse(readFileSync(join(SPEEDSCOPE, 'file-format-schema.json'), 'utf8'));
  const validate = new Ajv.default({ strict: false }).compile(schema);
  let browser, server, address;

  beforeAll(async () => {
    browser = await launchChromium();
    server = createServer(({ url }, response) => {
      const path = normalize(new URL(url, 'http://localhost').pathname).slice(1) || 'index.html';
      const file = join(SPEEDSCOPE, path);
      if (!existsSync(file)) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
      return createReadStream(file).pipe(response);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${server.address().port}/`;
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  for (const [name, source] of Object.entries(SOURCES)) {
    it(`${name}: valid by its schema, and drawn by its own program`, async () => {
      const { file, content } = await writeFormat('speedscope', source);
      expect(validate(content), JSON.stringify(validate.errors)).toBe(true);
      for (const { samples, weights, startValue, endValue } of content.profiles) {
        expect(weights).toHaveLength(samples.length);
        const sum = weights.reduce((all, weight) => all + weight, 0);
        expect(sum).toBeCloseTo(endValue - startValue, 6);
      }
      const page = await browser.newPage();
      const problems = [];
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('dialog', (dialog) => {
        problems.push(dialog.message());
        void dialog.dismiss();
      });
      await page.goto(address);
      await page.locator('input[type=file]').setInputFiles(file);
      // Where there are several profiles, it says which of them this is.
      await page.getByText(`${content.profiles[0].name} (1/${content.profiles.length})`).waitFor();
      expect(problems).toEqual([]);
      await page.close();
    });
  }
});

/** https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU: what each phase must have. */
const FIELDS = {
  X: { name: 'string', cat: 'string', ts: 'number', dur: 'number', pid: 'number', tid: 'number' },
  M: { name: 'string', pid: 'number', tid: 'number', args: 'object' },
  s: { name: 'string', cat: 'string', id: 'string', ts: 'number', pid: 'number', tid: 'number' },
  f: { name: 'string', cat: 'string', id: 'string', ts: 'number', pid: 'number', tid: 'number' },
};

describe('Chrome trace', () => {
  for (const [name, source] of Object.entries(SOURCES)) {
    it(`${name}: has what its format wants, and slices of a thread nest`, async () => {
      const { content } = await writeFormat('chrome-trace', source);
      const { traceEvents } = content;
      expect(traceEvents.length).toBeGreaterThan(10);
      for (const event of traceEvents) {
        const fields = FIELDS[event.ph];
        expect(fields, event.ph).toBeDefined();
        for (const [field, type] of Object.entries(fields)) {
          expect(typeof event[field], `${event.ph} ${field}`).toBe(type);
        }
        expect(event.ts ?? 0).toBeGreaterThanOrEqual(0);
        expect(event.dur ?? 0).toBeGreaterThanOrEqual(0);
      }
      const ids = (phase) =>
        traceEvents
          .filter(({ ph }) => ph === phase)
          .map(({ id }) => id)
          .sort();
      expect(ids('s')).toEqual(ids('f'));
      expect(new Set(ids('s')).size).toBe(ids('s').length);
      for (const slices of threadsOf(traceEvents)) expect(overlapsIn(slices)).toEqual([]);
    });
  }
});

function threadsOf(events) {
  const threads = new Map();
  for (const event of events.filter(({ ph }) => ph === 'X')) {
    const key = `${event.pid}.${event.tid}`;
    threads.set(key, [...(threads.get(key) ?? []), event]);
  }
  return threads.values();
}

/** The slices that end after the one in which they began, read as Perfetto does: by time, and else as they come. */
function overlapsIn(slices) {
  const open = [];
  const found = [];
  for (const { name, ts, dur } of slices.toSorted((a, b) => a.ts - b.ts)) {
    while (open.length > 0 && open.at(-1) <= ts) open.pop();
    const end = ts + dur;
    if (open.length > 0 && end > open.at(-1)) found.push(name);
    open.push(end);
  }
  return found;
}
