import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { context, propagation, SpanKind } from '@opentelemetry/api';
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
import OpenAI from 'openai';
import { analyst } from './agents.js';

// The conductor's process reports whether the trace arrived, so this one stays silent.
const tracing = startTracing({ serviceName: 'analyst', log: () => undefined });
// The client reads the server's address from OPENAI_BASE_URL.
const client = new OpenAI({ maxRetries: 0 });

const server = createServer((request, response) => {
  answer(request, response)
    .then((body) => response.setHeader('content-type', 'application/json').end(body))
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<string> {
  if (request.url === '/summary') return tracing.summary().toJson();
  const { question } = (await json(request)) as { question: string };
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const attributes = { 'http.request.method': 'POST', 'url.path': '/invoke' };
  // The caller's span becomes the parent. This process's part of the trace starts here.
  const caller = propagation.extract(context.active(), request.headers);
  const findings = await context.with(caller, () =>
    segment('POST /invoke', { kind: SpanKind.SERVER, attributes }, () =>
      analyst({ client, model: 'gpt-4.1', signal: gone.signal }, question),
    ),
  );
  return JSON.stringify({ findings });
}

server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('disconnect', () => {
  server.close();
  server.closeAllConnections();
  void tracing.shutdown();
});
