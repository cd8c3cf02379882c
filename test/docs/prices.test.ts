import { readFileSync } from 'node:fs';
import { llmCall } from 'hotspan';
import { priceTable } from 'hotspan/processor';
import { describe, expect, it } from 'vitest';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = file('docs/prices.md');

interface Row {
  readonly title: string;
  readonly provider: string;
  readonly model: string;
  readonly tokens: Tokens;
  /** US dollars per million; undefined where the page has a dash. */
  readonly prices: Record<'input' | 'read' | 'written' | 'output', number | undefined>;
  readonly byHand: number;
  readonly ours: number;
}

interface Tokens {
  /** Read and written ones included. */
  readonly input: number;
  readonly read: number;
  readonly written: number;
  /** Reasoning included. */
  readonly output: number;
  readonly reasoning: number;
}

const rows = page
  .slice(page.indexOf('## Checked by hand'))
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map(readRow);

function readRow(line: string): Row {
  const cells = line.split('|').map((cell) => cell.trim());
  const [, provider = '', model = '', input, read, written, output, reasoning, price = ''] = cells;
  const prices = price.split(' / ').map((text) => (text === '-' ? undefined : amount(text)));
  expect(prices).toHaveLength(4);
  return {
    title: `${provider} ${model}, ${input} in`,
    provider,
    model,
    tokens: {
      input: amount(input),
      read: amount(read),
      written: amount(written),
      output: amount(output),
      reasoning: amount(reasoning),
    },
    prices: { input: prices[0], read: prices[1], written: prices[2], output: prices[3] },
    byHand: amount(cells[9]),
    ours: amount(cells[10]),
  };
}

function amount(text = ''): number {
  expect(text).toMatch(/^\d+(,\d{3})*(\.\d+)?$/);
  return Number(text.replaceAll(',', ''));
}

function multiplied({ tokens, prices }: Row): number {
  const parts = [
    [tokens.input - tokens.read - tokens.written, prices.input],
    [tokens.read, prices.read],
    [tokens.written, prices.written],
    [tokens.output, prices.output],
  ] as const;
  const usd = parts.map(([count, price]) => (count === 0 ? 0 : count * (price ?? Number.NaN)));
  return usd.reduce((sum, part) => sum + part) / 1_000_000;
}

/** A response as the provider gives it. */
function responseOf({ provider, model, tokens }: Row): unknown {
  if (provider === 'anthropic') {
    return {
      type: 'message',
      model,
      usage: {
        input_tokens: tokens.input - tokens.read - tokens.written,
        cache_read_input_tokens: tokens.read,
        cache_creation_input_tokens: tokens.written,
        output_tokens: tokens.output,
      },
    };
  }
  if (provider === 'gcp.gemini') {
    return {
      modelVersion: model,
      usageMetadata: {
        promptTokenCount: tokens.input,
        cachedContentTokenCount: tokens.read,
        // Google counts thoughts apart.
        candidatesTokenCount: tokens.output - tokens.reasoning,
        thoughtsTokenCount: tokens.reasoning,
      },
    };
  }
  return {
    model,
    usage: {
      prompt_tokens: tokens.input,
      prompt_tokens_details: { cached_tokens: tokens.read },
      completion_tokens: tokens.output,
      completion_tokens_details: { reasoning_tokens: tokens.reasoning },
    },
  };
}

describe('the prices in docs/prices.md', () => {
  it('are of many models, and of every kind of token', () => {
    const of = (provider: string) => rows.filter((row) => row.provider === provider).length;
    expect(new Set(rows.map(({ model }) => model)).size).toBeGreaterThanOrEqual(14);
    expect(new Set(rows.map(({ provider }) => provider)).size).toBeGreaterThanOrEqual(5);
    expect(Math.min(of('openai'), of('anthropic'), of('gcp.gemini'))).toBeGreaterThan(2);
    expect(rows.some(({ tokens }) => tokens.read > 0)).toBe(true);
    expect(rows.some(({ tokens }) => tokens.written > 0)).toBe(true);
    expect(rows.some(({ tokens }) => tokens.reasoning > 0)).toBe(true);
    expect(rows.some(({ prices }) => prices.output === undefined)).toBe(true);
  });

  it('have a model that is dearer in a long context', () => {
    const long = rows.filter(({ model, tokens, prices }) =>
      rows.some(
        (short) =>
          short.model === model &&
          short.tokens.input < tokens.input &&
          short.prices.input! < prices.input!,
      ),
    );
    expect(long.map(({ tokens }) => tokens.input > 200_000)).toContain(true);
  });

  it.each(rows)('are multiplied right: $title', (row) => {
    expect(multiplied(row)).toBeCloseTo(row.byHand, 12);
  });

  it.each(rows)('are what hotspan charges: $title', async (row) => {
    const sdk = startSdk();
    const { provider, model, byHand, ours } = row;
    const operation = model.includes('embedding') ? 'embeddings' : 'chat';
    await llmCall({ provider, model, operation }, () => responseOf(row));
    expect(sdk.span(`${operation} ${model}`).attributes).toMatchObject({
      'gen_ai.usage.cost': expect.closeTo(ours, 12) as number,
      'hotspan.cost.source': 'price_table',
    });
    expect(ours).toBe(byHand);
  });

  it('are of the day that the page names', async () => {
    expect(page).toContain(`date: '${(await priceTable()).date}'`);
  });
});
