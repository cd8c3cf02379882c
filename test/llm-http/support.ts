import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { ModelCallInstrumentation } from 'hotspan/processor';
import { afterEach, beforeAll } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { startSdk, stopSdkAfterEach, type Sdk } from '../support/sdk.js';

export const usage = { prompt_tokens: 1_000, completion_tokens: 100 };
export const answer = {
  id: 'c1',
  model: 'gpt-4o',
  choices: [{ index: 0, message: { content: 'Paris' }, finish_reason: 'stop' }],
  usage,
};
export const asked = { model: 'gpt-4o', messages: [{ role: 'user', content: 'q' }] };

type Handler = (response: ServerResponse, body: string, request: IncomingMessage) => unknown;

/** Starts what a test needs, and stops it after the test. */
export function watchingInTests() {
  const stops: (() => unknown)[] = [];
  beforeAll(() => loadPrices());
  stopSdkAfterEach();
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });
  return {
    start: (options: Parameters<typeof startSdk>[0] = {}): Sdk => {
      const sdk = startSdk(options);
      const instrumentation = new ModelCallInstrumentation();
      stops.push(() => instrumentation.disable());
      return sdk;
    },
    /** A server that answers by these handlers, one after the other; the last one goes on. */
    serve: async (...handlers: readonly Handler[]): Promise<string> => {
      let count = 0;
      const server = createServer((request, response) => {
        const handler = handlers[Math.min(count, handlers.length - 1)]!;
        count += 1;
        void text(request).then((body) => handler(response, body, request));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      stops.push(() => {
        server.close();
        server.closeAllConnections();
      });
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
  };
}

export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Handler =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(value));
  };

export const refuse = (status: number) => json({ error: { message: 'a prompt' } }, status);

export function post(url: string, body: unknown = asked, more: RequestInit = {}) {
  return fetch(url, { method: 'POST', body: JSON.stringify(body), ...more });
}

/** Each span as "name", with its outcome if it is an attempt, and its error, in the order of their ends. */
export function told(spans: readonly ReadableSpan[]): string[] {
  return spans.map(({ name, attributes }) =>
    [name, attributes['hotspan.attempt.outcome'], attributes['error.type']]
      .filter((part) => part !== undefined)
      .join(' '),
  );
}

/** Lets what is under way in this process and on loopback come to its end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}
