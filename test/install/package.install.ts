import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install, pack, type Installation } from '../../bench/installation.js';
import { expectItsRanking, TRACED_COMMONJS, TRACED_MODULE } from '../support/traced-program.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isReachable =
  spawnSync('npm', ['view', '@opentelemetry/api', 'name', '--fetch-retries=0'], {
    stdio: 'ignore',
    timeout: 20_000,
  }).status === 0;
if (!isReachable) {
  console.log('Left out: installing the package, because the registry of npm does not answer.');
}

describe.runIf(isReachable).each(['~1.9.0', '~1.10.0'])(
  'installed beside @opentelemetry/api %s',
  (api) => {
    const folder = mkdtempSync(join(tmpdir(), 'hotspan-install-'));
    let installation: Installation;

    beforeAll(() => {
      const hotspan = `file:${pack(root, folder)}`;
      installation = install(folder, { hotspan, '@opentelemetry/api': api });
      cpSync(join(root, 'test/install/types'), folder, { recursive: true });
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
      });

    it('npm warns of nothing', () => {
      expect(installation.said).toBe('');
    });

    it('brings at most 28 packages and 22 MB, and one API', () => {
      expect(installation.packages).toBeLessThanOrEqual(28);
      expect(installation.bytes).toBeLessThanOrEqual(22 * 2 ** 20);
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const apis = files.filter((path) => path.endsWith('@opentelemetry/api/package.json'));
      expect(apis).toEqual(['node_modules/@opentelemetry/api/package.json']);
    });

    it.each([
      ['import', 'main.mjs', TRACED_MODULE],
      ['require', 'main.cjs', TRACED_COMMONJS],
    ])('a program can %s it, start tracing and get a ranking', (_, file, code) => {
      writeFileSync(join(folder, file), code);
      expectItsRanking(run(process.execPath, file));
    });

    it('has the command', () => {
      expect(run(join(folder, 'node_modules/.bin/hotspan'), '--version')).toMatch(
        /^\d+\.\d+\.\d+\n$/,
      );
    });

    it('its declarations compile, and fit together', () => {
      const tsc = join(root, 'node_modules/.bin/tsc');
      const types = join(root, 'node_modules/@types');
      expect(run(tsc, '-p', '.', '--typeRoots', types)).toBe('');
    });
  },
);
