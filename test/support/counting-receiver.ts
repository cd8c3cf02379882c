import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOtlpRequest } from './otlp-request.js';

/** The state of a receiver. */
export type Behaviour =
  | 'healthy'
  | 'absent'
  | 'hanging'
  | 'slow'
  | '503'
  | 'hurrying'
  | 'dripping'
  | 'continuing'
  | 'resetting'
  | 'redirecting';

/** How long a slow receiver takes to answer. */
export const SLOW_MILLIS = 500;

/** A receiver on loopback that remembers each span that it answered with 200. */
export interface CountingReceiver {
  readonly endpoint: string;
  readonly taken: ReadonlySet<string>;
  /** How many requests came. */
  requests: number;
  readonly close: () => Promise<void>;
}

/** Answers a request, and returns whether it took the spans. */
export type Answerer = (response: ServerResponse, body: Buffer) => boolean | Promise<boolean>;

const ANSWERS: Record<Behaviour, Answerer> = {
  healthy: (response) => ok(response),
  absent: (response) => ok(response),
  hanging: () => false,
  slow: async (response) => {
    await sleep(SLOW_MILLIS);
    return ok(response);
  },
  503: (response) => {
    response.writeHead(503).end();
    return false;
  },
  hurrying: (response) => {
    response.writeHead(503, { 'retry-after': '0' }).end();
    return false;
  },
  dripping: (response) => {
    response.writeHead(200).write(' ');
    every100Millis(response, () => response.write(' '));
    return true;
  },
  continuing: (response) => {
    every100Millis(response, () => response.writeProcessing());
    return false;
  },
  resetting: (response) => {
    response.socket?.resetAndDestroy();
    return false;
  },
  redirecting: (response) => {
    response.writeHead(302, { location: '/elsewhere' }).end();
    return false;
  },
};

function every100Millis(response: ServerResponse, what: () => void): void {
  const timer = setInterval(what, 100);
  response.on('close', () => clearInterval(timer));
}

/**
 * Starts a receiver. The endpoint of an absent one is an address where nobody listens.
 *
 * @param port default: any free port
 */
export async function startCountingReceiver(
  behaviour: Behaviour | Answerer,
  port = 0,
): Promise<CountingReceiver> {
  const answer = typeof behaviour === 'string' ? ANSWERS[behaviour] : behaviour;
  const taken = new Set<string>();
  const server = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      receiver.requests += 1;
      if (await answer(response, body)) for (const id of spanIdsIn(body, request)) taken.add(id);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const address = server.address() as AddressInfo;
  const receiver = { endpoint: `http://127.0.0.1:${address.port}`, taken, requests: 0, close };
  if (behaviour === 'absent') {
    await close();
    return { ...receiver, close: () => Promise.resolve() };
  }
  return receiver;
}

function ok(response: ServerResponse): boolean {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  // The client may have closed the connection before.
  return !response.destroyed;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The client closed the connection.
  }
  return Buffer.concat(chunks);
}

/** Returns the ids of the spans in a request, or none if it is incomplete. */
function spanIdsIn(body: Buffer, { headers, complete }: IncomingMessage): string[] {
  if (!complete) return [];
  const scopes = readOtlpRequest(body, headers).resourceSpans.flatMap((entry) => entry.scopeSpans);
  return scopes.flatMap(({ spans }) => spans.map(({ spanId }) => spanId as string));
}
