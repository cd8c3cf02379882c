/** What the server's answers used and cost: the truth that no instrumentation has a say in. */

/** By the API of the server: what each answer used, with cached tokens of every kind. */
export const USAGES = {
  chat: {
    prompt_tokens: 1_000,
    completion_tokens: 100,
    total_tokens: 1_100,
    prompt_tokens_details: { cached_tokens: 400 },
    completion_tokens_details: { reasoning_tokens: 20 },
  },
  responses: {
    input_tokens: 1_000,
    input_tokens_details: { cached_tokens: 400 },
    output_tokens: 100,
    output_tokens_details: { reasoning_tokens: 20 },
    total_tokens: 1_100,
  },
  embeddings: { prompt_tokens: 1_000, total_tokens: 1_000 },
  messages: {
    input_tokens: 2_500,
    cache_creation_input_tokens: 400,
    cache_read_input_tokens: 2_000,
    cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 100 },
    output_tokens: 100,
    service_tier: 'standard',
  },
  gemini: {
    promptTokenCount: 1_000,
    cachedContentTokenCount: 400,
    candidatesTokenCount: 80,
    thoughtsTokenCount: 20,
    totalTokenCount: 1_100,
  },
};

/** The models that answer. */
export const MODELS = { 'gpt-4o': 'gpt-4o-2024-08-06' };

/** US dollars for a million tokens. */
const RATES = {
  'gpt-4o-2024-08-06': { input: 2.5, read: 1.25, output: 10 },
  'text-embedding-3-small': { input: 0.02 },
  'claude-sonnet-4-5': { input: 3, read: 0.3, written: 3.75, writtenForAnHour: 6, output: 15 },
  'gemini-2.5-flash': { input: 0.3, read: 0.03, output: 2.5 },
};

/** Each kind of tokens, and as which it is sold. */
const KINDS = {
  input: 'input',
  read: 'read',
  written: 'written',
  writtenForAnHour: 'writtenForAnHour',
  output: 'output',
};

/** The tokens of an answer by kind. */
function kindsOf(usage) {
  if ('promptTokenCount' in usage) {
    const { promptTokenCount, cachedContentTokenCount: read } = usage;
    const output = usage.candidatesTokenCount + usage.thoughtsTokenCount;
    return { input: promptTokenCount - read, read, output };
  }
  if ('cache_creation' in usage) {
    const { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: writtenForAnHour } =
      usage.cache_creation;
    const { input_tokens: input, cache_read_input_tokens: read, output_tokens: output } = usage;
    return { input, read, written, writtenForAnHour, output };
  }
  const { prompt_tokens: asked = usage.input_tokens } = usage;
  const { completion_tokens: output = usage.output_tokens ?? 0 } = usage;
  const details = usage.prompt_tokens_details ?? usage.input_tokens_details;
  const read = details?.cached_tokens ?? 0;
  return { input: asked - read, read, output };
}

/**
 * What an instrumentation can hide from hotspan, and what is right then. All else would be wrong:
 *
 * - `hour`: for how long was cached. What is written costs as if for 5 minutes.
 * - `written`: that input was written to a cache. It costs as input.
 * - `cached`: that input was cached. All of it costs as input.
 * - `cached input`: the cached input, too. Only the rest counts.
 * - `tokens`: all tokens. The call has no cost, and counts as unpriced.
 * - `failure`: that a call has failed. It counts as unpriced.
 * - `call`: the call.
 */
const SOLD_AS = {
  hour: { writtenForAnHour: 'written' },
  written: { writtenForAnHour: 'input', written: 'input' },
  cached: { writtenForAnHour: 'input', written: 'input', read: 'input' },
  'cached input': { writtenForAnHour: undefined, written: undefined, read: undefined },
};

const UNPRICED = new Set(['tokens', 'failure']);

/** The totals that are right for the requests that the server got, and the answers that it gave. */
export function rightTotals(requests, answered, hidden) {
  const right = {
    llmCalls: hidden === 'call' ? 0 : requests,
    unpricedCalls: UNPRICED.has(hidden) ? requests : 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
  };
  if (hidden === 'call' || hidden === 'tokens') return right;
  for (const { model, usage } of answered) {
    const soldAs = { ...KINDS, ...SOLD_AS[hidden] };
    for (const [kind, tokens] of Object.entries(kindsOf(usage))) {
      const sold = soldAs[kind];
      if (sold === undefined) continue;
      if (kind === 'output') right.outputTokens += tokens;
      else right.inputTokens += tokens;
      right.costUsd += (tokens * (RATES[model][sold] ?? 0)) / 1e6;
    }
  }
  return right;
}
