import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** What a command printed, and its exit code. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command, as a user would. */
export function hotspan(args: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
  return { status, stdout, stderr };
}

/** Starts the built command. */
export function startHotspan(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [main, ...args], { env: { PATH: process.env.PATH, ...env } });
}

/** The exit code of a command that was started, and what it said on stderr. */
export async function endOf(
  child: ChildProcessWithoutNullStreams,
): Promise<{ readonly status: number | null; readonly stderr: string }> {
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stderr };
}

/** Runs a line of shell in which `hotspan` is the built command. */
export function inShell(line: string, cwd: string): Ran {
  const bin = join(cwd, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'hotspan'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, {
    mode: 0o755,
  });
  const env = { PATH: `${bin}:${process.env.PATH ?? ''}`, GITHUB_STEP_SUMMARY: '/dev/null' };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8', cwd, env });
  return { status, stdout, stderr };
}

/** A folder for the files of one test file; gone when its tests have ended. */
export function folderForTests(): {
  readonly path: string;
  write(name: string, content: string): string;
} {
  const path = mkdtempSync(join(tmpdir(), 'hotspan-cli-'));
  afterAll(() => rmSync(path, { recursive: true }));
  return {
    path,
    write: (name, content) => {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
  };
}
