import { llmCall, retry, segment, type LlmCallOptions } from 'hotspan';
import type { Insight } from 'hotspan/processor';
import { SpanKind, trace } from '@opentelemetry/api';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach, type Sdk } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();
// Reads a file, which no fake clock moves.
beforeAll(async () => {
  await loadPrices();
});

const insights = (sdk: Sdk, kind: Insight['kind']) =>
  (sdk.bottlenecks.summary().insights ?? []).filter((insight) => insight.kind === kind);

const ask = (options: Partial<LlmCallOptions>, millis = 400) =>
  llmCall({ provider: 'openai', model: 'gpt-4o', ...options }, async () => {
    await sleep(millis);
    return { usage: { prompt_tokens: 1_000, completion_tokens: 0 } };
  });

/** The attribute of every LLM call, in order. */
const hashes = (sdk: Sdk) =>
  sdk
    .spans()
    .filter(({ name }) => name === 'chat gpt-4o')
    .map(({ attributes }) => attributes['hotspan.llm.input_hash']);

describe('the input hash of llmCall', () => {
  it('makes repeated calls seen, with what a cache would have saved', async () => {
    const sdk = startSdk();
    for (const question of ['Why?', 'How?', 'Why?', 'Why?', 'When?']) {
      await run(ask({ input: { messages: [{ role: 'user', content: question }] } }));
    }
    expect(insights(sdk, 'repeated-calls')).toMatchObject([
      {
        segment: 'chat gpt-4o',
        message:
          '2 of 5 calls of `chat gpt-4o` repeated the input of an earlier one. Cache the ' +
          'answers: saves up to 800 ms and $0.0050',
      },
    ]);
    const text = JSON.stringify(sdk.spans().map(({ attributes }) => attributes));
    expect(text).not.toContain('Why?');
  });

  it('is the same whatever the order of the fields, and of the cache’s input', async () => {
    const sdk = startSdk();
    await run(ask({ input: { a: 1, b: 2 } }));
    await run(ask({ input: { b: 2, a: 1 } }));
    await run(ask({ cache: { store: new Map(), input: { a: 1, b: 2 } } }));
    const [first, ...others] = hashes(sdk);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(others).toEqual([first, first]);
  });

  it('is another for another model, operation or input', async () => {
    const sdk = startSdk();
    await run(ask({ input: 'Why?' }));
    await run(ask({ input: 'Why?', model: 'gpt-4o-mini' }));
    await run(ask({ input: 'Why?', operation: 'text_completion' }));
    await run(ask({ input: 'How?' }));
    const all = sdk.spans().map(({ attributes }) => attributes['hotspan.llm.input_hash']);
    expect(new Set(all.filter((hash) => hash !== undefined)).size).toBe(4);
  });

  it('comes from the key of the cache, which is not recorded itself', async () => {
    const sdk = startSdk();
    const store = new Map();
    await run(ask({ cache: { store, key: 'question of Alice' } }));
    await run(ask({ cache: { store, key: 'question of Alice' } }));
    expect(new Set(hashes(sdk)).size).toBe(1);
    expect(hashes(sdk)[0]).toMatch(/^[0-9a-f]{32}$/);
    // The second was answered from the cache.
    expect(insights(sdk, 'repeated-calls')).toEqual([]);
  });

  it('is absent without an input, and for one that is no data, with a warning', async () => {
    const sdk = startSdk();
    await run(ask({}));
    await run(ask({ input: { size: Number.NaN } }));
    expect(hashes(sdk)).toEqual([undefined, undefined]);
    expect(sdk.bottlenecks.summary().warnings).toEqual([
      'the `input` of an LLM call is not JSON data',
    ]);
  });
});

it('sees repeated calls in what other instrumentations record', async () => {
  const sdk = startSdk();
  const tracer = trace.getTracer('other');
  for (const question of ['Why?', 'Why?', 'Why?']) {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.system': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.input.messages': JSON.stringify([{ role: 'user', content: question }]),
      'gen_ai.usage.input_tokens': 1_000,
    };
    const span = tracer.startSpan('chat gpt-4o', { kind: SpanKind.CLIENT, attributes });
    await run(sleep(100));
    span.end();
  }
  expect(insights(sdk, 'repeated-calls')[0]).toMatchObject({
    evidence: { calls: 3, repeats: 2 },
    savingUsd: 0.005,
  });
});

it('sees a timeout that is far above what successes take', async () => {
  const sdk = startSdk();
  const fetch = (millis: number) =>
    retry('fetch', { maxAttempts: 1, timeoutMillis: 20_000 }, () => sleep(millis));
  for (let call = 0; call < 50; call += 1) await run(fetch(100));
  await run(fetch(30_000)).catch(() => undefined);
  expect(sdk.spans()[0]?.attributes['hotspan.attempt.timeout']).toBe(20);
  const [insight] = insights(sdk, 'timeout');
  expect(insight).toMatchObject({
    segment: 'fetch',
    evidence: { timeoutSeconds: 20, timeouts: 1 },
  });
  expect(insight?.savingSeconds).toBeCloseTo(19.7, 3);
});

it('writes no timeout where there is none', async () => {
  const sdk = startSdk();
  await run(retry('fetch', { maxAttempts: 1 }, () => sleep(1)));
  expect(sdk.span('fetch attempt').attributes).not.toHaveProperty('hotspan.attempt.timeout');
});

describe('a segment that lets nothing else run', () => {
  const burn = (millis: number) => void vi.advanceTimersByTime(millis);
  const blocked = (sdk: Sdk, name: string) =>
    sdk.span(name).attributes['hotspan.event_loop.blocked'] as number | undefined;

  it('tells for how long, and is reported with what waited', async () => {
    const sdk = startSdk();
    const answer = segment('answer', async () => {
      await Promise.all([
        segment('ask', () => sleep(300)),
        segment('prepare', async () => {
          await sleep(10);
          segment('parse', () => burn(120));
        }),
      ]);
    });
    await run(answer);
    expect(blocked(sdk, 'parse')).toBeCloseTo(0.12, 6);
    expect(blocked(sdk, 'prepare')).toBeUndefined();
    expect(insights(sdk, 'blocked-event-loop')).toMatchObject([
      { segment: 'parse', evidence: { blocks: 1, openSegments: 1 } },
    ]);
  });

  it('tells of its own part alone', () => {
    const sdk = startSdk();
    segment('outer', () => {
      burn(30);
      segment('inner', () => burn(50));
      segment('short', () => burn(1));
      segment('shorter', () => burn(0));
    });
    expect(blocked(sdk, 'inner')).toBeCloseTo(0.05, 6);
    expect(blocked(sdk, 'short')).toBeCloseTo(0.001, 6);
    expect(blocked(sdk, 'shorter')).toBeUndefined();
    expect(blocked(sdk, 'outer')).toBeCloseTo(0.03, 6);
  });

  it('tells so when it throws', () => {
    const sdk = startSdk();
    const fail = () =>
      segment('parse', () => {
        burn(40);
        throw new Error('no JSON');
      });
    expect(fail).toThrow('no JSON');
    expect(blocked(sdk, 'parse')).toBeCloseTo(0.04, 6);
  });

  it('says nothing when it waited', async () => {
    const sdk = startSdk();
    await run(segment('ask', () => sleep(500)));
    segment('outer', () => segment('all of it', () => burn(25)));
    expect(blocked(sdk, 'ask')).toBeUndefined();
    expect(blocked(sdk, 'all of it')).toBeCloseTo(0.025, 6);
    expect(blocked(sdk, 'outer')).toBeUndefined();
  });
});
