import { once } from 'node:events';
import * as http from 'node:http';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { trace } from '@opentelemetry/api';
import { segment } from 'hotspan';
import { describe, expect, it } from 'vitest';
import { answer, asked, json, refuse, settle, told, usage, watchingInTests } from './support.js';

const tests = watchingInTests();
const name = 'chat gpt-4o';
const CHAT = '/v1/chat/completions';

/** Begins a request, and sends its body in two parts. */
function send(url: string, body: unknown, options: http.RequestOptions = {}): http.ClientRequest {
  const { request } = process.getBuiltinModule('node:http');
  const sent = request(url, { method: 'POST', ...options });
  const json = JSON.stringify(body);
  sent.write(json.slice(0, 9));
  sent.end(Buffer.from(json.slice(9)));
  return sent;
}

const ask = (url: string, body: unknown = asked, options: http.RequestOptions = {}) =>
  segment('ask', async () => {
    const [response] = (await once(send(url, body, options), 'response')) as [http.IncomingMessage];
    const found = await text(response);
    // What was compressed may be read a little later.
    await settle();
    return found;
  });

it('a request to a model is a call, also by a name that was imported', async () => {
  const sdk = tests.start();
  const url = await tests.serve(json(answer));
  expect(await ask(url + CHAT)).toBe(JSON.stringify(answer));
  expect(told(sdk.spans())).toEqual([`${name} attempt success`, name, 'ask']);
  expect(sdk.span(name).attributes).toMatchObject({
    'gen_ai.usage.input_tokens': 1_000,
    'gen_ai.usage.cost': 0.0035,
    'gen_ai.response.finish_reasons': ['stop'],
    'server.port': Number(new URL(url).port),
  });
});

it.each([
  ['by a URL', (url: URL) => [url, { method: 'POST' }]],
  [
    'by options',
    ({ hostname, port, pathname: path }: URL) => [{ hostname, port, path, method: 'POST' }],
  ],
  [
    'by a host',
    ({ hostname: host, port, pathname: path }: URL) => [{ host, port, path, method: 'POST' }],
  ],
])('is known %s', async (_how, args) => {
  const sdk = tests.start();
  const url = await tests.serve(json(answer));
  const { request } = process.getBuiltinModule('node:http');
  await segment('ask', async () => {
    const sent = Reflect.apply(request, undefined, args(new URL(url + CHAT))) as http.ClientRequest;
    sent.end(JSON.stringify(asked));
    const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
    await text(response);
  });
  expect(sdk.span(name).attributes['gen_ai.usage.input_tokens']).toBe(1_000);
});

it('is told by its body where the path does not tell', async () => {
  const sdk = tests.start();
  const url = await tests.serve(json({ done: true, prompt_eval_count: 7, eval_count: 1 }));
  await ask(`${url}/api/chat`, { messages: [] });
  expect(told(sdk.spans())).toEqual(['ask']);
  await ask(`${url}/api/chat`);
  expect(told(sdk.spans()).slice(1)).toEqual([`${name} attempt success`, name, 'ask']);
  expect(sdk.span(name).attributes['gen_ai.provider.name']).toBe('ollama');
});

it('a refusal and what follows are two attempts of one call', async () => {
  const sdk = tests.start();
  const url = await tests.serve(refuse(429), json(answer));
  await segment('again', async () => {
    const [refused] = (await once(send(url + CHAT, asked), 'response')) as [http.IncomingMessage];
    await text(refused);
    const [response] = (await once(send(url + CHAT, asked), 'response')) as [http.IncomingMessage];
    await text(response);
  });
  const attempt = `${name} attempt`;
  expect(told(sdk.spans())).toEqual([`${attempt} error 429`, `${attempt} success`, name, 'again']);
});

describe.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('%s', (encoding, compress) => {
  it.each<[string, string, string]>([
    ['whole', 'application/json', JSON.stringify(answer)],
    ['streamed', 'text/event-stream', `data: ${JSON.stringify({ ...answer, usage })}\n\n`],
  ])('is read, %s, and arrives as it was sent', async (_how, type, body) => {
    const sdk = tests.start();
    const bytes = compress(Buffer.from(body));
    const url = await tests.serve((response) => {
      response.writeHead(200, { 'content-type': type, 'content-encoding': encoding });
      response.write(bytes.subarray(0, 20));
      response.end(bytes.subarray(20));
    });
    const found: Buffer[] = [];
    await segment('ask', async () => {
      const [response] = (await once(send(url + CHAT, asked), 'response')) as [
        http.IncomingMessage,
      ];
      for await (const chunk of response) found.push(chunk as Buffer);
      await expect.poll(() => told(sdk.spans()), { interval: 1 }).toContain(name);
    });
    expect(Buffer.concat(found)).toEqual(bytes);
    expect(sdk.span(name).attributes['gen_ai.usage.input_tokens']).toBe(1_000);
  });
});

it('bytes in a coding that is not known pass, and tell nothing', async () => {
  const sdk = tests.start();
  const url = await tests.serve(json(answer, 200, { 'content-encoding': 'secret' }));
  await ask(url + CHAT);
  expect(sdk.bottlenecks.summary()).toMatchObject({ totals: { llmCalls: 1, unpricedCalls: 1 } });
});

it('the listeners run in the context of the caller', async () => {
  const sdk = tests.start();
  const url = await tests.serve(json(answer));
  const active: unknown[] = [];
  await segment('ask', async (span) => {
    const note = () => active.push(trace.getActiveSpan() === span);
    const sent = send(url + CHAT, asked);
    await new Promise<void>((resolve) => {
      sent.on('response', (response: http.IncomingMessage) => {
        note();
        response.on('data', note);
        response.on('end', () => {
          note();
          resolve();
        });
      });
    });
  });
  expect(active).toEqual([true, true, true]);
  expect(sdk.spans()).toHaveLength(3);
});

describe('fails', () => {
  it('when the connection breaks, with the same error', async () => {
    const sdk = tests.start();
    const url = await tests.serve((response) => response.destroy());
    await expect(ask(url + CHAT)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(told(sdk.spans())).toEqual([
      `${name} attempt error ECONNRESET`,
      `${name} ECONNRESET`,
      'ask ECONNRESET',
    ]);
  });

  it('when the answer breaks off', async () => {
    const sdk = tests.start();
    const url = await tests.serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{');
      setImmediate(() => response.destroy());
    });
    await expect(ask(url + CHAT)).rejects.toThrow('aborted');
    expect(told(sdk.spans())[0]).toMatch(/^chat gpt-4o attempt error/);
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 1, unpricedCalls: 0 });
  });
});

it('an answer that nobody wants to its end is a success', async () => {
  const sdk = tests.start();
  const url = await tests.serve((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': ping\n\n');
  });
  await segment('ask', async () => {
    const [response] = (await once(send(url + CHAT, asked), 'response')) as [http.IncomingMessage];
    response.destroy();
    await once(response, 'close');
  });
  expect(told(sdk.spans())).toEqual([`${name} attempt success`, name, 'ask']);
});

it('a response without a listener is thrown away as ever', async () => {
  tests.start();
  const url = await tests.serve(json(answer));
  const sent = send(url + CHAT, asked);
  await once(sent, 'close');
  expect(sent.destroyed).toBe(true);
});
