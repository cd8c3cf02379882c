import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Summary } from 'hotspan/processor';
import { startCountingReceiver, type Behaviour } from '../../test/support/counting-receiver.js';

/** Every way to end a process that hotspan can handle. */
export const WAYS = [
  'shutdown',
  'return',
  'beforeExit',
  'process.exit()',
  'uncaught exception',
  'unhandled rejection',
  'SIGTERM',
  'SIGINT',
  'SIGTERM, own handler',
  'SIGTERM, handlers removed',
  'SIGTERM, busy',
  'process.exit() in a listener',
] as const;
export type Way = (typeof WAYS)[number];

/** Every state of the receiver. */
export const BEHAVIOURS: readonly Behaviour[] = [
  ...(['healthy', 'absent', 'hanging', 'slow', '503', 'hurrying'] as const),
  ...(['dripping', 'continuing', 'resetting', 'redirecting'] as const),
];

/** How many spans end before the program does. */
export const SPANS = 3_000;

/** How a program ended. */
export interface Ending {
  readonly way: Way;
  readonly behaviour: Behaviour;
  readonly ended: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly pending: number;
  /** How many spans the receiver took, by its own count. */
  readonly taken: number;
  readonly reason: string | undefined;
  /** The time from the last thing the program did to its end. */
  readonly delayMillis: number;
  /** The exit code or the signal. */
  readonly exit: number | string | null;
  readonly summary: Summary;
  /** The program's stderr without the summary. */
  readonly stderr: string;
}

const PROGRAM = fileURLToPath(new URL('ending-process.js', import.meta.url));

/** Runs a program that ends this way while the receiver is in this state. */
export async function runEnding(way: Way, behaviour: Behaviour): Promise<Ending> {
  const receiver = await startCountingReceiver(behaviour);
  const { stderr, exit, delayMillis } = await runProgram(way, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  });
  await receiver.close();
  const start = stderr.indexOf('{\n');
  if (start < 0) throw new Error(`${way}, ${behaviour}: no summary, but: ${stderr}`);
  const end = stderr.indexOf('\n}\n', start) + 3;
  const summary = JSON.parse(stderr.slice(start, end)) as Summary;
  const { ended, delivered, dropped, pending, reason } = summary.delivery!;
  return {
    ...{ way, behaviour, ended, delivered, dropped, pending, reason, exit, summary, delayMillis },
    taken: receiver.taken.size,
    stderr: stderr.slice(0, start) + stderr.slice(end),
  };
}

/** Runs the same program with OpenTelemetry and hotspan turned off. */
export function runWithoutTracing(
  way: Way,
): Promise<Pick<Ending, 'stderr' | 'exit' | 'delayMillis'>> {
  return runProgram(way, { OTEL_SDK_DISABLED: 'true' });
}

async function runProgram(way: Way, env: Record<string, string>) {
  const child = spawn(process.execPath, [PROGRAM, way, String(SPANS)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    // A busy program sends itself its signal.
    const waits = way.startsWith('SIG') && way !== 'SIGTERM, busy';
    if (stdout.includes('\n') && waits) {
      child.kill(way === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
    }
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [exit, atMillis] = await new Promise<[number | string | null, number]>((resolve) => {
    let ended = 0;
    child.on('exit', () => (ended = Date.now()));
    child.on('close', (code, signal) => resolve([signal ?? code, ended]));
  });
  return { stderr, exit, delayMillis: atMillis - Number(stdout) };
}

/** Runs jobs, two at a time, and returns their results in order. */
export async function twoAtATime<T>(jobs: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async () => {
    for (let at = next++; at < jobs.length; at = next++) results[at] = await jobs[at]!();
  };
  await Promise.all([work(), work()]);
  return results;
}
