import * as http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { segment } from 'hotspan';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FetchInstrumentation } from '../../src/http/fetch-instrumentation.js';
import { HttpInstrumentation } from '../../src/http/http-instrumentation.js';
import { startSdk, stopSdkAfterEach, type Sdk } from '../support/sdk.js';

stopSdkAfterEach();
const instrumentations = [new HttpInstrumentation(), new FetchInstrumentation()];
let sdk: Sdk;
let server: http.Server;

/** Starts a server that answers so, and returns its address. */
async function serve(answer: http.RequestListener): Promise<string> {
  server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Resolves when so many spans have ended. */
async function spans(count: number): Promise<ReadableSpan[]> {
  while (sdk.spans().length < count) await new Promise((resolve) => setImmediate(resolve));
  return sdk.spans();
}

function of(kind: SpanKind, all: readonly ReadableSpan[]): ReadableSpan {
  return all.find((span) => span.kind === kind)!;
}

/** Asks with `node:http`, and reads the answer. */
function ask(url: string, options: http.RequestOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}

beforeEach(() => {
  sdk = startSdk();
  for (const each of instrumentations) {
    each.setTracerProvider(trace.getTracerProvider());
    each.enable();
  }
});
afterEach(() => {
  for (const each of instrumentations) each.disable();
  server.closeAllConnections();
  server.close();
});

describe.each([
  { name: 'fetch', get: async (url: string) => (await fetch(url)).text() },
  { name: 'node:http', get: (url: string) => ask(url) },
])('a request by $name', ({ get }) => {
  it('is a span of the client and one of the server, in one trace', async () => {
    const url = await serve((_, response) => response.end('ok'));
    expect(await segment('work', () => get(`${url}/users/12?key=secret`))).toBe('ok');
    const all = await spans(3);
    const [client, answered] = [of(SpanKind.CLIENT, all), of(SpanKind.SERVER, all)];
    const port = Number(new URL(url).port);
    expect(client).toMatchObject({
      name: 'GET',
      attributes: {
        'http.request.method': 'GET',
        'url.full': `${url}/users/12`,
        'server.address': '127.0.0.1',
        'server.port': port,
        'http.response.status_code': 200,
      },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(answered.attributes).toEqual({
      'http.request.method': 'GET',
      'url.path': '/users/12',
      'url.scheme': 'http',
      'server.address': '127.0.0.1',
      'server.port': port,
      'http.response.status_code': 200,
    });
    expect(client.parentSpanContext?.spanId).toBe(sdk.span('work').spanContext().spanId);
    expect(answered.parentSpanContext).toMatchObject({
      ...{ spanId: client.spanContext().spanId, isRemote: true },
    });
  });

  it('has the error of its status', async () => {
    const url = await serve((_, response) => response.writeHead(503).end());
    await get(url);
    for (const { attributes, status } of await spans(2)) {
      expect(attributes['error.type']).toBe('503');
      expect(status.code).toBe(SpanStatusCode.ERROR);
    }
  });

  it('ends with the error of a connection that breaks, which the program gets', async () => {
    const url = await serve((request) => request.socket.destroy());
    const error = (await get(url).catch((reason: unknown) => reason)) as Error;
    expect(error).toBeInstanceOf(Error);
    const { attributes, status } = of(SpanKind.CLIENT, await spans(2));
    expect(attributes['error.type']).toEqual(expect.stringMatching(/^[A-Z_]+$/));
    expect(status).toEqual({ code: SpanStatusCode.ERROR });
  });

  it('is no span when tracing is suppressed, or after it is switched off', async () => {
    const url = await serve((_, response) => response.end());
    const { suppressTracing } = await import('@opentelemetry/core');
    const { context } = await import('@opentelemetry/api');
    await context.with(suppressTracing(context.active()), () => get(url));
    const [answered] = await spans(1);
    expect(answered).toMatchObject({ kind: SpanKind.SERVER, parentSpanContext: undefined });
    for (const each of instrumentations) each.disable();
    await get(url);
    expect(sdk.spans()).toHaveLength(1);
  });

  it('is no span after it is switched off, also where others patched http since', async () => {
    const url = await serve((_, response) => response.end());
    const { default: patched } = await import('node:http');
    const { get: ofClient } = patched;
    const ofServer = Reflect.get(http.Server.prototype, 'emit');
    patched.get = ((...args: Parameters<typeof ofClient>) => ofClient(...args)) as typeof ofClient;
    http.Server.prototype.emit = function (this: http.Server, ...args: unknown[]): boolean {
      return Reflect.apply(ofServer, this, args) as boolean;
    };
    try {
      for (const each of instrumentations) each.disable();
      await get(url);
      expect(sdk.spans()).toHaveLength(0);
    } finally {
      patched.get = ofClient;
      http.Server.prototype.emit = ofServer;
      for (const each of instrumentations) each.enable();
    }
  });
});

describe('a server', () => {
  it('answers in the context of its span, also in events of the request', async () => {
    const url = await serve((request, response) => {
      request.on('data', () => undefined);
      request.on('end', () => {
        segment('inside', () => response.end());
      });
    });
    await fetch(url, { method: 'POST', body: 'x' });
    await spans(3);
    expect(sdk.span('inside').parentSpanContext?.spanId).toBe(
      of(SpanKind.SERVER, sdk.spans()).spanContext().spanId,
    );
  });

  it('is called by the route that a framework tells', async () => {
    const url = await serve((request, response) => {
      Object.assign(request, { baseUrl: '/api', route: { path: '/users/:id' } });
      response.end();
    });
    await ask(`${url}/api/users/12`);
    expect(of(SpanKind.SERVER, await spans(2))).toMatchObject({
      name: 'GET /api/users/:id',
      attributes: { 'http.route': '/api/users/:id' },
    });
  });

  it('ends its span when the client goes away', async () => {
    const url = await serve(() => undefined);
    const gone = new AbortController();
    server.once('request', () => gone.abort());
    await fetch(url, { signal: gone.signal }).catch(() => undefined);
    const all = await spans(2);
    expect(of(SpanKind.CLIENT, all).attributes['error.type']).toBe('AbortError');
  });
});

describe('a client of node:http', () => {
  it('keeps the answer that nobody reads from holding anything', async () => {
    const url = await serve((_, response) => response.end('x'.repeat(100_000)));
    http.get(url, { agent: false });
    expect(await spans(2)).toHaveLength(2);
  });

  it('sends headers that are a list as they are', async () => {
    let received: readonly string[] = [];
    const url = await serve((request, response) => {
      received = request.rawHeaders;
      response.end();
    });
    await ask(url, { headers: ['host', 'example.com', 'x-own', '1'] as never });
    expect(received).toEqual(expect.arrayContaining(['x-own', '1']));
    const { attributes } = of(SpanKind.CLIENT, await spans(2));
    expect(attributes).toMatchObject({ 'server.address': '127.0.0.1' });
    expect(attributes).not.toHaveProperty('server.port');
  });

  it('ends its span at an upgrade', async () => {
    const url = await serve(() => undefined);
    server.on('upgrade', (_, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: own\r\nconnection: upgrade\r\n\r\n');
    });
    const headers = { connection: 'upgrade', upgrade: 'own' };
    const request = http.get(url, { agent: false, headers });
    const [, socket] = (await once(request, 'upgrade')) as [unknown, { destroy(): void }];
    socket.destroy();
    expect(of(SpanKind.CLIENT, await spans(1)).status.code).toBe(SpanStatusCode.UNSET);
  });
});
