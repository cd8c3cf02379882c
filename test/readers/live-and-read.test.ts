import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { llmCall, retry, segment } from 'hotspan';
import type { Summary } from 'hotspan/processor';
import { expect, it } from 'vitest';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';
import { expectSound, summaryOf } from './support.js';

fakeClock();
stopSdkAfterEach();

/** What the OTLP exporter would send, a request a line. */
function exported(spans: readonly ReadableSpan[]): string {
  const decoder = new TextDecoder();
  return spans
    .map((span) => decoder.decode(JsonTraceSerializer.serializeRequest([span])))
    .join('\n');
}

async function work(): Promise<void> {
  let tries = 0;
  await segment('answer', async () => {
    await Promise.all([
      segment('search', () => sleep(12)),
      segment('rerank', async () => {
        await sleep(4);
        await segment('score', () => sleep(15));
      }),
    ]);
    await retry('fetch', { maxAttempts: 3, backoffMillis: 1 }, async () => {
      await sleep(3);
      if ((tries += 1) < 2) throw Object.assign(new Error('not yet'), { status: 503 });
    });
    await llmCall({ provider: 'openai', model: 'gpt-4o' }, async () => {
      await sleep(8);
      return { model: 'gpt-4o-2024-08-06', usage: { prompt_tokens: 1000, completion_tokens: 50 } };
    });
  });
  await segment('clean up', () => sleep(2)).catch(() => undefined);
  await segment('broken', () => Promise.reject(new RangeError('no'))).catch(() => undefined);
}

it('the same traces say the same, live and read from what is exported', async () => {
  const sdk = startSdk();
  for (let round = 0; round < 3; round += 1) await run(work());
  const live = sdk.bottlenecks.summary();
  const read = await summaryOf(exported(sdk.spans()));
  expectSound(read);

  expect(counts(read)).toEqual(counts(live));
  expect(Math.abs(read.latency.totalSeconds - live.latency.totalSeconds)).toBeLessThan(1e-6);
  for (const row of live.bottlenecks) {
    const other = read.bottlenecks.find(({ name }) => name === row.name)!;
    for (const figure of ['totalSeconds', 'selfSeconds', 'criticalSeconds'] as const) {
      expect(Math.abs(other[figure] - row[figure]), `${row.name} ${figure}`).toBeLessThan(1e-6);
    }
  }
});

/** What does not depend on clocks. */
function counts({ traces, spans, totals, models, errors, bottlenecks, latency }: Summary) {
  return {
    traces,
    spans,
    totals: { ...totals, wastedSeconds: totals.wastedSeconds.toFixed(6) },
    models,
    errors: [...errors].sort((a, b) => (a.type < b.type ? -1 : 1)),
    roots: latency.count,
    rows: bottlenecks
      .map(({ name, service, calls, attempts, retries, costUsd }) => ({
        name,
        service,
        calls,
        attempts,
        retries,
        costUsd,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

async function* words() {
  for (let n = 0; n < 10; n += 1) {
    await sleep(30);
    yield { choices: [{ delta: { content: 'x' } }] };
  }
}

/** A stream of a segment, which passes on that of a model, and one that another segment reads. */
async function streams(): Promise<void> {
  const ask = () => llmCall({ provider: 'openai', model: 'gpt-4o' }, () => words());
  await segment('answer', async () => {
    for await (const { choices } of await ask())
      await segment('moderate', () => sleep(60 * choices.length));
    const stream = await ask();
    await segment('consume', async () => {
      for await (const { choices } of stream)
        await segment('show', () => sleep(20 * choices.length));
    });
    async function* agent() {
      yield* await ask();
      await segment('tool', () => sleep(50));
    }
    for await (const word of segment('agent', () => agent())) expect(word).toBeDefined();
  });
}

it('streams say the same, live and read from what is exported', async () => {
  const sdk = startSdk();
  for (let round = 0; round < 3; round += 1) await run(streams());
  const figuresOf = ({ bottlenecks }: Summary) =>
    bottlenecks
      .map(({ name, criticalSeconds, savingSeconds = NaN, waitsFor = [], ...row }) => ({
        name,
        critical: criticalSeconds.toFixed(3),
        saving: savingSeconds.toFixed(3),
        doubt: row.savingDoubt,
        firstToken: row.firstTokenP50Seconds?.toFixed(3),
        waits: waitsFor.map(({ row: other, seconds }) => `${other} ${seconds.toFixed(3)}`),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  const live = sdk.bottlenecks.summary();
  const read = await summaryOf(exported(sdk.spans()));
  expect(figuresOf(read)).toEqual(figuresOf(live));
  expect(figuresOf(live).find(({ name }) => name === 'moderate')?.critical).toBe('1.800');
});
