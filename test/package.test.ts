import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { VERSION } from '../src/version.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };

it('has one version', () => {
  expect(VERSION).toBe(manifest.version);
});

it('ships what is needed and nothing else', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
  const outside = files.map(({ path }) => path).filter((path) => !path.startsWith('dist/'));
  expect(outside.sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'docker-compose.yml',
    'docker/jaeger-badger.yaml',
    'docker/jaeger-monitor.yaml',
    'docker/prometheus.yaml',
    'package.json',
  ]);
  const inside = files.map(({ path }) => path).filter((path) => path.startsWith('dist/'));
  expect(inside.filter((path) => !/\.(js|d\.ts)$/.test(path))).toEqual([]);
  expect(inside).toContain('dist/cli/main.js');
});

it('names no type of the SDK in its declarations', () => {
  const declarations = readdirSync(`${root}dist`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.d.ts'))
    .filter((path) =>
      /^import .*'@opentelemetry\/(?!api')/m.test(readFileSync(`${root}dist/${path}`, 'utf8')),
    );
  // None of these is reachable from the exports.
  expect(declarations.sort()).toEqual([
    'delivery/exportable.d.ts',
    'delivery/otlp-export.d.ts',
    'delivery/otlp-span-processor.d.ts',
    'node/exporters.d.ts',
    'node/registration.d.ts',
    'node/resource.d.ts',
    'node/sampler.d.ts',
  ]);
});

it('can be required from CommonJS', () => {
  const code =
    "console.log(typeof require('hotspan').segment, typeof require('hotspan/node').startTracing)";
  const printed = execFileSync(process.execPath, ['--input-type=commonjs', '-e', code], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(printed).toBe('function function\n');
});
