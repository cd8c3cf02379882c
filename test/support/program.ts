import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a program printed. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of its own that uses the built package, in a directory of its own inside of it.
 *
 * @param check gets what it printed, and its directory before that is removed
 */
export async function runProgram<T>(
  code: string,
  { flags = [], env = {} }: { flags?: string[]; env?: Record<string, string> },
  check: (printed: Printed, directory: string) => T,
): Promise<T> {
  const directory = mkdtempSync(join(root, '.docs-run-'));
  try {
    writeFileSync(join(directory, 'main.mjs'), code);
    const printed = await promisify(execFile)(process.execPath, [...flags, 'main.mjs'], {
      cwd: directory,
      env: { PATH: process.env.PATH, ...env },
    });
    return check(printed, directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
