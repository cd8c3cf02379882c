import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { freePorts } from './server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('says how to start a Jaeger when there is none, and fails', async () => {
  const [port = 0] = await freePorts(1);
  const vitest = 'node_modules/vitest/vitest.mjs';
  const args = [vitest, 'run', '--config', 'test/jaeger/vitest.config.ts'];
  const env = { PATH: process.env.PATH, HOTSPAN_JAEGER_URL: `http://127.0.0.1:${port}` };
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain(`No Jaeger answers at http://127.0.0.1:${port}. Start one with`);
  expect(stderr).toContain('docker compose up -d --wait');
  expect(stderr).not.toContain('    at ');
});
