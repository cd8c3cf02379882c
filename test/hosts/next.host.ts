import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/summary.js';
import { startBackend } from './backend.js';
import { here } from './packages.js';

const folder = join(here, 'next');
const next = join(folder, 'node_modules/next/dist/bin/next');
const DIST_DIR = '.next-test';

afterEach(() => rmSync(join(folder, DIST_DIR), { recursive: true, force: true }));

/** Starts what was built, and resolves to its address when it listens. */
async function start(env: NodeJS.ProcessEnv) {
  const server = spawn(process.execPath, [next, 'start', '--port', '0'], { cwd: folder, env });
  let said = '';
  server.stdout.setEncoding('utf8');
  const url = await new Promise<string>((resolve, reject) => {
    server.stdout.on('data', (text: string) => {
      said += text;
      const found = /http:\/\/localhost:\d+/.exec(said)?.[0];
      if (found !== undefined && said.includes('Ready')) resolve(found);
    });
    server.once('exit', () => reject(new Error(said)));
  });
  return { server, url };
}

describe('next build', () => {
  it.each([
    ['--turbopack', ''],
    ['--turbopack', 'with serverExternalPackages'],
    ['--webpack', ''],
    ['--webpack', 'with serverExternalPackages'],
  ])('%s %s', { timeout: 240_000 }, async (bundler, external) => {
    const backend = await startBackend();
    const env = {
      PATH: process.env.PATH,
      NEXT_TELEMETRY_DISABLED: '1',
      DIST_DIR,
      EXTERNAL: external,
      OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
    };
    const run = promisify(execFile);
    const built = await run(process.execPath, [next, 'build', bundler], { cwd: folder, env });
    expect(built.stdout + built.stderr).not.toMatch(/warn|critical dependency/i);

    const { server, url } = await start(env);
    // Its own request has not ended when the first answer is made.
    const ask = async () => (await (await fetch(`${url}/ask`)).json()) as Summary;
    let summary = await ask();
    for (let n = 0; n < 50 && summary.totals.llmCalls === 0; n += 1) summary = await ask();
    server.kill('SIGTERM');
    await once(server, 'exit');
    await backend.close();
    const row = summary.bottlenecks.find(({ name }) => name === 'chat gpt-4o');
    expect(row?.calls).toBeGreaterThan(0);
    expect(row?.costUsd).toBeCloseTo(0.0035 * row!.calls, 6);
    // Sent at the end, with the request of Next around it.
    const names = ['answer', 'chat gpt-4o', 'GET /ask'];
    expect(backend.spans).toEqual(expect.arrayContaining(names));
  });
});
