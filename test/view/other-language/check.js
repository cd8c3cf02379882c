// A program in Python sends to `hotspan view`: `npm run test:other-language`. It needs python3 with venv, and PyPI.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TextDecoderStream } from 'node:stream/web';
import { after, test } from 'node:test';
import { fileURLToPath, URL } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const venv = join(here, '.venv');
const python = join(venv, 'bin/python');
const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const REQUESTS = 5;

/** Runs a command, or says what it needs. */
function need(command, args, what) {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim().split('\n').at(-1);
  console.error(`expected ${what}, but ${command} ${args.join(' ')} failed: ${why}`);
  process.exit(1);
}

const pip = ['-m', 'pip', 'install', '--quiet', '-r', join(here, 'requirements.txt')];
if (!existsSync(python)) {
  need(
    'python3',
    ['-m', 'venv', venv],
    'Python 3 with venv (Debian: apt-get install python3-venv)',
  );
}
need(python, pip, "OpenTelemetry's SDK from PyPI");

const view = spawn(process.execPath, [main, 'view', '--port', '0']);
after(() => view.kill());

test('traces of two services in Python are ranked as they end', { timeout: 60_000 }, async () => {
  let said = '';
  while (!said.includes('Ctrl-C')) said += String(await once(view.stderr, 'data'));
  const [address] = /http:\S+:\d+/.exec(said);
  const events = await fetch(`${address}/events`);

  const { status, stderr } = spawnSync(python, [join(here, 'program.py'), `${address}/v1/traces`], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [0, '']);

  const { summary } = await pageOf(events, ({ summary }) => summary.traces.analyzed === REQUESTS);
  assert.deepEqual(summary.services, ['search', 'shop']);
  assert.deepEqual(summary.spans, { analyzed: 5 * REQUESTS, late: 0, dropped: 0 });
  assert.deepEqual(
    summary.entryPoints.map(({ name, service, calls }) => [name, service, calls]),
    [['GET /shop', 'shop', REQUESTS]],
  );
  // The model of one service is what users of the other waited for.
  const [first, second] = summary.bottlenecks;
  assert.deepEqual([first.name, first.service], ['chat gpt-4o', 'search']);
  assert.deepEqual([second.name, second.service], ['render', 'shop']);
  assert.ok(first.criticalSeconds > REQUESTS * 0.03);
  assert.ok(Math.abs(summary.totals.costUsd - REQUESTS * 0.0035) < 1e-9);
  assert.deepEqual(summary.warnings, []);
});

/** The first data of a page for which this holds. */
async function pageOf({ body }, holds) {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop();
    for (const part of parts) {
      if (!part.startsWith('event: page\n')) continue;
      const page = JSON.parse(part.slice(part.indexOf('data: ') + 6));
      if (holds(page)) return page;
    }
  }
  throw new Error('expected further data, but the events ended');
}
