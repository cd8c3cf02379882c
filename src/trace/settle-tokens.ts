import type { CallField } from '../call-attributes.js';
import { sumOf } from '../sums.js';

/** The tokens of one call, as they are told. */
export type ToldTokens = Partial<Record<CallField, number>>;

/** Who tells them. */
export interface Teller {
  /** The name of the instrumentation, if it is known. */
  readonly scope: string | undefined;
  readonly provider: string;
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
}

/** Parts that must not be more than their whole. */
const PARTS: readonly (readonly [parts: readonly CallField[], whole: CallField])[] = [
  [['cacheReadTokens', 'cacheWriteTokens'], 'inputTokens'],
  [['reasoningTokens'], 'outputTokens'],
  [['inputAudioTokens', 'inputImageTokens', 'inputVideoTokens'], 'inputTokens'],
  [['cacheReadAudioTokens', 'cacheReadImageTokens'], 'cacheReadTokens'],
  [['outputAudioTokens', 'outputImageTokens'], 'outputTokens'],
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
  const { inputTokens: input, outputTokens: output, totalTokens: total } = tokens;
  const cached = (tokens.cacheReadTokens ?? 0) + (tokens.cacheWriteTokens ?? 0);
  const reasoning = tokens.reasoningTokens ?? 0;
  const beside = total === undefined ? 0 : total - (input ?? 0) - (output ?? 0);
  const isGoogle = GOOGLE.test(teller.provider) || /^(?:models\/)?gemini/.test(teller.model);
  const isBesideInput = ANTHROPIC_OR_BEDROCK.test(teller.provider + teller.model);
  const isReasoning = beside > 0 && beside === reasoning && (isGoogle || beside !== cached);
  const isCached = beside > 0 && beside === cached && !isReasoning;
  const isBoth = beside > 0 && beside === cached + reasoning;

  if (input !== undefined && cached > 0) {
    const isMore = cached > input && isBesideInput;
    const isApart = isCached || isBoth || isMore || isOneOf(CACHED_APART, teller);
    if (isApart) tokens.inputTokens = input + cached;
  }
  if (output !== undefined && reasoning > 0) {
    const isKnown = total === undefined && isOneOf(REASONING_APART, teller);
    const isMore = reasoning > output && isGoogle;
    if (isReasoning || isBoth || isMore || isKnown) tokens.outputTokens = output + reasoning;
  }
  const wrong = PARTS.find(([parts, whole]) => isLess(tokens[whole], parts, tokens));
  if (wrong !== undefined) return { isWrong: true, text: `more ${wrong[0][0]} than ${wrong[1]}` };
  return beside > 0 && !(isReasoning || isCached || isBoth)
    ? addRest(tokens, beside, isGoogle, isBesideInput)
    : undefined;
}

/** What only the total tells. */
function addRest(
  tokens: ToldTokens,
  rest: number,
  isGoogle: boolean,
  isBesideInput: boolean,
): Doubt | undefined {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = tokens;
  // Google's thoughts.
  if (isGoogle && outputTokens !== undefined) tokens.outputTokens = outputTokens + rest;
  const isCached = isBesideInput && (cacheReadTokens ?? cacheWriteTokens) === undefined;
  if (!isCached || inputTokens === undefined) return undefined;
  tokens.inputTokens = inputTokens + rest;
  return { isWrong: false, text: `${rest} tokens that only the total tells: priced as input` };
}

function isLess(
  whole: number | undefined,
  parts: readonly CallField[],
  tokens: ToldTokens,
): boolean {
  return whole !== undefined && whole < (sumOf(parts, (part) => tokens[part]) ?? 0);
}

function isOneOf(tellers: readonly Apart[], { scope = '', provider, isOldAiSdk }: Teller) {
  return tellers.some((apart) => {
    if (apart.isOldAiSdk === true && !isOldAiSdk) return false;
    return (apart.scope?.test(scope) ?? true) && (apart.provider?.test(provider) ?? true);
  });
}
