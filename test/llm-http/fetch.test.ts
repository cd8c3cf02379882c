import type { ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { trace } from '@opentelemetry/api';
import { llmCall, segment, withLimits } from 'hotspan';
import { ModelCallInstrumentation } from 'hotspan/processor';
import { describe, expect, it } from 'vitest';
import { nanosOf } from '../support/sdk.js';
import {
  answer,
  asked,
  json,
  post,
  refuse,
  settle,
  told,
  usage,
  watchingInTests,
} from './support.js';

const tests = watchingInTests();
const name = 'chat gpt-4o';
const CHAT = '/v1/chat/completions';

/** Asks in a segment, and reads the answer. */
const ask = (url: string, body: unknown = asked, more: RequestInit = {}) =>
  segment('ask', async () => (await post(url, body, more)).text());

it('a request to a model is a call, with an attempt inside', async () => {
  const sdk = tests.start();
  const url = await tests.serve(json(answer));
  await ask(url + CHAT);
  expect(told(sdk.spans())).toEqual([`${name} attempt success`, name, 'ask']);
  expect(sdk.parentName(name)).toBe('ask');
  expect(sdk.parentName(`${name} attempt`)).toBe(name);
  const { attributes } = sdk.span(name);
  expect(attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.model': 'gpt-4o',
    'gen_ai.response.id': 'c1',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 1_000,
    'gen_ai.usage.output_tokens': 100,
    // 1,000 × $2.50 + 100 × $10 per million, by hand.
    'gen_ai.usage.cost': 0.0035,
    'hotspan.cost.source': 'price_table',
    'hotspan.attempt.count': 1,
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(url).port),
  });
  expect(JSON.stringify(sdk.spans().map((span) => span.attributes))).not.toMatch(/Paris|"q"/);
});

it.each([
  ['the application has such a path of its own', '/api/chat', { messages: [] }, {}],
  ['nothing is asked', CHAT, {}, {}],
  ['the body is no JSON', '/v1/messages', 'x', {}],
  ['it is no POST', CHAT, asked, { method: 'PUT' }],
  ['it is another path', '/search', asked, {}],
])('is no call when %s', async (_why, path, body, more) => {
  const sdk = tests.start();
  const url = await tests.serve(json(answer));
  await ask(url + path, body, more);
  expect(told(sdk.spans())).toEqual(['ask']);
});

it('reads the body of a Request, and of one in bytes, and sends it as it is', async () => {
  const sdk = tests.start();
  const url = await tests.serve((response, body, request) => json(answer)(response, body, request));
  const body = JSON.stringify(asked);
  const request = new Request(url + CHAT, { method: 'POST', body });
  await segment('ask', async () => (await fetch(request)).text());
  expect(request.bodyUsed).toBe(true);
  for (const bytes of [Buffer.from(body), new TextEncoder().encode(body).buffer]) {
    await ask(new URL(CHAT, url).href, undefined, { body: bytes });
  }
  expect(told(sdk.spans()).filter((span) => span === name)).toHaveLength(3);
});

it('a body that streams is sent as it comes, and is a call where the path tells', async () => {
  const sdk = tests.start();
  const bodies: string[] = [];
  const url = await tests.serve((response, body, request) => {
    bodies.push(body);
    return json(answer)(response, body, request);
  });
  const stream = () => new Blob([JSON.stringify(asked)]).stream();
  const more = { duplex: 'half' } as RequestInit;
  await ask(url + CHAT, undefined, { ...more, body: stream() });
  await ask(`${url}/api/chat`, undefined, { ...more, body: stream() });
  expect(bodies).toEqual([JSON.stringify(asked), JSON.stringify(asked)]);
  expect(told(sdk.spans())).toEqual(['chat attempt success', 'chat', 'ask', 'ask']);
  expect(sdk.span('chat').attributes['gen_ai.response.model']).toBe('gpt-4o');
});

it('names no provider that neither the host nor the model tells, and has no price', async () => {
  const sdk = tests.start();
  const model = 'llama-3.3-70b-versatile';
  const url = await tests.serve(json({ ...answer, model }));
  await ask(url + CHAT, { ...asked, model });
  const { attributes } = sdk.span(`chat ${model}`);
  expect(attributes).not.toHaveProperty('gen_ai.provider.name');
  expect(attributes).not.toHaveProperty('gen_ai.usage.cost');
  expect(attributes['gen_ai.usage.input_tokens']).toBe(1_000);
});

it('a form is sent as it is, and is a call with its model', async () => {
  const sdk = tests.start();
  const bodies: string[] = [];
  const transcribed = { text: 'Paris', usage: { input_tokens: 1_000, output_tokens: 100 } };
  const url = await tests.serve((response, body, request) => {
    bodies.push(body);
    return json(transcribed)(response, body, request);
  });
  const form = new FormData();
  form.append('file', new File(['RIFF'], 'a.wav'));
  form.append('model', 'gpt-4o-transcribe');
  const path = '/v1/audio/transcriptions';
  await ask(url + path, undefined, { body: form });
  const bytes = new Response(form);
  const headers = { 'content-type': bytes.headers.get('content-type')! };
  await ask(url + path, undefined, { body: await bytes.arrayBuffer(), headers });
  expect(bodies.every((body) => /RIFF[^]*gpt-4o-transcribe/.test(body))).toBe(true);
  const calls = sdk.spans().filter((span) => span.name === 'transcription gpt-4o-transcribe');
  expect(calls.map(({ attributes }) => attributes['gen_ai.provider.name'])).toEqual([
    'openai',
    'openai',
  ]);
});

it('a deployment has a name of its own: the answer has the model that is priced, and the call is the one around', async () => {
  const sdk = tests.start();
  const url = await tests.serve(json(answer));
  const path = '/openai/deployments/ours/chat/completions';
  await ask(url + path);
  expect(sdk.span('chat ours').attributes['gen_ai.usage.cost']).toBe(0.0035);
  await llmCall({ provider: 'azure.ai.openai', model: 'gpt-4o' }, async () =>
    (await post(url + path)).json(),
  );
  expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 2, costUsd: 0.007 });
});

it.each([
  ['x-litellm-response-cost', '4.5e-05', 0.000045],
  ['x-litellm-response-cost', 'None', 0.0035],
  ['x-litellm-response-cost', '0.0', 0.0035],
  ['cf-aig-cache-status', 'HIT', 0],
  ['cf-aig-cache-status', 'MISS', 0.0035],
])('takes the cost that a gateway tells: %s %s', async (header, value, cost) => {
  const sdk = tests.start();
  const url = await tests.serve(json(answer, 200, { [header]: value }));
  await ask(url + CHAT);
  await llmCall({ provider: 'openai', model: 'gpt-4o' }, async () =>
    (await post(url + CHAT)).json(),
  );
  const calls = sdk.spans().filter((span) => span.name === name);
  expect(calls.map(({ attributes }) => attributes['gen_ai.usage.cost'])).toEqual([cost, cost]);
});

it('takes the tokens that Bedrock tells by headers, where a model tells none', async () => {
  const sdk = tests.start();
  const told = {
    'x-amzn-bedrock-input-token-count': '1000',
    'x-amzn-bedrock-output-token-count': '100',
  };
  const url = await tests.serve(json({ outputs: [{ text: 'Paris' }] }, 200, told));
  await ask(`${url}/model/mistral.mistral-large-2402-v1:0/invoke`, { prompt: 'q' });
  const { attributes } = sdk.span('chat mistral.mistral-large-2402-v1:0');
  expect(attributes).toMatchObject({
    'gen_ai.usage.input_tokens': 1_000,
    'gen_ai.usage.output_tokens': 100,
  });
  expect(attributes).not.toHaveProperty('hotspan.warning');
});

it('what the caller does afterwards is its own', async () => {
  const sdk = tests.start();
  const url = await tests.serve(json(answer));
  await segment('ask', async (span) => {
    const response = await post(url + CHAT);
    expect(trace.getActiveSpan()).toBe(span);
    await response.json();
    expect(trace.getActiveSpan()).toBe(span);
  });
  expect(sdk.spans()).toHaveLength(3);
});

describe('a request that is refused', () => {
  it('and sent again is one call with two attempts', async () => {
    const sdk = tests.start();
    const url = await tests.serve(refuse(429), json(answer));
    await segment('ask', async () => {
      await post(url + CHAT);
      await (await post(url + CHAT)).json();
    });
    const attempt = `${name} attempt`;
    expect(told(sdk.spans())).toEqual([`${attempt} error 429`, `${attempt} success`, name, 'ask']);
    const [, second] = sdk.spans();
    expect(second?.attributes).toMatchObject({
      'hotspan.attempt.number': 2,
      'http.request.resend_count': 1,
    });
    expect(second?.attributes['hotspan.attempt.backoff']).toBeGreaterThanOrEqual(0);
    expect(sdk.span(name).attributes['hotspan.attempt.count']).toBe(2);
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 1, attempts: 2, errors: 0 });
  });

  it('and not sent again ends with its attempt, before what is around', async () => {
    const sdk = tests.start();
    const url = await tests.serve(refuse(503));
    await segment('ask', async () => {
      await post(url + CHAT);
      await segment('more', settle);
    });
    const spans = sdk.spans();
    expect(told(spans)).toEqual([`${name} attempt error 503`, 'more', `${name} 503`, 'ask']);
    expect(spans[2]?.endTime).toEqual(spans[0]?.endTime);
    expect(spans[2]?.status.message).toBe('status 503');
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, unpricedCalls: 0, attempts: 1, errors: 1 },
      spans: { late: 0 },
    });
  });

  it.each([
    ['true', 400, 1],
    ['false', 429, 2],
  ])('is sent again as the server says: %s', async (told, status, llmCalls) => {
    const sdk = tests.start();
    const url = await tests.serve(json({}, status, { 'x-should-retry': told }), json(answer));
    await segment('ask', async () => {
      await post(url + CHAT);
      await (await post(url + CHAT)).json();
    });
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls });
  });

  it('for good ends at once', async () => {
    const sdk = tests.start();
    const url = await tests.serve(refuse(400));
    await segment('ask', async () => {
      await post(url + CHAT);
      expect(told(sdk.spans())).toEqual([`${name} attempt error 400`, `${name} 400`]);
    });
  });

  it.each<[string, unknown, string]>([
    ['asks something else', { ...asked, seed: 1 }, CHAT],
    ['goes elsewhere', asked, `/other${CHAT}`],
  ])('is another call when the next %s', async (_what, body, path) => {
    const sdk = tests.start();
    const url = await tests.serve(refuse(429), json(answer));
    await segment('ask', async () => {
      await post(url + CHAT);
      await (await post(url + path, body)).json();
    });
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 2, retries: 0 });
  });

  it('is another call when it is made for something else', async () => {
    const sdk = tests.start();
    const url = await tests.serve(refuse(429), json(answer));
    await ask(url + CHAT);
    await ask(url + CHAT);
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 2, retries: 0, errors: 1 });
  });

  it('waits without a parent until somebody wants to know', async () => {
    const sdk = tests.start();
    const url = await tests.serve(refuse(429), json(answer));
    await post(url + CHAT);
    expect(told(sdk.spans())).toEqual([`${name} attempt error 429`]);
    new ModelCallInstrumentation({ enabled: false }).endWaitingCalls();
    expect(told(sdk.spans())).toEqual([`${name} attempt error 429`, `${name} 429`]);
    await (await post(url + CHAT)).json();
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 2, retries: 0 });
  });
});

it('an error of the network is the same object, and may be tried again', async () => {
  const sdk = tests.start();
  const url = await tests.serve((response) => response.destroy(), json(answer));
  let error: unknown;
  await segment('ask', async () => {
    error = await post(url + CHAT).catch((thrown: unknown) => thrown);
    await (await post(url + CHAT)).json();
  });
  expect(error).toBeInstanceOf(TypeError);
  expect(told(sdk.spans())[0]).toBe(`${name} attempt error TypeError`);
  expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 1, retries: 1, errors: 0 });
});

it.each([
  ['aborted', () => AbortSignal.abort(), 'aborted AbortError'],
  ['out of time', () => AbortSignal.timeout(1), 'timeout TimeoutError'],
])('a request that is %s says so', async (_what, signal, outcome) => {
  const sdk = tests.start();
  const url = await tests.serve(() => undefined);
  const given = signal();
  const error: unknown = await ask(url + CHAT, asked, { signal: given }).catch((it: unknown) => it);
  expect(error).toBe(given.reason);
  expect(told(sdk.spans())[0]).toBe(`${name} attempt ${outcome}`);
});

/** A stream of words, which ends as told. */
const stream =
  (end: 'usage' | 'break' | 'hang', type = 'text/event-stream') =>
  async (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': type });
    const chunk = (delta: object) => ({ ...answer, choices: [{ delta }], usage: null });
    for (const item of [chunk({ content: 'Pa' }), chunk({ content: 'ris' })]) {
      response.write(`data: ${JSON.stringify(item)}\n\n`);
      await settle();
    }
    if (end === 'break') response.destroy();
    if (end !== 'usage') return;
    response.write(`data: ${JSON.stringify({ ...chunk({}), usage })}\n\n`);
    response.end('data: [DONE]\n\n');
  };

describe('a stream', () => {
  const streamed = { ...asked, stream: true };

  it('has the time to its first token, and lasts until it is read', async () => {
    const sdk = tests.start();
    const url = await tests.serve(stream('usage'));
    await ask(url + CHAT, streamed);
    const { attributes, duration } = sdk.span(name);
    const first = Number(attributes['hotspan.llm.time_to_first_token']);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(duration[0] + duration[1] / 1e9);
    expect(attributes['gen_ai.usage.input_tokens']).toBe(1_000);
  });

  it('has the turns of its model and its reader, also where another span reads', async () => {
    const sdk = tests.start();
    const url = await tests.serve(stream('usage'));
    const { body } = await post(url + CHAT, streamed);
    await segment('consume', async () => {
      for await (const chunk of body!) expect(chunk).toBeInstanceOf(Uint8Array);
    });
    const { attributes } = sdk.span(name);
    expect(attributes['hotspan.stream.model_time']).toBeGreaterThan(0);
    expect(attributes['hotspan.stream.reader_time']).toBeGreaterThanOrEqual(0);
    expect(attributes['hotspan.stream.turns']).toMatch(/^\d+( \d+ \d+)+$/);
    expect(attributes['hotspan.stream.reader']).toBe(sdk.span('consume').spanContext().spanId);
  });

  it('that breaks off fails with the error that its reader gets', async () => {
    const sdk = tests.start();
    const url = await tests.serve(stream('break'));
    await expect(ask(url + CHAT, streamed)).rejects.toThrow('terminated');
    expect(told(sdk.spans()).slice(0, 2)).toEqual([
      `${name} attempt error TypeError`,
      `${name} TypeError`,
    ]);
  });

  it('that its reader leaves is a success without usage', async () => {
    const sdk = tests.start();
    const url = await tests.serve(stream('hang'));
    await segment('ask', async () => {
      for await (const chunk of (await post(url + CHAT, streamed)).body!) {
        expect(chunk).toBeDefined();
        break;
      }
    });
    expect(told(sdk.spans())).toEqual([`${name} attempt success`, name, 'ask']);
    expect(sdk.bottlenecks.summary().warnings).toEqual(['an LLM response had no token usage']);
  });

  it('that nobody reads ends when it is collected, when it began', async () => {
    const sdk = tests.start();
    const url = await tests.serve(stream('hang'));
    await segment('ask', async () => {
      await post(url + CHAT, streamed);
    });
    expect(told(sdk.spans())).toEqual(['ask']);
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    await expect
      .poll(() => {
        gc();
        return told(sdk.spans());
      })
      .toEqual(['ask', `${name} attempt success`, name]);
    const [around, , call] = sdk.spans();
    expect(nanosOf(call!.endTime)).toBeLessThanOrEqual(nanosOf(around!.endTime));
  });

  it('that tells of an error fails without its words', async () => {
    const sdk = tests.start();
    const failure = { type: 'error', error: { type: 'overloaded_error', message: 'a prompt' } };
    const url = await tests.serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${JSON.stringify(failure)}\n\n`);
    });
    await ask(url + CHAT, streamed);
    const { status, events } = sdk.span(name);
    expect(status.message).toBe('type overloaded_error');
    expect(JSON.stringify(events)).not.toContain('a prompt');
  });
});

describe('inside an llmCall of the same model', () => {
  const options = { provider: 'openai', model: 'gpt-4o' };

  it('a stream that breaks off says what is not known', async () => {
    const sdk = tests.start();
    const claude = { provider: 'anthropic', model: 'claude-sonnet-4-5' };
    const start = { model: claude.model, usage: { input_tokens: 1_000, output_tokens: 1 } };
    const delta = { type: 'text_delta', text: 'It is' };
    const items = [
      { type: 'message_start', message: start },
      { type: 'content_block_delta', index: 0, delta },
    ];
    const url = await tests.serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const item of items) response.write(`data: ${JSON.stringify(item)}\n\n`);
      response.end();
    });
    const asked = { model: claude.model, max_tokens: 10, stream: true, messages: [] };
    await llmCall(
      claude,
      async () => (await (await post(`${url}/v1/messages`, asked)).text()).length,
    );
    expect(sdk.span('chat claude-sonnet-4-5').attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 1_000,
      'gen_ai.usage.cost': 0.003,
      'hotspan.cost.excludes': ['output'],
    });
    expect(sdk.bottlenecks.summary().warnings).toEqual([
      '1 call: the cost leaves out output',
      'an LLM stream ended before it told its output tokens: they are unknown',
    ]);
  });

  it('it is that call, and tells what the response does not', async () => {
    const sdk = tests.start();
    const url = await tests.serve(json(answer));
    const words = await llmCall(options, async () => {
      const response = await post(url + CHAT);
      return ((await response.json()) as typeof answer).choices[0]?.message.content;
    });
    expect(words).toBe('Paris');
    expect(told(sdk.spans())).toEqual([`${name} attempt success`, name]);
    const { attributes } = sdk.span(name);
    expect(attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 1_000,
      'gen_ai.usage.cost': 0.0035,
      'gen_ai.response.finish_reasons': ['stop'],
    });
    expect(sdk.bottlenecks.summary()).toMatchObject({ totals: { llmCalls: 1 }, warnings: [] });
  });

  it('its usage counts once, and its cost is spent once', async () => {
    const sdk = tests.start();
    const url = await tests.serve(json(answer));
    const call = () => llmCall(options, async () => (await post(url + CHAT)).json());
    // Two calls are $0.007.
    await withLimits({ maxCostUsd: 0.0071 }, async () => {
      await call();
      await call();
      await call();
    });
    const totals = { llmCalls: 3, inputTokens: 3_000, attempts: 3 };
    expect(sdk.bottlenecks.summary()).toMatchObject({ totals });
  });

  it('another model is another call', async () => {
    const sdk = tests.start();
    const embeddings = { model: 'text-embedding-3-small', usage: { prompt_tokens: 7 } };
    const url = await tests.serve(json(embeddings), json(answer));
    await llmCall(options, async () => {
      await (await post(`${url}/v1/embeddings`, { ...embeddings, input: 'x' })).json();
      return (await post(url + CHAT)).json();
    });
    const { totals } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 2, inputTokens: 1_007 });
  });
});

it('counts once beside another instrumentation of the same call', async () => {
  const sdk = tests.start();
  const url = await tests.serve(refuse(429), json(answer));
  const tracer = trace.getTracer('theirs');
  const theirs = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
  await segment('ask', () =>
    tracer.startActiveSpan('theirs', { attributes: theirs }, async (span) => {
      await post(url + CHAT);
      await (await post(url + CHAT)).json();
      span.setAttributes({ 'gen_ai.usage.input_tokens': 1_000, 'gen_ai.usage.output_tokens': 100 });
      span.end();
    }),
  );
  const summary = sdk.bottlenecks.summary();
  expect(summary.totals).toMatchObject({
    llmCalls: 1,
    inputTokens: 1_000,
    outputTokens: 100,
    costUsd: 0.0035,
    attempts: 2,
    retries: 1,
  });
  expect(summary.bottlenecks.map((row) => row.name).sort()).toEqual(['ask', 'chat gpt-4o']);
});

describe('the instrumentation', () => {
  it('leaves fetch as it was when it is switched off', () => {
    const { fetch: before } = globalThis;
    const instrumentation = new ModelCallInstrumentation();
    expect(globalThis.fetch).not.toBe(before);
    expect([globalThis.fetch.name, globalThis.fetch.length]).toEqual([before.name, before.length]);
    instrumentation.disable();
    instrumentation.disable();
    expect(globalThis.fetch).toBe(before);
  });

  it('sees each call once, also when there are two, or when it is switched on inside of others', async () => {
    const sdk = tests.start();
    const second = new ModelCallInstrumentation();
    const url = await tests.serve(json(answer));
    await ask(url + CHAT);
    second.disable();
    expect(sdk.spans()).toHaveLength(3);
  });

  it('stays once inside of what others put around it', async () => {
    const sdk = tests.start();
    const instrumentation = new ModelCallInstrumentation({ enabled: false });
    expect(instrumentation.getConfig()).toEqual({ enabled: false });
    const { fetch: outer } = globalThis;
    globalThis.fetch = (...args) => outer(...args);
    try {
      const url = await tests.serve(json(answer));
      await ask(url + CHAT);
      expect(sdk.spans()).toHaveLength(3);
    } finally {
      globalThis.fetch = outer;
    }
  });

  it('passes on what fetch makes of nonsense', () => {
    tests.start();
    const { fetch: watched } = globalThis;
    return expect(watched(Symbol('x') as unknown as string)).rejects.toBeInstanceOf(TypeError);
  });
});

it('a stream that is left before its last usage has no count of its output, and says so', async () => {
  const sdk = tests.start();
  const usageSoFar = { input_tokens: 1_000, output_tokens: 1 };
  const events = [
    { type: 'message_start', message: { model: 'claude-sonnet-4-5', usage: usageSoFar } },
    { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Pa' } },
  ];
  const url = await tests.serve((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
  });
  const body = { model: 'claude-sonnet-4-5', max_tokens: 9, messages: [], stream: true };
  const reader = (await post(`${url}/v1/messages`, body)).body!.getReader();
  let text = '';
  while (!text.includes('Pa')) text += Buffer.from((await reader.read()).value).toString();
  await reader.cancel();
  const { attributes } = sdk.span('chat claude-sonnet-4-5');
  expect(attributes).toMatchObject({
    'gen_ai.usage.input_tokens': 1_000,
    'hotspan.cost.excludes': ['output'],
  });
  expect(attributes).not.toHaveProperty('gen_ai.usage.output_tokens');
});
