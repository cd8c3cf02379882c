import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WITHOUT_NPM } from './child.js';

/** The result of an `npm install`. */
export interface Installation {
  readonly packages: number;
  readonly bytes: number;
  /** What npm wrote to stderr, such as warnings. */
  readonly said: string;
}

/**
 * Installs packages from the registry into a folder, without scripts.
 *
 * @throws Error with npm's output if it fails
 */
export function install(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
): Installation {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
  const options = { env: WITHOUT_NPM, cwd: folder, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync('npm', args, options);
  if (status !== 0) throw new Error(stderr);
  const modules = join(folder, 'node_modules');
  const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as {
    packages: Record<string, unknown>;
  };
  return {
    packages: Object.keys(lock.packages).length,
    bytes: sizeOf(modules),
    said: stderr,
  };
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

/** Packs a built package into a folder, and returns the path of the archive. */
export function pack(root: string, folder: string): string {
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    env: WITHOUT_NPM,
    cwd: root,
    stdio: 'ignore',
  });
  return join(
    folder,
    readdirSync(folder).find((file) => file.endsWith('.tgz'))!,
  );
}

/** Runs `work` with a temporary folder and removes the folder afterwards. */
export function inTemporaryFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'hotspan-install-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
