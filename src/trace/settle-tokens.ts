import type { CallField } from '../call-attributes.js';
import { sumOf } from '../sums.js';

/** The tokens of one call, as they are told. */
export type ToldTokens = Partial<Record<CallField, number>>;

/** Who tells them. */
export interface Teller {
  /** The name of the instrumentation, if it is known. */
  readonly scope: string | undefined;
  readonly provider: string | undefined;
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
  // In Python its instrumentation of Anthropic adds them, that of Bedrock does not.
  { scope: /^opentelemetry\.instrumentation\.bedrock/ },
  { scope: /^openlit/, provider: ANTHROPIC_OR_BEDROCK },
  { isOldAiSdk: true, provider: ANTHROPIC_OR_BEDROCK },
];
const REASONING_APART: readonly Apart[] = [
  { scope: /^@traceloop\/instrumentation-google/ },
  { scope: /^(?:openlit|gcp\.vertex\.agent)/, provider: GOOGLE },
  { isOldAiSdk: true, provider: GOOGLE },
];

/** Parts that must not be more than their whole. */
const PARTS: readonly (readonly [parts: readonly CallField[], whole: CallField])[] = [
  [['inputAudioTokens', 'inputImageTokens', 'inputVideoTokens'], 'inputTokens'],
  [['cacheReadAudioTokens', 'cacheReadImageTokens'], 'cacheReadTokens'],
  [['outputAudioTokens', 'outputImageTokens'], 'outputTokens'],
  [['inputTokens'], 'totalTokens'],
  [['outputTokens'], 'totalTokens'],
];

/**
 * Makes each figure include its parts, whoever tells it. A total shows how it is meant; else it is known of the
 * instrumentation; and parts that are more than their whole can only be beside it.
 *
 * @returns the whole that is less than its parts, if there is one
 */
export function settleTokens(tokens: ToldTokens, teller: Teller): CallField | undefined {
  const { cacheWriteFiveMinuteTokens: short = 0, cacheWriteOneHourTokens: long = 0 } = tokens;
  // LangChain tells the whole as 0 where it knows the parts.
  if (short + long > (tokens.cacheWriteTokens ?? 0)) tokens.cacheWriteTokens = short + long;
  const wrong = PARTS.find(([parts, whole]) => isLess(tokens[whole], parts, tokens))?.[1];
  if (wrong !== undefined) return wrong;

  const { inputTokens: input, outputTokens: output, totalTokens: total } = tokens;
  const cached = (tokens.cacheReadTokens ?? 0) + (tokens.cacheWriteTokens ?? 0);
  const reasoning = tokens.reasoningTokens ?? 0;
  const beside = total === undefined ? 0 : total - (input ?? 0) - (output ?? 0);
  const isGoogle = GOOGLE.test(teller.provider ?? '');
  const isReasoning = beside > 0 && beside === reasoning && (isGoogle || beside !== cached);
  const isCached = beside > 0 && beside === cached && !isReasoning;
  const isBoth = beside > 0 && beside === cached + reasoning;

  if (input !== undefined && cached > 0) {
    const isApart = isCached || isBoth || cached > input || isOneOf(CACHED_APART, teller);
    if (isApart) tokens.inputTokens = input + cached;
  }
  if (output !== undefined && (beside > 0 || reasoning > 0)) {
    const isTold = isReasoning || isBoth || reasoning > output;
    const isKnown = total === undefined && isOneOf(REASONING_APART, teller);
    if (isTold || isKnown) tokens.outputTokens = output + reasoning;
    // Google's total has the thoughts, also where nothing else tells of them.
    else if (beside > 0 && isGoogle && !isCached) tokens.outputTokens = output + beside;
  }
  return undefined;
}

function isLess(
  whole: number | undefined,
  parts: readonly CallField[],
  tokens: ToldTokens,
): boolean {
  return whole !== undefined && whole < (sumOf(parts, (part) => tokens[part]) ?? 0);
}

function isOneOf(tellers: readonly Apart[], { scope = '', provider = '', isOldAiSdk }: Teller) {
  return tellers.some((apart) => {
    if (apart.isOldAiSdk === true && !isOldAiSdk) return false;
    return (apart.scope?.test(scope) ?? true) && (apart.provider?.test(provider) ?? true);
  });
}
