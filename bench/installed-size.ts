/** What an installation brings with it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WITHOUT_NPM } from './child.js';
import { megabytes, table } from './markdown.js';
import {
  BARE,
  BARE_PACKAGES,
  dependenciesOf,
  HOTSPAN,
  installedPeers,
  ROOT,
  versionOf,
} from './peer-list.js';
import type { Findings, Section } from './section.js';

interface Installed {
  readonly packages: number;
  readonly bytes: number;
}

function install(folder: string, dependencies: Readonly<Record<string, string>>): Installed {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
  execFileSync('npm', args, { env: WITHOUT_NPM, cwd: folder, stdio: 'ignore' });
  const modules = join(folder, 'node_modules');
  const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as {
    packages: Record<string, unknown>;
  };
  return { packages: Object.keys(lock.packages).length, bytes: sizeOf(modules) };
}

function sizeOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += sizeOf(path);
    else if (entry.isFile()) bytes += statSync(path).size;
  }
  return bytes;
}

function inTemporaryFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'hotspan-bench-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function installHotspan(): Installed {
  return inTemporaryFolder((packed) => {
    execFileSync('npm', ['pack', '--pack-destination', packed], {
      env: WITHOUT_NPM,
      cwd: ROOT,
      stdio: 'ignore',
    });
    const file = join(packed, readdirSync(packed)[0]!);
    const api = versionOf('@opentelemetry/api');
    return inTemporaryFolder((folder) =>
      install(folder, { hotspan: `file:${file}`, '@opentelemetry/api': api }),
    );
  });
}

function run(): Promise<Findings> {
  const bare = Object.fromEntries(BARE_PACKAGES.map((name) => [name, versionOf(name)]));
  const installations: (readonly [string, () => Installed])[] = [
    [BARE.name, () => inTemporaryFolder((folder) => install(folder, bare))],
    [HOTSPAN.name, installHotspan],
    ...installedPeers().map(
      (peer) =>
        [
          peer.name,
          () => inTemporaryFolder((folder) => install(folder, dependenciesOf(peer))),
        ] as const,
    ),
  ];
  const rows: string[][] = [];
  for (const [name, installed] of installations) {
    try {
      const { packages, bytes } = installed();
      rows.push([name, String(packages), megabytes(bytes)]);
    } catch {
      rows.push([name, 'not installed', '']);
      console.error(`${name} could not be installed from the registry.`);
    }
  }
  return Promise.resolve({ text: table(['', 'packages', 'files'], rows), goals: [] });
}

/** The section. */
export const installedSizeSection: Section = {
  name: 'installed-size',
  title: 'Installed size',
  about:
    '`npm install` of what is needed to send spans, into an empty folder, without scripts; hotspan as it is ' +
    'packed, with `@opentelemetry/api`.',
  run,
};
