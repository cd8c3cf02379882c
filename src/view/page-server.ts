import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { refusalOf } from './allowed.js';
import { answerLine, type RouteAnswer } from './answers.js';
import { LiveUpdates, type LiveUpdatesOptions } from './live-updates.js';
import { listenOnLoopback } from './loopback.js';
import type { PageSource } from './page-source.js';
import { answersOf } from './traces-list.js';

/** How long a client may take to send the head of a request, and all of it. */
const HEAD_MILLIS = 5_000;
const REQUEST_MILLIS = 30_000;
/** How long a connection may be silent. Pages that are told of changes hear more often. */
const SILENT_MILLIS = 60_000;
const MAX_CONNECTIONS = 256;

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;
/** The document says itself what it may load. */
const OF_DOCUMENT = {
  'content-security-policy': "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
};

export interface PageServerOptions extends LiveUpdatesOptions {
  /** The first port to try; 0 for any. */
  readonly port: number;
  /** Further things that are answered, by method and path, such as `POST /v1/traces`. */
  readonly answers?: Readonly<Record<string, RouteAnswer>>;
  /** How long a request may take to arrive. Default 30,000. */
  readonly requestMillis?: number;
  /** Let the process end while the server listens. Default false. */
  readonly isBackground?: boolean;
}

/** A page at an address of this machine. */
export interface PageServer {
  readonly port: number;
  readonly address: string;
  /** Tells the pages that it is over, and stops listening. */
  close(): Promise<void>;
}

/**
 * Serves a page to the browsers of this machine, and to nobody else: `/`, `/summary.json`, `/events` with its changes,
 * and the newest traces, where they are listed.
 *
 * @throws BadInputError (rejects) if no port is free
 */
export async function servePage(
  source: PageSource,
  options: PageServerOptions,
): Promise<PageServer> {
  const updates = new LiveUpdates(source, options);
  const answers: Readonly<Record<string, RouteAnswer>> = {
    'GET /': (_, response) => {
      const html = source.document(source.summary());
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...OF_DOCUMENT });
      response.end(html);
    },
    'GET /summary.json': (_, response) => {
      const json = JSON.stringify(source.summary());
      response.writeHead(200, { 'content-type': 'application/json' }).end(json);
    },
    'GET /events': (_, response) => {
      if (!updates.add(response)) answerLine(response, 503, 'too many pages listen for changes');
    },
    ...(source.list && answersOf(source.list)),
    ...options.answers,
  };
  const { port, servers } = await listenOnLoopback(
    () => makeServer(answers, options),
    options.port,
  );
  return {
    port,
    address: `http://127.0.0.1:${port}`,
    close: async () => {
      updates.end();
      await Promise.all(servers.map(stop));
    },
  };
}

function makeServer(
  answers: Readonly<Record<string, RouteAnswer>>,
  { requestMillis = REQUEST_MILLIS, isBackground = false }: PageServerOptions,
): Server {
  const server = createServer({
    headersTimeout: Math.min(HEAD_MILLIS, requestMillis),
    requestTimeout: requestMillis,
    connectionsCheckingInterval: Math.min(1_000, requestMillis),
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(SILENT_MILLIS);
  // Instrumentations replace the one of the prototype. Requests for the page are none of the program's.
  server.emit = EventEmitter.prototype.emit.bind(server);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    try {
      answer(request, response, answers);
    } catch {
      answerLine(response, 500, 'the summary could not be made');
    }
  });
  if (isBackground) {
    server.unref();
    server.on('connection', (socket: { unref(): void }) => socket.unref());
  }
  return server;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  answers: Readonly<Record<string, RouteAnswer>>,
): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const refusal = refusalOf(request.headers, request.socket.localPort ?? 0);
  if (refusal !== undefined) {
    answerLine(response, 403, refusal);
    return;
  }
  const path = (request.url ?? '/').split('?', 1)[0]!;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = answers[`${method ?? ''} ${path}`];
  if (found !== undefined) {
    found(request, response);
    return;
  }
  const others = Object.keys(answers).filter((key) => key.endsWith(` ${path}`));
  if (others.length === 0) {
    answerLine(response, 404, `there is nothing here; expected ${Object.keys(answers).join(', ')}`);
    return;
  }
  const allowed = others.map((key) => key.split(' ', 1)[0]!).join(', ');
  response.setHeader('allow', allowed);
  answerLine(response, 405, `expected ${allowed}`);
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    // What was said last goes out first.
    setImmediate(() => server.closeAllConnections());
  });
}
