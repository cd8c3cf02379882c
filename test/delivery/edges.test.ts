import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { startCountingReceiver, type Behaviour } from '../support/counting-receiver.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START = `
  import { segment } from 'hotspan';
  import { startTracing } from 'hotspan/node';
  const tracing = startTracing();
  const work = () => segment('work', () => 1);
`;

async function receive(behaviour: Behaviour = 'healthy') {
  const receiver = await startCountingReceiver(behaviour);
  onTestFinished(receiver.close);
  return receiver;
}

/** Runs a program; \`onLine\` is called with every line that it writes to stdout. */
function run(
  endpoint: string,
  code: string,
  {
    env = {},
    args = [],
    onLine = () => undefined,
  }: {
    env?: Record<string, string>;
    args?: string[];
    onLine?: (line: string, kill: (signal: NodeJS.Signals) => void) => void;
  } = {},
): Promise<{ exit: number | string | null; stdout: string; stderr: string; millis: number }> {
  const startMillis = performance.now();
  const child = spawn(
    process.execPath,
    [...args, '--input-type=module', '--eval', `${START}${code}`],
    {
      cwd: ROOT,
      env: { PATH: process.env.PATH, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const line of chunk.toString().trim().split('\n'))
      onLine(line, (signal) => void child.kill(signal));
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (code, signal) =>
      resolve({ exit: signal ?? code, stdout, stderr, millis: performance.now() - startMillis }),
    );
  });
}

describe('at the end of a process', () => {
  it('a listener to beforeExit is called once, as without hotspan', async () => {
    const { endpoint, taken } = await receive();
    const { stdout } = await run(
      endpoint,
      `process.on('beforeExit', () => { work(); console.log('once'); });`,
    );
    expect(stdout).toBe('once\n');
    expect(taken.size).toBe(1);
  });

  it('what ends in the tick of the start arrives', async () => {
    const { endpoint, taken } = await receive();
    const { exit } = await run(endpoint, 'work(); process.exit(3);');
    expect([exit, taken.size]).toEqual([3, 1]);
  });

  it.each(['work(); process.exit(0);', 'work();', 'work(); await tracing.shutdown();'])(
    'spans go in JSON, too: %s',
    async (code) => {
      const receiver = await startOtlpReceiver();
      onTestFinished(() => receiver.close());
      await run(receiver.endpoint, code, { env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' } });
      expect(receiver.spans.map(({ name }) => name)).toEqual(['work']);
      expect(receiver.headers[0]).toMatchObject({ 'content-type': 'application/json' });
    },
  );

  it('spans go over TLS, compressed, with headers, also from the thread', async () => {
    const file = (name: string) =>
      fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));
    const [cert, key] = [readFileSync(file('cert.pem')), readFileSync(file('key.pem'))];
    const receiver = await startOtlpReceiver(200, { cert, key, ca: cert, requestCert: true });
    onTestFinished(() => receiver.close());
    const { exit } = await run(receiver.endpoint, 'work(); process.exit(3);', {
      env: {
        OTEL_EXPORTER_OTLP_CERTIFICATE: file('cert.pem'),
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file('cert.pem'),
        OTEL_EXPORTER_OTLP_CLIENT_KEY: file('key.pem'),
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_EXPORTER_OTLP_HEADERS: 'x-key=mine',
      },
    });
    expect(exit).toBe(3);
    expect(receiver.spans.map(({ name }) => name)).toEqual(['work']);
    expect(receiver.headers[0]).toMatchObject({ 'x-key': 'mine', 'content-encoding': 'gzip' });
  });

  it('a loader and preloads of the host stay out of the thread', async () => {
    const { endpoint, taken } = await receive();
    const preload = `data:text/javascript,${encodeURIComponent(
      "import { isMainThread } from 'node:worker_threads'; if (!isMainThread) process.exit(9);",
    )}`;
    await run(endpoint, 'work(); process.exit(3);', {
      args: ['--import', 'tsx', '--import', preload],
      env: {
        NODE_OPTIONS: `--import=${preload}`,
        // Without this project's own aliases.
        TSX_TSCONFIG_PATH: `${ROOT}examples/tsconfig.json`,
      },
    });
    expect(taken.size).toBe(1);
  });

  it('a listener of the host that ends the process by the same signal again is not in the way', async () => {
    const { endpoint, taken } = await receive();
    const { exit, stdout } = await run(
      endpoint,
      `
        const onSignal = () => {
          console.log('cleaned up', process.listenerCount('SIGTERM'));
          process.removeListener('SIGTERM', onSignal);
          process.kill(process.pid, 'SIGTERM');
        };
        process.on('SIGTERM', onSignal);
        setInterval(() => undefined, 1_000);
        work();
        setImmediate(() => process.kill(process.pid, 'SIGTERM'));
      `,
    );
    expect([exit, stdout]).toEqual(['SIGTERM', 'cleaned up 1\n']);
    expect(taken.size).toBe(1);
  });

  it('a listener of the host that goes on lets the process go on', async () => {
    const { endpoint, taken } = await receive();
    const { exit, stdout } = await run(
      endpoint,
      `
        process.once('SIGINT', () => { work(); console.log('still here'); clearInterval(timer); });
        const timer = setInterval(() => undefined, 1_000);
        setImmediate(() => process.kill(process.pid, 'SIGINT'));
      `,
    );
    expect([exit, stdout]).toEqual([0, 'still here\n']);
    expect(taken.size).toBe(1);
  });

  it('a second signal ends the process at once', async ({ onTestFinished: onEnd }) => {
    const { endpoint } = await receive('hanging');
    const { exit, millis } = await run(
      endpoint,
      `
        setInterval(() => undefined, 1_000);
        work();
        console.log('ready');
      `,
      {
        env: { OTEL_EXPORTER_OTLP_TIMEOUT: '20000' },
        // The first one stops the program, so it cannot say when it has come.
        onLine: (_, kill) => {
          const timer = setInterval(() => kill('SIGINT'), 200);
          onEnd(() => clearInterval(timer));
        },
      },
    );
    expect(exit).toBe('SIGINT');
    expect(millis).toBeLessThan(15_000);
  });

  it('without exit handling nothing is sent, and the process ends as ever', async () => {
    const receiver = await receive();
    const { exit } = await run(
      receiver.endpoint,
      `
        await tracing.shutdown();
        startTracing({ exitHandling: false });
        work();
        process.exit(4);
      `,
    );
    expect([exit, receiver.requests]).toEqual([4, 0]);
  });

  it('a worker thread of the host sends what it ended, too', async () => {
    const { endpoint, taken } = await receive();
    const { exit } = await run(
      endpoint,
      `
        import { Worker } from 'node:worker_threads';
        const code = \`
          Promise.all([import('hotspan'), import('hotspan/node')]).then(([a, b]) => {
            b.startTracing();
            a.segment('work', () => 1);
            process.exit();
          });
        \`;
        new Worker(code, { eval: true });
      `,
    );
    expect([exit, taken.size]).toEqual([0, 1]);
  });
});
