import type { ModelEntry, Rates } from '../../src/cost/rates.js';

/** api-docs.deepseek.com, pricing: the higher prices are of hours from Monday to Friday, which no list has. */
export const DEARER_ON_WEEKDAYS = /^deepseek-(?:v\d|flash|pro)/;

/** What the providers' own pages say and no list has. */
export const FACTS: readonly (readonly [
  shelf: string,
  models: RegExp,
  entry: Partial<Omit<ModelEntry, 'prices'>> & { readonly prices?: Rates },
])[] = [
  // platform.claude.com, pricing: fast mode of Opus 4.6 costs 30 and 150 USD.
  ['anthropic', /^claude-opus-4-6/, { price_factors: { speed: { fast: 6 } } }],
  // api-docs.deepseek.com, pricing: since September 2025 these have no hours at half the price.
  [
    'deepseek',
    /^deepseek-(?:chat|reasoner)/,
    { prices: { input_mtok: 0.28, cache_read_mtok: 0.028, output_mtok: 0.42 } },
  ],
  [
    'deepseek',
    /^deepseek-r1/,
    { prices: { input_mtok: 0.55, cache_read_mtok: 0.14, output_mtok: 2.19 } },
  ],
  // openai.com, pricing: the models that hear and speak have other prices for audio.
  ['openai', /^gpt-4o-audio-preview/, { prices: { input_audio_mtok: 40, output_audio_mtok: 80 } }],
  [
    'openai',
    /^gpt-4o-mini-audio-preview/,
    { prices: { input_audio_mtok: 10, output_audio_mtok: 20 } },
  ],
  // console.groq.com, flex processing: the price of on-demand. Speech to text bills at least 10 seconds.
  ['groq', /./, { price_factors: { service_tier: { flex: 1 } } }],
  ['groq', /^whisper-/, { minimum_audio_seconds: 10 }],
];
