/** A list that the table is not made from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModelEntry, Rates } from '../../src/cost/rates.js';
import { fromMaps, inFolder, unpack, type PriceList } from './lists.js';

/** Its names of providers, each with the price table's. */
const FILES: Readonly<Record<string, string>> = {
  ...{ openai: 'openai', anthropic: 'anthropic', google: 'google', vertexai: 'vertex' },
  ...{ bedrock: 'aws', azure: 'azure', mistral: 'mistral', cohere: 'cohere', groq: 'groq' },
  ...{ fireworksai: 'fireworks', xai: 'x-ai', perplexity: 'perplexity', moonshot: 'moonshotai' },
  ...{ openrouter: 'openrouter', cerebras: 'cerebras' },
};
const RATES: Readonly<Record<string, string>> = {
  ...{ textInput: 'input_mtok', textOutput: 'output_mtok' },
  textInput_cacheRead: 'cache_read_mtok',
};

interface Unit {
  readonly name: string;
  readonly unit: string;
  readonly rate?: number;
  readonly tiers?: readonly { readonly rate: number }[];
}
interface Model {
  readonly id: string;
  readonly type: string;
  readonly pricing?: { readonly currency?: string; readonly units?: readonly Unit[] };
}

/** The list of LobeHub, as its package model-bank has it. */
export function fetchJudge(): Promise<PriceList> {
  return inFolder(async (folder) => {
    const root = unpack('model-bank@latest', folder);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    const models = new Map<string, Map<string, ModelEntry>>();
    for (const [file, provider] of Object.entries(FILES)) {
      const path = join(root, 'dist/aiModels', `${file}.mjs`);
      const { allModels } = (await import(pathToFileURL(path).href)) as {
        allModels: readonly Model[];
      };
      const entries = allModels.flatMap((model): [string, ModelEntry][] => {
        const rates = ratesIn(model);
        return rates === undefined ? [] : [[model.id.toLowerCase(), { prices: rates }]];
      });
      models.set(provider, new Map(entries));
    }
    return fromMaps('model-bank (npm)', version, models);
  });
}

/** The prices of text in USD. */
function ratesIn({ type, pricing }: Model): Rates | undefined {
  if (!['chat', 'embedding'].includes(type) || (pricing?.currency ?? 'USD') !== 'USD') return;
  const rates: Record<string, number> = {};
  for (const { name, unit, rate, tiers } of pricing?.units ?? []) {
    const key = RATES[name];
    const price = rate ?? tiers?.[0]?.rate;
    if (key !== undefined && unit === 'millionTokens' && price !== undefined) rates[key] = price;
  }
  return (rates.input_mtok ?? 0) > 0 ? rates : undefined;
}
