import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { context, propagation } from '@opentelemetry/api';
import type { Summary } from 'hotspan/processor';
import { invokeRemoteAgent } from './gen-ai.js';

/** The analyst, in a process of its own. */
export interface AnalystProcess {
  /** Asks the analyst; its spans become part of this trace. */
  invoke(question: string, signal: AbortSignal): Promise<string>;
  /** What the process found in its own part of the traces. */
  summary(): Promise<Summary>;
  /** Resolves when it has sent its spans and ended. */
  stop(): Promise<void>;
}

const SERVICE = fileURLToPath(new URL('./analyst-service.ts', import.meta.url));

/**
 * Starts the analyst.
 *
 * @param modelUrl the `baseURL` of its model
 * @throws Error when it ends before it is ready
 */
export async function startAnalystProcess(modelUrl: string): Promise<AnalystProcess> {
  // What the `openai` client of the child reads by itself.
  const env = { ...process.env, OPENAI_BASE_URL: modelUrl, OPENAI_API_KEY: 'not-needed' };
  const child = fork(SERVICE, { env });
  const ended = once(child, 'exit');
  const url = await addressOf(child, ended);
  return {
    invoke: (question, signal) =>
      invokeRemoteAgent('analyst', new URL(url), async () => {
        const headers = { 'content-type': 'application/json' };
        // Tells the other process which trace this is, and which span asks.
        propagation.inject(context.active(), headers);
        const body = JSON.stringify({ question });
        const response = await fetch(`${url}/invoke`, { method: 'POST', headers, body, signal });
        return ((await read(response)) as { findings: string }).findings;
      }),
    summary: async () => (await read(await fetch(`${url}/summary`))) as Summary,
    stop: async () => {
      // The child ends when nobody needs it any more, also when this process crashes.
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

async function addressOf(child: ChildProcess, ended: Promise<unknown[]>): Promise<string> {
  const died = ended.then(([code]) => {
    throw new Error(`The analyst's process ended with code ${String(code)} before it was ready.`);
  });
  const [address] = (await Promise.race([once(child, 'message'), died])) as [string];
  return address;
}

/** A status makes the error one that hotspan can tell apart: worth another try, or not. */
async function read(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  const { status } = response;
  throw Object.assign(new Error(`The analyst answered with status ${status}.`), { status });
}
