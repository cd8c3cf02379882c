/** Tokens of one LLM call. */
export interface TokenUsage {
  /** Cached ones included. */
  inputTokens?: number;
  /** Reasoning included. */
  outputTokens?: number;
  /** Part of `inputTokens` that was read from the provider's cache. */
  cacheReadTokens?: number;
  /** Part of `inputTokens` that was written to it. */
  cacheWriteTokens?: number;
  /** Part of `outputTokens`. */
  reasoningTokens?: number;
  /** The provider's own figure, in USD. */
  reportedCostUsd?: number;
}

/** What was read, and what could not be used, a sentence each. */
export interface UsageReading {
  readonly usage: TokenUsage;
  readonly warnings: readonly string[];
}

type Fields = Record<string, unknown>;

/**
 * Reads the token usage from the response of a provider's client: OpenAI's chat completions,
 * embeddings and responses, Anthropic's messages, and servers that speak like them.
 *
 * OpenAI's input tokens include the cached ones, Anthropic's do not; here they always do. A figure
 * that cannot be right (not a number, negative, more cached than input tokens) is left out with a
 * warning, and the others stand. Never throws.
 */
export function readUsage(response: unknown): UsageReading {
  const { usage: reported } = fields(response);
  const raw = fields(reported);
  if (raw !== reported) {
    return { usage: {}, warnings: ['an LLM response had no token usage'] };
  }
  const warnings: string[] = [];
  const count = (from: Fields, key: string): number | undefined => {
    const value = from[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    warnings.push(
      `usage.${key} of an LLM response was not a number of at least 0 and was left out`,
    );
    return undefined;
  };

  const usage: TokenUsage = {};
  const put = (field: keyof TokenUsage, value: number | undefined) => {
    if (value !== undefined) usage[field] = value;
  };
  if ('prompt_tokens' in raw || 'completion_tokens' in raw) {
    put('inputTokens', count(raw, 'prompt_tokens'));
    put('outputTokens', count(raw, 'completion_tokens'));
    put('cacheReadTokens', count(fields(raw.prompt_tokens_details), 'cached_tokens'));
    put('reasoningTokens', count(fields(raw.completion_tokens_details), 'reasoning_tokens'));
  } else {
    const read = count(raw, 'cache_read_input_tokens');
    const written = count(raw, 'cache_creation_input_tokens');
    const input = count(raw, 'input_tokens');
    put('inputTokens', input === undefined ? undefined : input + (read ?? 0) + (written ?? 0));
    put('outputTokens', count(raw, 'output_tokens'));
    put('cacheReadTokens', read ?? count(fields(raw.input_tokens_details), 'cached_tokens'));
    put('cacheWriteTokens', written);
    put('reasoningTokens', count(fields(raw.output_tokens_details), 'reasoning_tokens'));
  }
  put('reportedCostUsd', count(raw, 'cost'));

  dropParts(usage, 'inputTokens', ['cacheReadTokens', 'cacheWriteTokens'], 'input', warnings);
  dropParts(usage, 'outputTokens', ['reasoningTokens'], 'output', warnings);
  if (
    usage.inputTokens === undefined &&
    usage.outputTokens === undefined &&
    warnings.length === 0
  ) {
    warnings.push('an LLM response had token usage of an unknown shape');
  }
  return { usage, warnings };
}

/** Leaves out parts that are more than their whole, or have none. */
function dropParts(
  usage: TokenUsage,
  whole: 'inputTokens' | 'outputTokens',
  parts: readonly ('cacheReadTokens' | 'cacheWriteTokens' | 'reasoningTokens')[],
  what: string,
  warnings: string[],
): void {
  const sum = parts.reduce((total, part) => total + (usage[part] ?? 0), 0);
  if (sum <= (usage[whole] ?? 0)) return;
  for (const part of parts) Reflect.deleteProperty(usage, part);
  if (usage[whole] === undefined) return;
  warnings.push(
    `an LLM response reported more ${what === 'input' ? 'cached' : 'reasoning'} than ${what} tokens; the former were left out`,
  );
}

function fields(value: unknown): Fields {
  return value !== null && typeof value === 'object' ? (value as Fields) : {};
}
