import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import { expectItsRanking, TRACED_MODULE } from '../support/traced-program.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Far from any node_modules: nothing may be left to load.
const folder = mkdtempSync(join(tmpdir(), 'hotspan-bundle-'));
let receiver: OtlpReceiver;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
afterAll(async () => {
  await receiver.close();
  rmSync(folder, { recursive: true });
});

async function run(file: string, args: string[] = [], env: Readonly<Record<string, string>> = {}) {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file, ...args], {
    cwd: folder,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, ...env },
  });
  return { stdout, stderr };
}

describe.each([
  { format: 'esm', minify: false, file: 'main.mjs' },
  { format: 'esm', minify: true, file: 'main.min.mjs' },
  { format: 'cjs', minify: false, file: 'main.cjs' },
  { format: 'cjs', minify: true, file: 'main.min.cjs' },
] as const)('an application bundled as $format, minify: $minify', ({ format, minify, file }) => {
  beforeAll(async () => {
    await build({
      stdin: { contents: TRACED_MODULE, resolveDir: root },
      outfile: join(folder, file),
      bundle: true,
      platform: 'node',
      target: 'node20.19',
      format,
      minify,
      // As for a user: without the paths of ours, that lead to `src`.
      tsconfigRaw: '{}',
      // It is undefined there, which is what this is about.
      logOverride: { 'empty-import-meta': 'silent' },
    });
  });

  it('starts, ranks, and sends its spans', async () => {
    const sent = receiver.spans.length;
    const { stdout, stderr } = await run(file);
    expectItsRanking(stdout);
    expect(stderr).toBe('');
    expect(receiver.spans.slice(sent).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['search', 'chat gpt-4o', 'answer']),
    );
  });

  it('takes a CPU profile, and sends its spans at `process.exit()`', async () => {
    const sent = receiver.spans.length;
    const { stdout } = await run(file, ['exit'], { HOTSPAN_CPU_PROFILE: `${file}-profiles` });
    expectItsRanking(stdout);
    expect(readdirSync(join(folder, `${file}-profiles`)).length).toBeGreaterThan(0);
    expect(receiver.spans.slice(sent).map(({ name }) => name)).toContain('answer');
  });
});
