import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { expectItRuns } from './bundled-app.js';
import { runHost } from './host.js';
import { here } from './packages.js';

const folder = mkdtempSync(join(tmpdir(), 'hotspan-nodes-'));
const modules = join(here, 'node-versions/node_modules');
const nodeOf = (version: number) => join(modules, `node-${version}/bin/node`);
const NODES = [
  ['that runs this test', process.execPath],
  ...[22, 24, 26].map((version) => [String(version), nodeOf(version)]),
] as [string, string][];
const app = join(here, 'bundlers/app.js');

beforeAll(async () => {
  const common = { bundle: true, platform: 'node', tsconfigRaw: '{}' } as const;
  const target = 'node20.19';
  await build({
    ...common,
    entryPoints: [app],
    target,
    format: 'esm',
    outfile: join(folder, 'app.mjs'),
  });
  await build({
    ...common,
    entryPoints: [app],
    target,
    format: 'cjs',
    outfile: join(folder, 'app.cjs'),
    minify: true,
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(join(here, 'bundlers/profiles'), { recursive: true, force: true });
});

describe.each(NODES)('on Node %s', (_, node) => {
  it.each([
    [app, 'at its end'],
    [app, 'exit'],
    [join(folder, 'app.mjs'), 'exit'],
    [join(folder, 'app.cjs'), 'exit'],
  ] as const)('%s runs (%s)', (file, how) => expectItRuns(node, file, how, file.endsWith('.cjs')));
});

/** Jest prints a line for each test to stderr. */
async function jest(node: string, flags: readonly string[], file: string): Promise<string> {
  const bin = join(modules, 'jest/bin/jest.js');
  const args = [...flags, bin, '--testMatch', `**/${file}`];
  const env = { OTEL_TRACES_EXPORTER: 'none' };
  const cwd = join(here, 'node-versions');
  return (await promisify(execFile)(node, args, { cwd, env })).stderr;
}

describe('in Jest', () => {
  const VM_MODULES = ['--experimental-vm-modules'];

  it.each(NODES)('tests that are ES modules work on Node %s', async (_, node) => {
    expect(await jest(node, VM_MODULES, 'esm.jest.js')).toContain('1 passed, 1 total');
  });

  it('tests that are CommonJS work on Node 24', async () => {
    const written = mkdtempSync(join(here, 'node-versions/jest/commonjs-'));
    onTestFinished(() => rmSync(written, { recursive: true }));
    const esm = readFileSync(join(here, 'node-versions/jest/esm.jest.js'), 'utf8');
    const commonjs = esm.replace(/import (.*) from (.*);/g, 'const $1 = require($2);');
    writeFileSync(join(written, 'commonjs.jest.js'), commonjs);
    writeFileSync(join(written, 'package.json'), '{ "type": "commonjs" }');
    expect(await jest(nodeOf(24), VM_MODULES, 'commonjs.jest.js')).toContain('1 passed, 1 total');
  });
});

describe('on other runtimes', () => {
  it.each([
    ['Deno', 'deno', ['run', '--allow-all'], 'at its end'],
    ['Deno', 'deno', ['run', '--allow-all'], 'exit'],
    // It does not wait for the answer to what is sent at `process.exit()`.
    ['Bun', 'bun', [], 'at its end'],
  ])('%s ranks, and sends all spans', async (_, runtime, flags, how) => {
    const node = join(modules, '.bin', runtime);
    const program = 'node-versions/program.js';
    const { summary, rows, spans, stderr } = await runHost(program, { node, flags, args: [how] });
    expect(rows).toEqual({ answer: 1, search: 1, 'chat gpt-4o': 1 });
    expect(summary.totals).toMatchObject({ llmCalls: 1, costUsd: 0.0035, retries: 1 });
    expect(spans).toHaveLength(5);
    expect(stderr).toBe('');
  });
});
