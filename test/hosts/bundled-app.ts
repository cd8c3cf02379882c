import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import type { FunctionTime, Summary } from '../../src/summary.js';
import { startBackend } from './backend.js';

/** Functions that ran for so many seconds, but those of Node. */
function hot(functions: readonly FunctionTime[], seconds: number): string[] {
  return functions
    .filter(
      ({ file, totalSeconds }) => file?.startsWith('node:') === false && totalSeconds > seconds,
    )
    .map(({ name }) => name);
}

/**
 * Runs what became of bundlers/app.js. It must rank its work, send all spans, at its end or by
 * `process.exit()`, and have its own functions in its CPU profile, without hotspan's.
 */
export async function expectItRuns(
  node: string,
  file: string,
  how: 'at its end' | 'exit',
  isMinified: boolean,
): Promise<void> {
  const backend = await startBackend();
  const cwd = dirname(file);
  const { stdout, stderr } = await promisify(execFile)(node, [file, join(cwd, 'profiles'), how], {
    cwd,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
  });
  await backend.close();
  expect(stderr).toBe('');
  const names = ['chat gpt-4o', 'chat gpt-4o attempt', 'inner', 'outer'];
  expect([...new Set(backend.spans)].sort()).toEqual(names);
  const { summary } = JSON.parse(stdout) as { summary: Summary };
  const { llmCalls, costUsd } = summary.totals;
  expect(backend.spans).toHaveLength(names.length * llmCalls);
  expect(costUsd).toBeCloseTo(0.0035 * llmCalls, 6);
  expect(summary.warnings).toEqual([]);
  const profiles = Object.fromEntries(
    (summary.cpuProfiles ?? []).map((profile) => [profile.segment, profile]),
  );
  // Without the garbage collector, which a busy machine holds up.
  const inFunctions = profiles.inner!.functions.filter(({ file }) => file !== undefined);
  const seconds = 0.8 * inFunctions.reduce((sum, { selfSeconds }) => sum + selfSeconds, 0);
  const inner = hot(profiles.inner!.functions, seconds);
  // A minifier, and V8 itself, may put a function into the one that calls it.
  expect(inner.length).toBeGreaterThan(0);
  expect(inner.length).toBeLessThanOrEqual(2);
  if (isMinified) return;
  expect(['(anonymous)', 'burn']).toEqual(expect.arrayContaining(inner));
  const outer = hot(profiles.outer!.functions, seconds);
  expect(outer).toEqual(expect.arrayContaining(['prepare', ...inner]));
  const own = ['segment', 'inSegment', 'inSpan', 'recordSpan', 'profile', 'llmCall'];
  expect(outer.filter((name) => own.includes(name))).toEqual([]);
}
