import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a receiver got so far. */
export interface Received {
  readonly requests: number;
  readonly bytes: number;
  /** How many spans came as OTLP, or in Sentry's format. */
  readonly spans: number;
}

/** A receiver on loopback, in its own process. */
export interface Receiver {
  readonly endpoint: string;
  received(): Promise<Received>;
  close(): void;
}

/** Starts a receiver. */
export async function startReceiver(): Promise<Receiver> {
  const child = fork(fileURLToPath(new URL('./receiver-process.js', import.meta.url)), {
    execArgv: [],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    endpoint: `http://127.0.0.1:${port}`,
    received: async () => {
      const answer = once(child, 'message');
      child.send('count');
      const [received] = (await answer) as [Received];
      return received;
    },
    close: () => {
      child.disconnect();
    },
  };
}
