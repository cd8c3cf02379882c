import { llmCall, segment, type LlmCallOptions } from 'hotspan';
import { readSummary } from 'hotspan/report';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();
beforeAll(() => loadPrices());

let models = 0;
/** What a source is known to do is remembered by name. */
const newModel = (): LlmCallOptions => ({ provider: 'openai', model: `m${(models += 1)}` });
const item = { choices: [{ delta: { content: 'x' } }] };

async function* asked(count = 10, millis = 30) {
  for (let n = 0; n < count; n += 1) {
    await sleep(millis);
    yield item;
  }
}

function ahead(count = 10, millis = 30): ReadableStream {
  return new ReadableStream({
    async start(controller) {
      for await (const each of asked(count, millis)) controller.enqueue(each);
      controller.close();
    },
  });
}

async function readBy(stream: AsyncIterable<unknown>, work: () => unknown = () => undefined) {
  for await (const got of stream) if (got === item) await work();
}

const moderate = (millis: number) => segment('moderate', () => sleep(millis));

/** The critical and saved milliseconds of rows; those of the call are under `chat`. */
async function read(work: (options: LlmCallOptions) => Promise<unknown>) {
  const sdk = startSdk();
  const options = newModel();
  await run(segment('answer', () => work(options)));
  const { bottlenecks } = sdk.bottlenecks.summary();
  const rows = bottlenecks.map(({ name, criticalSeconds, savingSeconds = NaN, waitsFor }) => {
    const short = name.startsWith('chat') ? 'chat' : name;
    const waits = (waitsFor ?? []).map(({ row, seconds }) => [row, Math.round(seconds * 1000)]);
    const millis = [criticalSeconds, savingSeconds].map((seconds) => Math.round(seconds * 1000));
    return [short, { critical: millis[0], saving: millis[1], waits }] as const;
  });
  return { sdk, rows: Object.fromEntries(rows) };
}

it('a reader that takes twice as long as its model is the bottleneck, with its segments', async () => {
  const { sdk, rows } = await read(async (options) => {
    await readBy(await llmCall(options, () => asked()), () => moderate(60));
  });
  expect(rows.moderate).toEqual({ critical: 600, saving: 600, waits: [] });
  expect(rows.chat).toEqual({ critical: 300, saving: 300, waits: [['moderate', 600]] });
  const call = sdk.spans().find(({ name }) => name.startsWith('chat') && !name.endsWith('attempt'));
  expect(call?.attributes).toMatchObject({
    'hotspan.stream.model_time': 0.3,
    'hotspan.stream.reader_time': 0.6,
    'hotspan.stream.turns': `0 0 30000${' 60000 30000'.repeat(9)} 60000 0`,
  });
});

it('plain code between the items is the work of the span that reads', async () => {
  const { rows } = await read(async (options) => {
    await readBy(await llmCall(options, () => asked()), () => sleep(60));
  });
  expect(rows.answer).toMatchObject({ critical: 600, saving: 600 });
  expect(rows.chat).toMatchObject({ critical: 300, waits: [['answer', 600]] });
});

it('of a model that works ahead, a fast reader takes no time', async () => {
  const { rows } = await read(async (options) => {
    await readBy(await llmCall(options, () => ahead()), () => moderate(20));
  });
  expect(rows.chat).toMatchObject({ critical: 300 });
  expect(rows.moderate).toMatchObject({ critical: 20, saving: 20 });
});

it('of a model that works ahead, a slow reader is the bottleneck after the first item', async () => {
  const { rows } = await read(async (options) => {
    const reader = (await llmCall(options, () => ahead())).getReader();
    while (!(await reader.read()).done) await moderate(60);
  });
  expect(rows.chat).toMatchObject({ critical: 30, saving: 30 });
  expect(rows.moderate).toMatchObject({ critical: 600 });
});

it('the sink of a pipe is a reader', async () => {
  const { rows } = await read(async (options) => {
    const stream = await llmCall(options, () => ahead());
    await stream.pipeTo(new WritableStream({ write: () => moderate(60) }));
  });
  expect(rows.moderate).toMatchObject({ critical: 600 });
});

it('a segment that reads waits for the model, and not the other way round', async () => {
  const { rows } = await read(async (options) => {
    const stream = await llmCall(options, () => asked());
    await segment('consume', async () => {
      await readBy(stream, () => moderate(60));
    });
  });
  expect(rows.chat).toMatchObject({ critical: 300, saving: 300 });
  expect(rows.moderate).toMatchObject({ critical: 600, saving: 600 });
  expect(rows.consume).toMatchObject({ critical: 0, saving: 0 });
});

it('a reader that is slow only at the end is charged for that alone', async () => {
  const { rows } = await read(async (options) => {
    let n = 0;
    await readBy(await llmCall(options, () => asked()), () => moderate(n++ < 8 ? 1 : 200));
  });
  expect(rows).toMatchObject({ moderate: { critical: 408 }, chat: { critical: 300 } });
});

it('of several streams at once, each has its own reader', async () => {
  const { rows } = await read(async (options) => {
    const one = async (name: string, millis: number) => {
      await readBy(await llmCall(options, () => asked()), () => segment(name, () => sleep(millis)));
    };
    await Promise.all([one('short', 10), one('long', 70), one('middle', 45)]);
  });
  expect(rows).toMatchObject({ long: { critical: 700 }, chat: { critical: 300 } });
  // Then the one in the middle would be the last.
  expect(rows.long).toMatchObject({ saving: 250 });
});

it('a long stream keeps its sums, though several turns become one', async () => {
  const { sdk, rows } = await read(async (options) => {
    await readBy(await llmCall(options, () => asked(1_000, 3)), () => moderate(6));
  });
  expect(rows).toMatchObject({ moderate: { critical: 6_000 }, chat: { critical: 3_000 } });
  const turns = sdk.spans().map(({ attributes }) => attributes['hotspan.stream.turns']);
  const [list] = turns.filter((each) => each !== undefined) as string[];
  expect(list).toMatch(/^16: /);
  expect(list!.length).toBeLessThan(1_000);
});

it('a stream that a segment passes on takes its time at its place', async () => {
  const sdk = startSdk();
  const options = newModel();
  const handler = () =>
    segment('POST /chat', async () => {
      await segment('retrieve', () => sleep(30));
      return llmCall(options, () => ahead(10, 50));
    });
  const readAll = async () => {
    await readBy(await handler());
  };
  await run(readAll());
  const { latency, bottlenecks, spans } = sdk.bottlenecks.summary();
  expect(latency.totalSeconds).toBeCloseTo(0.53, 6);
  expect(bottlenecks[0]).toMatchObject({ name: `chat ${options.model}` });
  expect(bottlenecks[0]!.criticalSeconds).toBeCloseTo(0.5, 6);
  expect(spans).toMatchObject({ analyzed: 4, late: 0 });
});

it('the tools of an agent that is a generator are inside its segment, and its reader outside', async () => {
  const { rows } = await read(async (options) => {
    async function* agent() {
      for (let turn = 0; turn < 2; turn += 1) {
        yield* await llmCall(options, () => asked());
        await segment('tool', () => sleep(50));
      }
    }
    await readBy(
      segment('agent', () => agent()),
      () => moderate(20),
    );
  });
  expect(rows).toMatchObject({
    chat: { critical: 600, saving: 600 },
    moderate: { critical: 400, saving: 400 },
    tool: { critical: 100, saving: 100 },
    agent: { critical: 0 },
  });
});

it('a summary has the time to the first token, and so has a merged one', async () => {
  const sdk = startSdk();
  const options = newModel();
  const ask = async (millis: number) => {
    await readBy(await llmCall(options, () => asked(2, millis)));
  };
  const askAll = async () => {
    for (const millis of [100, 200, 400]) await ask(millis);
  };
  await run(askAll());
  const summary = sdk.bottlenecks.summary();
  expect(summary.bottlenecks[0]).toMatchObject({
    firstTokenP50Seconds: 0.2,
    firstTokenP95Seconds: 0.4,
    firstTokens: { nanos: [1e8, 2e8, 4e8] },
  });
  const folder = await mkdtemp(join(tmpdir(), 'hotspan-first-'));
  const files = [summary, { ...summary, generatedAt: '2026-01-02T00:00:00.000Z' }].map(
    async (each, at) => {
      const file = join(folder, `${at}.json`);
      await writeFile(file, JSON.stringify(each));
      return file;
    },
  );
  const merged = await readSummary(await Promise.all(files));
  expect(merged.bottlenecks[0]).toMatchObject({
    firstTokenP50Seconds: 0.2,
    firstTokens: { nanos: [1e8, 1e8, 2e8, 2e8, 4e8, 4e8] },
  });
});
