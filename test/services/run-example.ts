import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { startOtlpReceiver, type OtlpSpan } from '../support/otlp-receiver.js';

export const services = fileURLToPath(new URL('../../examples/services', import.meta.url));

/** A way to start an example. */
export interface Example {
  /** Arguments of Node, or of `next`. */
  readonly args: readonly string[];
  readonly stdin?: string;
  /** The example is a service: ask it this, and stop it. */
  readonly path?: string;
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly spans: readonly OtlpSpan[];
}

/** Runs an example to its end: a service is asked three times, and then gets SIGTERM. */
export async function runExample(example: Example, isTraced: boolean): Promise<Ran> {
  const model = await startModel();
  const receiver = await startOtlpReceiver();
  try {
    const [command, ...args] = isTraced
      ? [process.execPath, ...example.args]
      : ['node_modules/.bin/hotspan', 'run', '--', process.execPath, ...example.args];
    const child = spawn(command, args, {
      cwd: services,
      env: {
        PATH: process.env.PATH,
        ...model.variables,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        PORT: '0',
      },
    });
    const closed = once(child, 'close') as Promise<[number | null]>;
    const printed = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (printed.stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (printed.stderr += String(chunk)));
    child.stdin.end(example.stdin ?? '');
    if (example.path !== undefined) {
      const address = await addressOf(child.stdout);
      await fetch(`${address}/health`);
      for (const question of ['Where is my refund?', 'When is my parcel here?', 'Who are you?']) {
        await ask(`${address}${example.path}`, question);
      }
      child.kill('SIGTERM');
    }
    const [code] = await closed;
    return { ...printed, code, spans: receiver.spans };
  } finally {
    await receiver.close();
    model.process.kill();
  }
}

/** Starts the stand-in as a reader of the examples does, and reads what it prints. */
async function startModel() {
  const child = spawn(process.execPath, ['model.js', '0'], {
    cwd: services,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const variables: Record<string, string> = {};
  for await (const line of createInterface(child.stdout)) {
    const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) variables[name] = value;
    if (Object.keys(variables).length === 3) break;
  }
  return { process: child, variables };
}

/** Finds the address that a service prints when it is ready. */
async function addressOf(stdout: Readable): Promise<string> {
  let printed = '';
  return new Promise((resolve, reject) => {
    stdout.on('data', (chunk) => {
      printed += String(chunk);
      const [, port] = /https?:\/\/[\w.[\]:]+?:(\d+)/.exec(printed) ?? [];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    });
    stdout.once('end', () => reject(new Error(`The service ended early. It said: ${printed}`)));
  });
}

async function ask(address: string, question: string): Promise<void> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question }),
  });
  const { answer } = (await response.json()) as { answer: string };
  if (answer !== 'Refunds take five days.') throw new Error(`The service answered ${answer}`);
}
