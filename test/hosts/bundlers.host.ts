import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectItRuns } from './bundled-app.js';
import { here } from './packages.js';

// Far from any node_modules: nothing may be left to load.
const folder = mkdtempSync(join(tmpdir(), 'hotspan-bundles-'));
let problems: unknown;

beforeAll(async () => {
  const args = [join(here, 'bundlers/build.js'), folder];
  problems = JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
});
afterAll(() => rmSync(folder, { recursive: true }));

const FILES = ['rollup', 'webpack', 'vite'].flatMap((bundler) =>
  ['esm/app.mjs', 'cjs/app.cjs', 'esm-min/app.mjs', 'cjs-min/app.cjs']
    .filter((file) => bundler !== 'rollup' || !file.includes('min'))
    .map((file) => `${bundler}-${file}`),
);

describe('an application in a bundle', () => {
  it('is made without a warning', () => {
    expect(problems).toEqual([]);
  });

  it.each(FILES.flatMap((file) => [[file, 'at its end'] as const, [file, 'exit'] as const]))(
    '%s runs, sends all spans (%s), and profiles its own functions',
    (file, how) => expectItRuns(process.execPath, join(folder, file), how, file.includes('min')),
  );
});
