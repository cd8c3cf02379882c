import { SpanKind, type Attributes, type Span } from '@opentelemetry/api';
import { loadPricer } from '../cost/price.js';
import { readResponse } from '../cost/response.js';
import { readUsage, type TokenUsage } from '../cost/usage.js';
import {
  requireFunction,
  requireName,
  requireObject,
  requireOptions,
  wrongUse,
} from '../errors.js';
import {
  GEN_AI_OPERATION_NAME,
  GEN_AI_PROVIDER_NAME,
  GEN_AI_REQUEST_MODEL,
  GEN_AI_RESPONSE_FINISH_REASONS,
  GEN_AI_RESPONSE_ID,
  GEN_AI_RESPONSE_MODEL,
  GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
  GEN_AI_USAGE_COST,
  GEN_AI_USAGE_INPUT_TOKENS,
  GEN_AI_USAGE_OUTPUT_TOKENS,
  GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
  HOTSPAN_COST_SOURCE,
  HOTSPAN_WARNING,
} from '../semconv.js';
import {
  ATTEMPT_OPTIONS,
  checkAttempts,
  runAttempts,
  type AttemptContext,
  type AttemptOptions,
} from './attempts.js';
import { inSpan } from './in-span.js';

/** Whom a call asks, and how often; `maxAttempts` is 1 by default. */
export interface LlmCallOptions extends AttemptOptions {
  /** As in the GenAI conventions: `openai`, `anthropic`, `gcp.gemini`, ... */
  readonly provider: string;
  /** The model that is asked for. */
  readonly model: string;
  /** As in the GenAI conventions: `chat`, `embeddings`, `text_completion`, ... Default `chat`. */
  readonly operation?: string | undefined;
  /** Further attributes of the span. */
  readonly attributes?: Attributes | undefined;
}

const OPTIONS = [...ATTEMPT_OPTIONS, 'provider', 'model', 'operation', 'attributes'];

/**
 * Runs one logical call of a language model: a CLIENT span named `{operation} {model}` with the
 * attributes of the GenAI conventions, and each attempt a child span of it.
 *
 * Token usage, model, id and finish reasons are read from the response that `fn` returns, which may
 * be shaped like OpenAI's or Anthropic's, and the cost comes from the provider's own figure or from
 * the bundled price table. An unknown model gets no cost. Prompts and completions are not recorded.
 *
 * Retries that the client makes by itself are hidden in one attempt: switch them off there
 * (`maxRetries: 0`) and set `maxAttempts` here. A stream is to be read inside `fn`, which returns the
 * final message.
 *
 * ```ts
 * import { llmCall } from 'hotspan';
 *
 * const ask = async (signal: AbortSignal) => {
 *   signal.throwIfAborted();
 *   return { text: '42', usage: { prompt_tokens: 12, completion_tokens: 3 } };
 * };
 * const answer = await llmCall(
 *   { provider: 'openai', model: 'gpt-4o', maxAttempts: 3, timeoutMillis: 20_000 },
 *   ({ signal }) => ask(signal),
 * );
 * console.log(answer.text);
 * ```
 *
 * @returns what `fn` returned, unchanged
 * @throws TypeError on wrong arguments, at the call. Later the last attempt's error, the same object
 */
export function llmCall<T>(
  options: LlmCallOptions,
  fn: (context: AttemptContext) => T | PromiseLike<T>,
): Promise<T> {
  if ((options as unknown) === undefined) throw wrongUse('llmCall', 'options', options);
  requireOptions('llmCall', options, OPTIONS);
  const { provider, model, operation = 'chat', maxAttempts = 1 } = options;
  requireName('llmCall', '`provider`', provider);
  requireName('llmCall', '`model`', model);
  requireName('llmCall', '`operation`', operation);
  requireFunction('llmCall', '`fn`', fn);
  requireObject('llmCall', '`attributes`', options.attributes);
  checkAttempts('llmCall', options);

  const name = `${operation} ${model}`;
  const attributes: Attributes = {
    ...options.attributes,
    [GEN_AI_OPERATION_NAME]: operation,
    [GEN_AI_PROVIDER_NAME]: provider,
    [GEN_AI_REQUEST_MODEL]: model,
  };
  return inSpan(name, { kind: SpanKind.CLIENT, attributes }, async (span, clock) => {
    const policy = { ...options, maxAttempts };
    if (!span.isRecording()) return runAttempts(name, policy, span, fn);
    // Loads while the model thinks.
    void loadPricer();
    const response = await runAttempts(name, policy, span, fn, async (error, attemptSpan) => {
      // Some clients throw what they paid for, an answer that did not parse for example.
      if (hasUsage(error)) await recordUsage(attemptSpan, error, provider, model);
    });
    // The price table may still be loading: that is not the model's time.
    clock.stop();
    await recordUsage(span, response, provider, model);
    return response;
  });
}

function hasUsage(value: unknown): boolean {
  try {
    return value !== null && typeof value === 'object' && 'usage' in value;
  } catch {
    return false;
  }
}

async function recordUsage(
  span: Span,
  response: unknown,
  provider: string,
  requestModel: string,
): Promise<void> {
  const price = await loadPricer();
  try {
    const { usage, warnings } = readUsage(response);
    const { model, id, finishReasons } = readResponse(response);
    const cost =
      price(usage, provider, model ?? requestModel) ?? price(usage, provider, requestModel);
    span.setAttributes({
      ...usageAttributes(usage),
      ...(model === undefined ? {} : { [GEN_AI_RESPONSE_MODEL]: model }),
      ...(id === undefined ? {} : { [GEN_AI_RESPONSE_ID]: id }),
      ...(finishReasons.length === 0
        ? {}
        : { [GEN_AI_RESPONSE_FINISH_REASONS]: [...finishReasons] }),
      ...(cost === undefined
        ? {}
        : { [GEN_AI_USAGE_COST]: cost.usd, [HOTSPAN_COST_SOURCE]: cost.source }),
      ...(warnings.length === 0 ? {} : { [HOTSPAN_WARNING]: [...warnings] }),
    });
  } catch {
    // A response with getters that throw: the user gets it all the same.
    span.setAttribute(HOTSPAN_WARNING, ['an LLM response could not be read']);
  }
}

function usageAttributes(usage: TokenUsage): Attributes {
  const named: Attributes = {
    [GEN_AI_USAGE_INPUT_TOKENS]: usage.inputTokens,
    [GEN_AI_USAGE_OUTPUT_TOKENS]: usage.outputTokens,
    [GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]: usage.cacheReadTokens,
    [GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS]: usage.cacheWriteTokens,
    [GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]: usage.reasoningTokens,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
