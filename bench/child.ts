import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** The environment without npm's own variables, which would affect another npm. */
export const WITHOUT_NPM = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')),
);

/**
 * Runs a program in its own process.
 *
 * @param program the name of a file next to this one without `.js`, or a path
 * @returns the last line that it printed, as JSON
 * @throws Error with the program's stderr if it fails
 */
export async function runChild<T>(
  program: string,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const file = program.includes('/')
    ? program
    : fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  // Passes no other variables on, because they may set up tracing.
  const { stdout } = await exec(process.execPath, [...nodeOptions, file, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    maxBuffer: 64 * 2 ** 20,
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as T;
}
