/** Tokens of one request to a model. An unknown figure is absent. */
export interface TokenUsage {
  /** All input tokens, cached ones included. */
  readonly inputTokens?: number;
  /** All output tokens, reasoning included. */
  readonly outputTokens?: number;
  /** The part of `inputTokens` that was read from the provider's cache. */
  readonly cacheReadTokens?: number;
  /** The part of `inputTokens` that was written to the provider's cache. */
  readonly cacheWriteTokens?: number;
  /** The part of `cacheWriteTokens` that is cached for an hour, at a higher price. */
  readonly cacheWriteOneHourTokens?: number;
  /** The part of `outputTokens` that the model used for reasoning. */
  readonly reasoningTokens?: number;
  /** The part of `inputTokens` that was audio. */
  readonly inputAudioTokens?: number;
  /** The part of `inputTokens` that was images. */
  readonly inputImageTokens?: number;
  /** The part of `inputTokens` that was video. */
  readonly inputVideoTokens?: number;
  /** The part of `cacheReadTokens` that was audio, and so also a part of `inputAudioTokens`. */
  readonly cacheReadAudioTokens?: number;
  /** The part of `cacheReadTokens` that was images, and so also a part of `inputImageTokens`. */
  readonly cacheReadImageTokens?: number;
  /** The part of `outputTokens` that was audio. */
  readonly outputAudioTokens?: number;
  /** The part of `outputTokens` that was images. */
  readonly outputImageTokens?: number;
  /** Seconds of audio, where a provider bills a transcription by time. */
  readonly audioSeconds?: number;
  /** Searches over documents, where a provider bills a reranking by them. */
  readonly searchUnits?: number;
  /** Searches of the web that the model made. */
  readonly webSearches?: number;
  /** How the provider sold the request, such as `flex`, `batch` or `priority`. */
  readonly serviceTier?: string;
  /** `fast` for Anthropic's fast mode. */
  readonly speed?: string;
  /** Where the model ran, if the provider bills that: `us` at Anthropic. */
  readonly inferenceGeo?: string;
  /** The model of this request, if it is another than the one that was asked, such as an advisor. */
  readonly model?: string;
  /** The cost as the provider reports it, in USD. */
  readonly reportedCostUsd?: number;
}

/** Of several requests, which cost the same together as one by one. */
export interface SummedUsage extends TokenUsage {
  /** The input of the largest of them: prices may depend on the size of a request. */
  readonly largestInputTokens?: number | undefined;
}

/** What few requests have. */
export type UsageDetails = Omit<
  TokenUsage,
  | 'inputTokens'
  | 'outputTokens'
  | 'cacheReadTokens'
  | 'cacheWriteTokens'
  | 'reasoningTokens'
  | 'model'
  | 'reportedCostUsd'
>;
