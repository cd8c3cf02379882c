import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the performance test as `npm run example:performance` does, the build apart. */
function performanceTest(limits: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const config = 'examples/performance-test/vitest.config.ts';
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', config];
  const env = { PATH: process.env.PATH, NO_COLOR: '1', ...limits };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('the performance test', () => {
  let ended: Ended;

  beforeAll(async () => {
    ended = await performanceTest();
  }, 60_000);

  it('passes', () => {
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/Tests +3 passed \(3\)/);
  });

  it('prints the steps and the ranking of a run', () => {
    expect(ended.stdout).toMatch(/answer question · 4 of 4 steps completed in .* · \$0\.000\d+/);
    expect(ended.stdout).toMatch(/ 3 {2}write answer +completed +.* 1 +\$/);
    expect(ended.stdout).toMatch(/support-agent · 1 trace in /);
    expect(ended.stdout).toMatch(/ \d {2}chat gpt-4o +\d/);
  });

  it('shows the step that timed out and recovered, and the one that did not', () => {
    expect(ended.stdout).toMatch(/ 3 {2}write answer +completed +.* 2 +\$/);
    expect(ended.stdout).toMatch(/ 4 {2}suggest follow-up +timedOut .* longer than 2000 ms/);
    expect(ended.stdout).toContain('answer question · 3 of 4 steps completed');
  });

  it('prints two models side by side', () => {
    expect(ended.stdout).toMatch(/succeeded +100\.0 % +75\.0 % +-25\.0 %/);
    expect(ended.stdout).toMatch(/cost per success +\$0\.\d+ +\$0\.\d+ +-\d\d\.\d %/);
  });
});

describe('the performance test, with limits that are too small', () => {
  it('fails, and says which limit was exceeded, and by how much', async () => {
    const { code, stderr } = await performanceTest({ MAX_USD: '0.0006', MAX_SECONDS: '0.3' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/cost in USD: expected 0\.00\d+ to be less than or equal to 0\.0006/);
    expect(stderr).toMatch(
      /latency in seconds: expected \d+\.\d+ to be less than or equal to 0\.3/,
    );
  }, 60_000);
});
