import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Summary } from 'hotspan/report';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The built command. */
export const main = join(root, 'dist/cli/main.js');

/** What a program did. */
export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  /** Is called when the program prints its first line. */
  readonly onLine?: (child: ChildProcess) => void;
  /** Is called with the first line on stderr; the input stays open. */
  readonly onSaid?: (child: ChildProcess, line: string) => Promise<void>;
}

/** An application of its own, with hotspan installed in it. */
export class TestApplication {
  /** A blank in the path, as on many machines. */
  readonly folder = mkdtempSync(join(tmpdir(), 'hotspan app-'));

  constructor(files: Readonly<Record<string, string>>) {
    this.write({ 'package.json': '{"name":"shop"}', ...files });
    mkdirSync(join(this.folder, 'node_modules/@opentelemetry'), { recursive: true });
    symlinkSync(root, join(this.folder, 'node_modules/hotspan'));
    const api = 'node_modules/@opentelemetry/api';
    symlinkSync(join(root, api), join(this.folder, api));
    afterAll(() => rmSync(this.folder, { recursive: true }));
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, content] of Object.entries(files)) {
      const file = join(this.folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }

  /** Runs Node. */
  node(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      env: {
        PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
        OTEL_TRACES_EXPORTER: 'none',
        ...options.env,
      },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout === '') options.onLine?.(child);
      stdout += text;
    });
    let done: Promise<void> | undefined;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      done ??= options.onSaid?.(child, stderr);
    });
    if (options.onSaid === undefined) child.stdin.end(options.stdin);
    return new Promise((resolve, reject) => {
      child.once('close', (code, signal) => {
        Promise.resolve(done).then(() => resolve({ code, signal, stdout, stderr }), reject);
      });
    });
  }

  /** Runs a command under `hotspan run`. */
  run(
    command: readonly string[],
    { flags = ['--json'], ...options }: RunOptions & { flags?: string[] } = {},
  ) {
    return this.node([main, 'run', ...flags, '--', ...command], options);
  }
}

/** Defines `work`, which makes a span, in whatever kind of file. */
export const WORK = `const work = (name, millis = 5) =>
  trace.getTracer('test').startActiveSpan(name, (span) =>
    new Promise((resolve) => setTimeout(resolve, millis)).then(() => span.end()));
`;
export const MODULE = `import { trace } from '@opentelemetry/api';\n${WORK}`;
export const COMMONJS = `const { trace } = require('@opentelemetry/api');\n${WORK}`;

/** The names of the rows of the one summary on stderr, in the order of the alphabet, and their calls. */
export function rowsOf({ stderr }: Ran): Record<string, number> {
  const { bottlenecks } = JSON.parse(stderr) as Summary;
  const rows = bottlenecks.map(({ name, calls }) => [name, calls] as const);
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}
