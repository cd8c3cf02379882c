import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionTime, Summary } from '../../src/summary.js';
import { startBackend } from './backend.js';
import { here } from './packages.js';

// Far from any node_modules: nothing may be left to load.
const folder = mkdtempSync(join(tmpdir(), 'hotspan-bundles-'));
const run = promisify(execFile);
let problems: unknown;

beforeAll(async () => {
  const build = join(here, 'bundlers/build.js');
  problems = JSON.parse((await run(process.execPath, [build, folder])).stdout);
});
afterAll(() => rmSync(folder, { recursive: true }));

const FILES = ['rollup', 'webpack', 'vite'].flatMap((bundler) =>
  ['esm/app.mjs', 'cjs/app.cjs', 'esm-min/app.mjs', 'cjs-min/app.cjs']
    .filter((file) => bundler !== 'rollup' || !file.includes('min'))
    .map((file) => `${bundler}-${file}`),
);

/** Functions that ran nearly all of the time of a segment, but those of Node. */
function hot(functions: readonly FunctionTime[], seconds: number): string[] {
  return functions
    .filter(
      ({ file, totalSeconds }) => file?.startsWith('node:') === false && totalSeconds > seconds,
    )
    .map(({ name }) => name);
}

describe('an application in a bundle', () => {
  it('is made without a warning', () => {
    expect(problems).toEqual([]);
  });

  it.each(FILES.flatMap((file) => [[file, 'at its end'] as const, [file, 'exit'] as const]))(
    '%s runs, sends all spans (%s), and profiles its own functions',
    async (file, how) => {
      const backend = await startBackend();
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
      const args = [join(folder, file), join(folder, 'profiles'), how];
      const { stdout, stderr } = await run(process.execPath, args, { cwd: folder, env });
      await backend.close();
      expect(stderr).toBe('');
      expect([...backend.spans].sort()).toEqual([
        'chat gpt-4o',
        'chat gpt-4o attempt',
        'inner',
        'outer',
      ]);
      const { summary } = JSON.parse(stdout) as { summary: Summary };
      expect(summary.totals).toMatchObject({ llmCalls: 1, costUsd: 0.0035 });
      expect(summary.warnings).toEqual([]);
      const profiles = Object.fromEntries(
        (summary.cpuProfiles ?? []).map((profile) => [profile.segment, profile]),
      );
      const inner = hot(profiles.inner!.functions, 0.1);
      // A minifier may put functions into those that call them.
      expect(inner.length).toBeGreaterThan(0);
      expect(inner.length).toBeLessThanOrEqual(2);
      if (file.includes('min')) return;
      expect(inner.sort()).toEqual(['(anonymous)', 'burn']);
      const outer = hot(profiles.outer!.functions, 0.1);
      expect(outer).toEqual(expect.arrayContaining(['burn', 'prepare']));
      const own = ['segment', 'inSegment', 'inSpan', 'recordSpan', 'profile', 'llmCall'];
      expect(outer.filter((name) => own.includes(name))).toEqual([]);
    },
  );
});
