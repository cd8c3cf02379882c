import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { traceLine } from '../../scripts/fleet/made-traces.js';
import type { Bottleneck, Summary } from '../../src/summary.js';
import { end, freePorts } from '../jaeger/server.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** The command, as `npm run build` makes it. */
export const HOTSPAN = [process.execPath, `${root}dist/cli/main.js`] as const;

export function part(name: string): string {
  return `${inject('parts')}/${name}`;
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'hotspan-fleet-'));
}

/** Runs a program to its end. @throws Error with what it said, if it fails */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  });
  if (result.status !== 0) {
    const said = `${result.stdout}\n${result.stderr}`.slice(-3_000);
    throw new Error(`${program} ${args.join(' ')}: ${result.error?.message ?? said}`);
  }
  return result.stdout;
}

/** What `hotspan report SOURCES --json` says. */
export function report(...args: readonly string[]): Summary {
  const [program, ...first] = HOTSPAN;
  return JSON.parse(run(program, [...first, 'report', ...args, '--json'])) as Summary;
}

/** Lines of OTLP JSON in a file. */
export function tracesFile(folder: string, first: number, count: number, each = 1): string {
  const file = join(folder, `traces-${first}-${each}.jsonl`);
  const lines = Array.from({ length: count }, (_, at) => traceLine(first + at * each));
  writeFileSync(file, lines.join(''));
  return file;
}

/** The figures of a row that add up exactly; the other ones are estimates. */
export function exactRows(summary: Summary): object[] {
  const figures = (row: Bottleneck) => ({
    row: `${row.name} (${row.service})`,
    calls: row.calls,
    errors: row.errors,
    criticalMicros: Math.round(row.criticalSeconds * 1e6),
    selfMicros: Math.round(row.selfSeconds * 1e6),
    nanoUsd: Math.round((row.costUsd ?? 0) * 1e9),
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
  });
  return summary.bottlenecks.map(figures).sort((a, b) => (a.row < b.row ? -1 : 1));
}

/** A server that was started here, on a free port. */
export interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/** Resolves when the server answers; what, is not looked at. */
export async function start(
  program: string,
  args: (port: number) => readonly string[],
  path = '/',
): Promise<Server> {
  const [port = 0] = await freePorts(1);
  const child = spawn(program, args(port), { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-4_000)));
  process.once('exit', () => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${log}`);
    const answer = await fetch(`${url}${path}`).catch(() => undefined);
    return answer !== undefined && answer.status < 500 ? true : undefined;
  });
  return { url, stop: () => end(child) };
}

/** Prometheus as docker-compose.yml starts it. */
export async function startPrometheus(folder: string): Promise<Server> {
  const shipped = readFileSync(`${root}docker/fleet/prometheus.yaml`, 'utf8');
  const config = join(folder, 'prometheus.yaml');
  writeFileSync(
    config,
    shipped.replace('/etc/prometheus/rules/*.yaml', `${root}docker/fleet/rules.yaml`),
  );
  return start(
    part('bin/prometheus'),
    (port) => [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}/metrics`,
      '--web.enable-otlp-receiver',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    '/-/ready',
  );
}

/** Asks until there is an answer that will do. @throws Error after half a minute */
export async function eventually<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error('There was no answer within half a minute.');
    await sleep(200);
  }
}
