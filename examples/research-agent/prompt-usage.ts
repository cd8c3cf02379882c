import type OpenAI from 'openai';

/** The part of OpenAI's usage that this server reports. */
export type Usage = Pick<
  OpenAI.CompletionUsage,
  'prompt_tokens' | 'completion_tokens' | 'total_tokens' | 'prompt_tokens_details'
>;

const CHARACTERS_PER_TOKEN = 4;
/** The cache stores prompts in blocks of this many tokens. */
const CACHE_BLOCK = 128;

/** Returns everything a model reads of a request. The parts that rarely change come first. */
export function promptOf({ model, tools, messages }: OpenAI.ChatCompletionCreateParams): string {
  const contents = messages.map(({ content }) => JSON.stringify(content));
  return [model, JSON.stringify(tools ?? []), ...contents].join('\n');
}

/**
 * Returns a function that estimates the tokens of a prompt and its answer. If a prompt starts like an
 * earlier one, that part counts as read from the cache.
 */
export function countUsage(): (prompt: string, completion: string) => Usage {
  const earlier: string[] = [];
  return (prompt, completion) => {
    const promptTokens = tokensOf(prompt.length);
    const completionTokens = tokensOf(completion.length);
    const shared = Math.max(0, ...earlier.map((other) => sharedLength(prompt, other)));
    const blocks = Math.floor(shared / CHARACTERS_PER_TOKEN / CACHE_BLOCK);
    earlier.push(prompt);
    return {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
      prompt_tokens_details: { cached_tokens: blocks * CACHE_BLOCK },
    };
  };
}

function tokensOf(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}
