import type { CallField } from '../call-attributes.js';

/** The tokens of one call, as they are told. */
export type ToldTokens = Partial<Record<CallField, number | undefined>>;

/** Who tells them. */
export interface Teller {
  /** The name of the instrumentation, if it is known. */
  readonly scope: string | undefined;
  /** As it is told, and in its normal form. */
  readonly providers: readonly string[];
  readonly model: string;
  /** `true` for the AI SDK before version 6, which hands on what its providers count. */
  readonly isOldAiSdk: boolean;
}

/** Who tells a part beside its whole; others tell it as a part of the whole, as the conventions want it. */
interface Apart {
  readonly scope?: RegExp;
  readonly isOldAiSdk?: true;
  readonly provider?: RegExp;
}

const ANTHROPIC_OR_BEDROCK = /anthropic|claude|bedrock|aws|amazon/i;
const GOOGLE = /google|gemini|vertex|gcp/i;

const CACHED_APART: readonly Apart[] = [
  { scope: /^@traceloop\/instrumentation-(?:anthropic|bedrock)/ },
  // In Python OpenLLMetry adds them for Anthropic, and not for Bedrock; OpenTelemetry does not either.
  { scope: /^opentelemetry\.instrumentation\.(?:bedrock|botocore\.bedrock)/ },
  { scope: /^openlit/, provider: ANTHROPIC_OR_BEDROCK },
  { isOldAiSdk: true, provider: ANTHROPIC_OR_BEDROCK },
];
const REASONING_APART: readonly Apart[] = [
  { scope: /^@traceloop\/instrumentation-google/ },
  { scope: /^openlit/, provider: GOOGLE },
  { isOldAiSdk: true, provider: GOOGLE },
];

/** What is to be said of tokens. */
export interface Doubt {
  /** `true` if they contradict each other. */
  readonly isWrong: boolean;
  readonly text: string;
  /** Tokens without which a price would be wrong, as `hotspan.cost.excludes` has them. */
  readonly excludes?: string;
}

/** Parts that must not be more than their whole. */
const PARTS: readonly { readonly parts: readonly CallField[]; readonly whole: CallField }[] = [
  { parts: ['cacheReadTokens', 'cacheWriteTokens'], whole: 'inputTokens' },
  { parts: ['reasoningTokens'], whole: 'outputTokens' },
  { parts: ['inputAudioTokens', 'inputImageTokens', 'inputVideoTokens'], whole: 'inputTokens' },
  { parts: ['cacheReadAudioTokens', 'cacheReadImageTokens'], whole: 'cacheReadTokens' },
  { parts: ['outputAudioTokens', 'outputImageTokens'], whole: 'outputTokens' },
];

/**
 * Makes each figure include its parts, whoever tells it. A total shows how it is meant; else it is known of the
 * instrumentation; and where a provider counts parts beside their whole, more parts than the whole show it too.
 *
 * @returns what cannot be right, or not be priced well, in words
 */
export function settleTokens(tokens: ToldTokens, teller: Teller): Doubt | undefined {
  const { cacheWriteFiveMinuteTokens: short = 0, cacheWriteOneHourTokens: long = 0 } = tokens;
  // LangChain tells the whole as 0 where it knows the parts.
  if (short + long > (tokens.cacheWriteTokens ?? 0)) tokens.cacheWriteTokens = short + long;
  const { inputTokens: input = 0, outputTokens: output = 0, totalTokens: total } = tokens;
  const cached = (tokens.cacheReadTokens ?? 0) + (tokens.cacheWriteTokens ?? 0);
  const reasoning = tokens.reasoningTokens ?? 0;
  const beside = Math.max(0, (total ?? 0) - input - output);

  const isBoth = beside > 0 && beside === cached + reasoning;
  const isReasoning = beside > 0 && beside === reasoning && (beside !== cached || isGoogle(teller));
  const isCached = beside > 0 && beside === cached && !isReasoning;
  if (cached > 0 && tokens.inputTokens !== undefined) {
    const isMore = cached > input && countsCachedApart(teller);
    const isApart = isCached || isBoth || isMore || isOneOf(CACHED_APART, teller);
    if (isApart) tokens.inputTokens = input + cached;
  }
  if (reasoning > 0 && tokens.outputTokens !== undefined) {
    const isKnown = total === undefined && isOneOf(REASONING_APART, teller);
    const isMore = reasoning > output && isGoogle(teller);
    if (isReasoning || isBoth || isMore || isKnown) tokens.outputTokens = output + reasoning;
  }
  for (const { parts, whole } of PARTS) {
    const wrong = isLess(tokens[whole], parts, tokens);
    if (wrong) return { isWrong: true, text: `more ${parts[0]!} than ${whole}` };
  }
  const isTold = isBoth || isReasoning || isCached;
  return beside > 0 && !isTold ? addRest(tokens, beside, teller) : undefined;
}

/** What only the total tells. */
function addRest(tokens: ToldTokens, rest: number, teller: Teller): Doubt | undefined {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = tokens;
  // Google's thoughts.
  if (isGoogle(teller) && outputTokens !== undefined) tokens.outputTokens = outputTokens + rest;
  const isCached =
    countsCachedApart(teller) && !((cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0) > 0);
  if (!isCached || inputTokens === undefined) return undefined;
  tokens.inputTokens = inputTokens + rest;
  const text = `${rest} tokens that only the total tells, so that its cost is unknown`;
  return { isWrong: false, text, excludes: 'cache_read' };
}

const isGoogle = ({ providers, model }: Teller) => {
  return providers.some((name) => GOOGLE.test(name)) || /^(?:models\/)?gemini/.test(model);
};

const countsCachedApart = ({ providers, model }: Teller) => {
  return [...providers, model].some((name) => ANTHROPIC_OR_BEDROCK.test(name));
};

function isLess(
  whole: number | undefined,
  parts: readonly CallField[],
  tokens: ToldTokens,
): boolean {
  if (whole === undefined) return false;
  let sum = 0;
  for (const part of parts) sum += tokens[part] ?? 0;
  return whole < sum;
}

function isOneOf(tellers: readonly Apart[], { scope = '', providers, isOldAiSdk }: Teller) {
  return tellers.some(({ isOldAiSdk: isOld = false, ...apart }) => {
    if (isOld && !isOldAiSdk) return false;
    const { provider } = apart;
    const isOfProvider = provider === undefined || providers.some((name) => provider.test(name));
    return isOfProvider && (apart.scope?.test(scope) ?? true);
  });
}
