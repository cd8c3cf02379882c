import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { diag } from '@opentelemetry/api';
import { waitForUpdate, type Provider } from '@pydantic/genai-prices';
import { BottleneckSpanProcessor, priceTable, refreshPrices } from 'hotspan/processor';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { costOf, loadPrices } from '../../src/cost/price.js';
import { pricesInUse } from '../../src/cost/price-table.js';

const bundledTable = priceTable();
const genaiPrices = (await waitForUpdate()) ?? [];
const servers: { close(): unknown }[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  vi.restoreAllMocks();
  await refreshPrices({ data: genaiPrices });
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.json`;
}

/** A table in which gpt-4o costs what it is said to. */
const table = (usdPerMillion: number) => [
  {
    id: 'openai',
    name: 'OpenAI',
    api_pattern: 'openai',
    models: [
      {
        id: 'gpt-4o',
        match: { equals: 'gpt-4o' },
        prices: [{ prices: { input_mtok: usdPerMillion } }],
      },
    ],
  },
];

async function price(): Promise<number | undefined> {
  await loadPrices();
  return costOf([{ inputTokens: 1_000_000 }], 'openai', ['gpt-4o'])?.usd;
}

describe('the price table', () => {
  it('that is bundled tells on which day it was made, and how large it is', async () => {
    const { date, models, source } = await bundledTable;
    expect(source).toBe('bundled');
    expect(date).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(models).toBeGreaterThan(1_500);
  });

  it('does not ask the network by itself', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    await priceTable();
    expect(await price()).toBeCloseTo(2.5, 9);
    expect(fetched).not.toHaveBeenCalled();
  });

  it('is replaced by the one that the user fetches', async () => {
    const url = await serve((_request, response) => response.end(JSON.stringify(table(7))));
    expect(await refreshPrices({ url })).toEqual({ source: 'refreshed', date: '', models: 1 });
    expect(await price()).toBe(7);
  });

  it('comes from the address of the genai-prices project unless another is given', async () => {
    const body = JSON.stringify(table(8));
    const fetched = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(body));
    await refreshPrices();
    expect(fetched.mock.calls[0]?.[0]).toMatch(
      /^https:\/\/raw\.githubusercontent\.com\/pydantic\/genai-prices\//,
    );
    expect(await price()).toBe(8);
  });

  it.each([
    ['a path', (path: string) => path],
    ['an address', (path: string) => pathToFileURL(path).href],
  ])('comes from a file, by %s', async (_how, urlOf) => {
    const path = join(mkdtempSync(join(tmpdir(), 'prices-')), 'data.json');
    writeFileSync(path, JSON.stringify(table(9)));
    await refreshPrices({ url: urlOf(path) });
    expect(await price()).toBe(9);
    await expect(refreshPrices({ url: `${path}.old` })).rejects.toThrow(
      /^refreshPrices: no price table from .*data.json.old: ENOENT[^\n]*$/,
    );
    expect(await price()).toBe(9);
  });

  it('is fetched again after a while, and stays when that fails', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const logged = vi.spyOn(diag, 'warn').mockImplementation(() => undefined);
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      if (asked === 2) response.writeHead(500).end();
      else response.end(JSON.stringify(table(asked)));
    });
    await refreshPrices({ url, everyMillis: 60_000 });
    expect(await price()).toBe(1);
    vi.advanceTimersByTime(60_000);
    await vi.waitFor(() => {
      expect(logged).toHaveBeenCalledWith(`refreshPrices: no price table from ${url}: status 500`);
    });
    expect(await price()).toBe(1);
    vi.advanceTimersByTime(60_000);
    await vi.waitFor(async () => {
      expect(await price()).toBe(3);
    });
    await refreshPrices({ data: table(4) });
    vi.advanceTimersByTime(600_000);
    expect(asked).toBe(3);
    vi.useRealTimers();
  });

  it('is told in the summary where it lacks a price, or is old', async () => {
    const model = { provider: 'openai', model: 'm', calls: 1, errors: 0 };
    const asked = { ...model, inputTokens: 1, outputTokens: 1, unpricedCalls: 1 };
    const summary = new BottleneckSpanProcessor().summary();
    const lacking = { ...summary, models: [asked] };
    const costly = { ...summary, totals: { ...summary.totals, costUsd: 1 } };
    const began = (date: string) => {
      const [openai] = table(1);
      const prices = [{ constraint: { start_date: date }, prices: { input_mtok: 1 } }];
      return [{ ...openai, models: [{ ...openai!.models[0], prices }] }];
    };
    const today = new Date().toISOString().slice(0, 10);
    await refreshPrices({ data: began(today) });
    expect(pricesInUse(summary)).toEqual({});
    expect(pricesInUse(costly)).toEqual({});
    expect(pricesInUse(lacking)).toEqual({ prices: { date: today } });
    await refreshPrices({ data: began('2026-01-01') });
    expect(pricesInUse(summary)).toEqual({});
    expect(pricesInUse(costly)).toEqual({ prices: { date: '2026-01-01' } });
    // A table without dates may be of any day.
    await refreshPrices({ data: table(1) });
    expect(pricesInUse(lacking)).toEqual({});
  });

  it('may hold what is no price, and then prices nothing', async () => {
    const [openai] = table(1);
    const [model] = openai!.models;
    for (const wrong of [
      { prices: { input_mtok: 'a lot' } },
      { prices: { input_mtok: { base: 1 } } },
      { match: { regex: '(' } },
    ]) {
      await refreshPrices({ data: [{ ...openai, models: [{ ...model, ...wrong }] }] });
      expect(await price()).toBeUndefined();
    }
  });

  it.each<[string, RequestListener, string]>([
    ['refuses', (_, response) => response.writeHead(503).end(), 'status 503'],
    ['sends a page', (_, response) => response.end('<html>'), 'is not valid JSON'],
    ['hangs', () => undefined, 'aborted due to timeout'],
    ['breaks off', (_, response) => response.destroy(), 'fetch failed'],
  ])('stays when the server %s', async (_what, answer, reason) => {
    const url = await serve(answer);
    const refresh = refreshPrices({ url, timeoutMillis: 200 });
    await expect(refresh).rejects.toThrow(`refreshPrices: no price table from ${url}: `);
    await expect(refresh).rejects.toThrow(reason);
    expect(await price()).toBeCloseTo(2.5, 9);
  });

  it.each<[string, unknown]>([
    ['no list', { models: [] }],
    ['an empty one', []],
    ['a list of something else', [1]],
    ['a provider without models', [{ id: 'openai' }]],
    ['a provider with no models', [{ id: 'openai', models: [] }]],
    ['a model without prices', [{ id: 'openai', models: [{ id: 'gpt-4o', match: {} }] }]],
    ['a model without a name to go by', [{ id: 'openai', models: [{ id: 'gpt-4o', prices: {} }] }]],
    [
      'an unknown condition',
      [
        {
          id: 'a',
          models: [{ id: 'b', match: {}, prices: [{ constraint: { moon: 1 }, prices: {} }] }],
        },
      ],
    ],
  ])('stays when the data is %s', async (_what, data) => {
    await expect(refreshPrices({ data })).rejects.toThrow(/^refreshPrices: [^\n]+$/);
    expect(await price()).toBeCloseTo(2.5, 9);
  });

  it('does not become free when the new one has lost a price', async () => {
    const [openai] = table(1) as unknown as [Provider];
    const [model] = openai.models;
    await refreshPrices({ data: [{ ...openai, models: [{ ...model, prices: {} }] }] });
    expect(await price()).toBeUndefined();
  });

  it.each([
    [{ from: 'here' }, 'refreshPrices: unknown option "from"'],
    [{ everyMillis: 10 }, '`everyMillis` to be a number from 1,000 to 2,147,483,647, got 10'],
    [{ timeoutMillis: 0 }, '`timeoutMillis` to be a positive number, got 0'],
  ])('refuses %j', async (options, message) => {
    await expect(refreshPrices(options as never)).rejects.toThrow(message);
  });
});
