import { Readable } from 'node:stream';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AttemptTimeoutError,
  LimitExceededError,
  llmCall,
  segment,
  withLimits,
  type LlmCallOptions,
} from 'hotspan';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();
beforeAll(() => loadPrices());

const gpt: LlmCallOptions = { provider: 'openai', model: 'gpt-4o' };

const text = (content: string) => ({ model: 'gpt-4o', choices: [{ delta: { content } }] });
const END = { choices: [{ delta: {}, finish_reason: 'stop' }] };
const USAGE = { choices: [], usage: { prompt_tokens: 1_000, completion_tokens: 100 } };

/** Chunks as OpenAI sends them: 100 ms to the first, empty frame, 200 ms to the first word. */
async function* chunks() {
  await sleep(100);
  yield text('');
  await sleep(200);
  yield text('To be');
  yield text(' or not');
  await sleep(100);
  yield END;
  yield USAGE;
}

async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const activeName = () => (trace.getActiveSpan() as { name?: string } | undefined)?.name;

describe('a stream that llmCall returns', () => {
  it('passes on unchanged, and its span ends with it, with usage and the time to the first content', async () => {
    const sdk = startSdk();
    const source = chunks();
    const reading = segment('answer', async () => {
      const stream = await llmCall(gpt, () => source);
      expect(stream).toBe(source);
      return readAll(stream);
    });
    expect(await run(reading)).toEqual([text(''), text('To be'), text(' or not'), END, USAGE]);
    const span = sdk.span('chat gpt-4o');
    expect(span.attributes).toMatchObject({
      'hotspan.llm.time_to_first_token': 0.3,
      'gen_ai.usage.input_tokens': 1_000,
      'gen_ai.usage.output_tokens': 100,
      'gen_ai.response.finish_reasons': ['stop'],
      // 1,000 × $2.50 + 100 × $10 per million, by hand.
      'gen_ai.usage.cost': expect.closeTo(0.0035, 12) as number,
    });
    expect(sdk.span('chat gpt-4o attempt').attributes['hotspan.attempt.outcome']).toBe('success');
    const { bottlenecks, spans } = sdk.bottlenecks.summary();
    expect(spans).toMatchObject({ analyzed: 3, late: 0 });
    expect(bottlenecks[0]).toMatchObject({ name: 'chat gpt-4o', calls: 1, attempts: 1 });
    expect(bottlenecks[0]?.criticalSeconds).toBeCloseTo(0.4, 6);
  });

  it('is read no faster than its reader reads', async () => {
    startSdk();
    let made = 0;
    async function* numbers() {
      for (; made < 100;) {
        made += 1;
        await Promise.resolve();
        yield made;
      }
    }
    const stream = await llmCall(gpt, () => numbers());
    expect(made).toBe(0);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    await run(sleep(1_000));
    expect(made).toBe(2);
    await iterator.return(undefined);
  });

  it('has the context of the call inside, and the reader’s own between the items', async () => {
    startSdk();
    const inside: unknown[] = [];
    async function* watched() {
      inside.push(activeName());
      yield 1;
      await sleep(10);
      inside.push(activeName());
      yield 2;
    }
    const outside: unknown[] = [];
    await run(
      segment('answer', async () => {
        for await (const item of await llmCall(gpt, () => watched())) {
          outside.push(item, activeName());
          await segment('use', () => sleep(5));
          outside.push(activeName());
        }
      }),
    );
    expect(inside).toEqual(['chat gpt-4o attempt', 'chat gpt-4o attempt']);
    expect(outside).toEqual([1, 'answer', 'answer', 2, 'answer', 'answer']);
  });

  it('ends well when its reader breaks off, with the usage so far, and its source is told', async () => {
    const sdk = startSdk();
    let isClosed = false;
    async function* messages() {
      try {
        const usage = { input_tokens: 100, output_tokens: 1 };
        yield { type: 'message_start', message: { id: 'm', model: 'claude-sonnet-4-5', usage } };
        yield { type: 'content_block_delta', delta: { type: 'text_delta', text: 'To' } };
        await sleep(10_000);
      } finally {
        isClosed = true;
      }
    }
    const claude = { provider: 'anthropic', model: 'claude-sonnet-4-5' };
    for await (const { type } of await llmCall(claude, () => messages())) {
      if (type === 'content_block_delta') break;
    }
    expect(isClosed).toBe(true);
    const span = sdk.span('chat claude-sonnet-4-5');
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 100 });
    expect(span.attributes).not.toHaveProperty('gen_ai.usage.output_tokens');
  });

  it('fails with its source: the same error, on attempt and call', async () => {
    const sdk = startSdk();
    const broken = Object.assign(new Error('terminated'), { code: 'UND_ERR_SOCKET' });
    async function* breaking() {
      yield text('To');
      await sleep(10);
      throw broken;
    }
    const options = { ...gpt, maxAttempts: 3 };
    const reading = llmCall(options, () => breaking()).then(readAll);
    expect(await run(reading.catch((error: unknown) => error))).toBe(broken);
    for (const name of ['chat gpt-4o', 'chat gpt-4o attempt']) {
      const { status, attributes } = sdk.span(name);
      expect(status.code).toBe(SpanStatusCode.ERROR);
      expect(attributes['error.type']).toBe('UND_ERR_SOCKET');
    }
    // Its reader has items already: it is not tried again.
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ attempts: 1, errors: 1 });
  });

  it('fails when it hangs longer than an attempt may, and its signal is aborted', async () => {
    const sdk = startSdk();
    let aborted: unknown;
    const options = { ...gpt, timeoutMillis: 250 };
    const items: unknown[] = [];
    const reading = (async () => {
      async function* hanging(signal: AbortSignal) {
        signal.addEventListener('abort', () => (aborted = signal.reason as unknown));
        await sleep(200);
        yield text('To');
        // A reader that takes its time is not what hangs.
        await sleep(200);
        yield text(' be');
        await sleep(251);
        yield text(' or not');
      }
      const stream = await llmCall(options, ({ signal }) => hanging(signal));
      for await (const item of stream) {
        items.push(item);
        await sleep(1_000);
      }
    })();
    const error = await run(reading.catch((caught: unknown) => caught));
    expect(error).toBeInstanceOf(AttemptTimeoutError);
    expect(aborted).toBe(error);
    expect(items).toEqual([text('To'), text(' be')]);
    expect(sdk.span('chat gpt-4o attempt').attributes['hotspan.attempt.outcome']).toBe('timeout');
  });

  it('stops at once when the caller aborts, with the caller’s reason', async () => {
    const sdk = startSdk();
    const controller = new AbortController();
    const reason = new Error('enough');
    async function* slow() {
      yield text('To');
      await sleep(60_000);
      yield text(' be');
    }
    const reading = llmCall({ ...gpt, signal: controller.signal }, () => slow()).then(readAll);
    const caught = reading.catch((error: unknown) => error);
    setTimeout(() => controller.abort(reason), 500);
    expect(await run(caught)).toBe(reason);
    const attempt = sdk.span('chat gpt-4o attempt');
    expect(attempt.attributes['hotspan.attempt.outcome']).toBe('aborted');
    expect(attempt.duration[1]).toBe(500_000_000);
  });

  it('is tried again as long as it has not begun', async () => {
    const sdk = startSdk();
    const options = { ...gpt, maxAttempts: 2, backoffMillis: 0 };
    const asking = llmCall(options, ({ attempt }) => {
      if (attempt === 1) throw new Error('overloaded');
      return chunks();
    });
    await run(asking.then(readAll));
    expect(sdk.span('chat gpt-4o').attributes).toMatchObject({
      'hotspan.attempt.count': 2,
      'gen_ai.usage.output_tokens': 100,
    });
    expect(sdk.span('chat gpt-4o').status.code).toBe(SpanStatusCode.UNSET);
  });

  it('may be a web stream, which comes out as one', async () => {
    const sdk = startSdk();
    const source = ReadableStream.from([text('To'), END, USAGE]);
    const stream = await llmCall(gpt, () => source);
    expect(stream).toBeInstanceOf(ReadableStream);
    const reader = stream.getReader();
    expect(await reader.read()).toEqual({ done: false, value: text('To') });
    expect(sdk.spans()).toEqual([]);
    reader.releaseLock();
    expect(await readAll(stream)).toEqual([END, USAGE]);
    expect(sdk.span('chat gpt-4o').attributes).toMatchObject({
      'gen_ai.usage.output_tokens': 100,
      'hotspan.llm.time_to_first_token': expect.any(Number) as number,
    });
  });

  it('tells a web stream’s source when it is cancelled', async () => {
    const sdk = startSdk();
    let reason: unknown;
    const source = new ReadableStream({ cancel: (given) => void (reason = given) });
    const stream = await llmCall(gpt, () => source);
    await stream.cancel('enough');
    expect(reason).toBe('enough');
    expect(sdk.span('chat gpt-4o').status.code).toBe(SpanStatusCode.UNSET);
  });

  it('keeps the methods and the private state of its object', async () => {
    const sdk = startSdk();
    class Client {
      readonly #chunks = [text('To'), USAGE];
      iterator = () => this.#chunks.values();
      async *[Symbol.asyncIterator]() {
        await Promise.resolve();
        yield* this.iterator();
      }
      get length() {
        return this.#chunks.length;
      }
    }
    const client = new Client();
    const stream = await llmCall(gpt, () => client);
    expect(stream).toBe(client);
    expect(stream.length).toBe(2);
    expect(await readAll(stream)).toHaveLength(2);
    expect(sdk.span('chat gpt-4o').attributes['gen_ai.usage.output_tokens']).toBe(100);
  });

  it('goes on after an item that failed, where its source does', async () => {
    startSdk();
    let count = 0;
    let isClosed = false;
    const source = {
      [Symbol.asyncIterator]: () => source,
      next: () => {
        count += 1;
        if (count === 2) return Promise.reject(new Error('once'));
        return Promise.resolve({ done: isClosed || count > 3, value: count });
      },
      return: () => {
        isClosed = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    };
    const stream = await llmCall(gpt, () => source as AsyncIterableIterator<number>);
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    await expect(stream.next()).rejects.toThrow('once');
    expect(await stream.next()).toEqual({ done: false, value: 3 });
  });

  it('keeps the class of a web stream', async () => {
    const sdk = startSdk();
    class Own extends ReadableStream<unknown> {
      hello() {
        return 'hello';
      }
    }
    const own = new Own({
      pull: (controller) => {
        controller.enqueue(USAGE);
        controller.close();
      },
    });
    const stream = await llmCall(gpt, () => own);
    expect(stream).toBe(own);
    expect(stream.hello()).toBe('hello');
    expect(await readAll(stream)).toEqual([USAGE]);
    expect(sdk.span('chat gpt-4o').attributes['gen_ai.usage.output_tokens']).toBe(100);
  });

  it('has the time limits of its call, wherever it is read', async () => {
    startSdk();
    async function* slow() {
      yield 1;
      await sleep(100);
      yield 2;
    }
    const stream = await llmCall(gpt, () => slow());
    expect(await run(withLimits({ maxMillis: 50 }, () => readAll(stream)))).toEqual([1, 2]);
    const limited = await withLimits({ maxMillis: 50 }, () => llmCall(gpt, () => slow()));
    const reading = readAll(limited).catch((error: unknown) => error);
    expect(await run(reading)).toBeInstanceOf(LimitExceededError);
  });

  it('is not followed when it is frozen, and says that its usage is not known', async () => {
    const sdk = startSdk();
    const frozen = Object.freeze({ [Symbol.asyncIterator]: () => chunks() });
    expect(await llmCall(gpt, () => frozen)).toBe(frozen);
    expect(sdk.span('chat gpt-4o').attributes['hotspan.warning']).toEqual([
      'an LLM response was a stream that could not be followed: return it unread, or what was read of it',
    ]);
  });

  it('works just the same when nothing is recorded', async () => {
    context.disable();
    expect(await run(llmCall(gpt, () => chunks()).then(readAll))).toHaveLength(5);
  });

  it('asks the user’s own function about every item', async () => {
    const sdk = startSdk();
    const readUsage = (item: unknown) =>
      typeof item === 'number' ? { inputTokens: item, outputTokens: 1 } : undefined;
    async function* items() {
      await Promise.resolve();
      yield 'words';
      yield 7;
    }
    await readAll(await llmCall({ ...gpt, readUsage }, () => items()));
    expect(sdk.span('chat gpt-4o').attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.output_tokens': 1,
    });
  });

  it('does not break when that function throws, and says so', async () => {
    const sdk = startSdk();
    const readUsage = () => {
      throw new Error('no');
    };
    expect(await run(llmCall({ ...gpt, readUsage }, () => chunks()).then(readAll))).toHaveLength(5);
    expect(sdk.bottlenecks.summary().warnings).toEqual([
      'an item of an LLM stream could not be read',
    ]);
  });
});

/** Bytes of events, as a server sends them. */
const sent = (...items: unknown[]) =>
  new Blob(items.map((item) => `data: ${JSON.stringify(item)}\n\n`)).stream();

const figures = {
  'gen_ai.usage.input_tokens': 1_000,
  'gen_ai.usage.output_tokens': 100,
  'hotspan.llm.time_to_first_token': expect.any(Number) as number,
};

describe('an object that holds a stream', () => {
  it.each(['data', 'stream', 'body', 'of any name'])('is followed: %s', async (key) => {
    const sdk = startSdk();
    const held = { [key]: chunks(), request_id: 'r1' };
    const result = await llmCall(gpt, () => held);
    expect(result).toBe(held);
    expect(sdk.spans()).toEqual([]);
    await run(readAll(result[key] as AsyncIterable<unknown>));
    expect(sdk.span('chat gpt-4o').attributes).toMatchObject(figures);
  });

  it('is followed with a web stream, which stays the same', async () => {
    const sdk = startSdk();
    const data = ReadableStream.from([text('To'), END, USAGE]);
    const result = await llmCall(gpt, () => ({ data, response: new Response('') }));
    expect(result.data).toBe(data);
    expect(await readAll(result.data.pipeThrough(new TransformStream()))).toHaveLength(3);
    expect(sdk.span('chat gpt-4o').attributes).toMatchObject(figures);
  });

  it('ends with the promise of its whole answer, where nobody reads its stream', async () => {
    const sdk = startSdk();
    const usageMetadata = { promptTokenCount: 1_000, candidatesTokenCount: 100 };
    const response = Promise.resolve({ candidates: [], usageMetadata });
    const result = await llmCall(gpt, () => ({ stream: chunks(), response }));
    expect(await result.response).toEqual({ candidates: [], usageMetadata });
    expect(sdk.span('chat gpt-4o').attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 1_000,
      'gen_ai.usage.output_tokens': 100,
    });
  });

  it('is left alone where its stream is Node’s, or behind a getter', async () => {
    const sdk = startSdk();
    const getter = vi.fn();
    const held = { usage: USAGE.usage, log: Readable.from(['x']) };
    Object.defineProperty(held, 'more', { get: getter, enumerable: true });
    await llmCall(gpt, () => held);
    expect(sdk.span('chat gpt-4o').attributes['gen_ai.usage.output_tokens']).toBe(100);
    expect(getter).not.toHaveBeenCalled();
  });
});

describe('items that a client wraps', () => {
  it.each<[string, (item: unknown) => unknown]>([
    ['Mistral', (item: unknown) => ({ data: item })],
    ['the AI SDK', (item: unknown) => ({ part: item, partialOutput: undefined })],
    ['Bedrock', (item: unknown) => ({ chunk: { bytes: Buffer.from(JSON.stringify(item)) } })],
  ])('are read: %s', async (_client, wrap) => {
    const sdk = startSdk();
    async function* items() {
      await Promise.resolve();
      for (const item of [text('To'), END, USAGE]) yield wrap(item);
    }
    await readAll(await llmCall({ ...gpt, recordMessages: true }, () => items()));
    const { attributes } = sdk.span('chat gpt-4o');
    expect(attributes).toMatchObject(figures);
    expect(attributes['gen_ai.output.messages']).toContain('To');
  });
});

describe('a raw response', () => {
  const headers = { 'content-type': 'text/event-stream' };

  it.each<[string, (response: Response) => Promise<unknown>]>([
    ['as text', (response) => response.text()],
    ['by its chunks', (response) => readAll(response.body!)],
    ['as a copy', (response) => response.clone().text()],
  ])('is followed as its user reads it: %s', async (_how, read) => {
    const sdk = startSdk();
    const response = new Response(sent(text('To'), END, USAGE), { headers });
    expect(await llmCall(gpt, () => response)).toBe(response);
    expect(sdk.spans()).toEqual([]);
    await read(response);
    await expect.poll(() => sdk.spans().length).toBe(2);
    expect(sdk.span('chat gpt-4o').attributes).toMatchObject(figures);
  });

  it('that is a refusal, or was read before, does not hold the call', async () => {
    const sdk = startSdk();
    const read = new Response('{}');
    await read.text();
    for (const response of [new Response('no', { status: 500 }), read]) {
      expect(await llmCall(gpt, () => response)).toBe(response);
    }
    expect(sdk.spans()).toHaveLength(4);
  });

  it('that hangs longer than an attempt may fails', async () => {
    startSdk();
    const body = new ReadableStream({ pull: () => sleep(60_000) });
    const response = await llmCall({ ...gpt, timeoutMillis: 50 }, () => new Response(body));
    const error = await run(response.text().catch((caught: unknown) => caught));
    expect(error).toBeInstanceOf(AttemptTimeoutError);
  });
});
