import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { context, propagation } from '@opentelemetry/api';
import type { Summary } from 'hotspan/processor';
import { invokeRemoteAgent } from './gen-ai.js';

/** The analyst, in its own process. */
export interface AnalystProcess {
  /** Asks the analyst. Its spans become part of this trace. */
  invoke(question: string, signal: AbortSignal): Promise<string>;
  /** Returns the summary of the analyst's process, for its part of the traces. */
  summary(): Promise<Summary>;
  /** Resolves when the process has sent its spans and ended. */
  stop(): Promise<void>;
}

const SERVICE = fileURLToPath(new URL('./analyst-service.ts', import.meta.url));

/**
 * Starts the analyst's process.
 *
 * @param modelUrl the `baseURL` of its model
 * @throws Error if the process ends before it is ready
 */
export async function startAnalystProcess(modelUrl: string): Promise<AnalystProcess> {
  // The `openai` client in the child process reads these variables.
  const env = { ...process.env, OPENAI_BASE_URL: modelUrl, OPENAI_API_KEY: 'not-needed' };
  const child = fork(SERVICE, { env });
  const ended = once(child, 'exit');
  const url = await addressOf(child, ended);
  return {
    invoke: (question, signal) =>
      invokeRemoteAgent('analyst', new URL(url), async () => {
        const headers = { 'content-type': 'application/json' };
        // Tells the other process the trace and the span that calls it.
        propagation.inject(context.active(), headers);
        const body = JSON.stringify({ question });
        const response = await fetch(`${url}/invoke`, { method: 'POST', headers, body, signal });
        return ((await read(response)) as { findings: string }).findings;
      }),
    summary: async () => (await read(await fetch(`${url}/summary`))) as Summary,
    stop: async () => {
      // The child ends when this connection closes, even if this process crashes.
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

/** Reads a response as JSON. The error has the `status`, so that hotspan knows whether to retry. */
async function read(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  const { status } = response;
  throw Object.assign(new Error(`The analyst answered with status ${status}.`), { status });
}
