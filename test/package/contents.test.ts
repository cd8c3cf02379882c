import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { VERSION } from '../../src/version.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const { version, peerDependencies } = JSON.parse(read('package.json')) as {
  version: string;
  peerDependencies: Record<string, string>;
};
const FOLDER = /(?<=^ *\/\/ )node_modules\/(?:.+\/node_modules\/)?(?:@[^/\n]+\/)?[^/\n]+/gm;
const shipped = packedFiles();
const code = shipped.filter((path) => /^dist\/.*\.js$/.test(path));
const declarations = shipped.filter((path) => path.endsWith('.d.ts'));

function packedFiles(): string[] {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path).sort();
}

/** What the files import that is neither part of the package nor of Node. */
function importedBy(paths: readonly string[]): string[] {
  const names = paths.flatMap((path) =>
    [...read(path).matchAll(/^(?:import|export)\b[^;'"]*\bfrom ["']([^"'.]+)["'];/gm)].map(
      ([, name]) => name!,
    ),
  );
  return [...new Set(names)].filter((name) => !isBuiltin(name)).sort();
}

/** The folders of the packages whose code is in the bundle: esbuild names each of their files. */
const bundled = [...new Set(code.flatMap((path) => read(path).match(FOLDER) ?? []))];
const nameOf = (folder: string) => folder.replace(/^.*node_modules\//, '');

it('has one version', () => {
  expect(VERSION).toBe(version);
});

it('ships what is needed and nothing else', () => {
  expect(shipped.filter((path) => !/^(dist|docs)\//.test(path))).toEqual([
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'docker-compose.yml',
    'docker/fleet/collector.yaml',
    'docker/fleet/grafana/dashboards.yaml',
    'docker/fleet/grafana/ranking.json',
    'docker/fleet/grafana/sources.yaml',
    'docker/fleet/prometheus.yaml',
    'docker/fleet/rules.yaml',
    'docker/jaeger-badger.yaml',
    'docker/jaeger-monitor.yaml',
    'docker/prometheus.yaml',
    'package.json',
  ]);
  expect(shipped.filter((path) => path.startsWith('docs/') && !path.endsWith('.md'))).toEqual([]);
  const inDist = shipped.filter((path) => path.startsWith('dist/'));
  const others = inDist.filter((path) => !code.includes(path) && !declarations.includes(path));
  expect(others).toEqual(['dist/THIRD-PARTY-NOTICES.txt']);
  expect(code).toContain('dist/cli/main.js');
});

it('ships every file that its pages link to', () => {
  const pages = shipped.filter((path) => path.endsWith('.md'));
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to]) =>
      join(dirname(page), to!),
    ),
  );
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((path) => !shipped.includes(path))).toEqual([]);
});

it('has one declaration file for each door, which names no type of the SDK', () => {
  expect(declarations).toEqual(
    ['hotspan', 'node', 'processor', 'register', 'report'].map((door) => `dist/doors/${door}.d.ts`),
  );
  expect(importedBy(declarations)).toEqual(['@opentelemetry/api']);
});

it('imports what an installation of it brings, and bundles the rest', () => {
  const known = Object.keys(peerDependencies);
  expect(importedBy(code).filter((name) => !known.includes(name))).toEqual([]);
});

it('bundles no API, and no package twice', () => {
  const names = bundled.map(nameOf);
  expect(names).toContain('@opentelemetry/sdk-trace');
  expect(names).not.toContain('@opentelemetry/api');
  expect(names).toEqual([...new Set(names)]);
});

it('ships the licence of every package that it bundles', () => {
  const notices = read('dist/THIRD-PARTY-NOTICES.txt');
  expect(
    [...notices.matchAll(/^(\S+) \d+\.\d+\.\d+, \S/gm)].map(([, name]) => name).sort(),
  ).toEqual([...bundled.map(nameOf), 'preact'].sort());
  expect(notices).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION');
});

it('can be required from CommonJS', () => {
  const program =
    "console.log(typeof require('hotspan').segment, typeof require('hotspan/node').startTracing)";
  const printed = execFileSync(process.execPath, ['--input-type=commonjs', '-e', program], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(printed).toBe('function function\n');
});

it('documents everything that it exports', () => {
  const reports = readdirSync(join(root, 'api')).map((file) => read(`api/${file}`));
  const declared = reports.flatMap((report) => [
    ...report.matchAll(/^\/\/ @public(.*)\nexport (?:function|class|interface|type|const) (\w+)/gm),
  ]);
  expect(declared.length).toBeGreaterThan(50);
  const isDocumented = (name: string) =>
    declared.some(([, notes, other]) => other === name && notes !== ' (undocumented)');
  const names = [...new Set(declared.map(([, , name]) => name!))];
  // The first overload of a function speaks for all.
  expect(names.filter((name) => !isDocumented(name))).toEqual([]);
});
