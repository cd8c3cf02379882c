import type { Attributes } from '@opentelemetry/api';
import { MAX_KINDS, OTHER } from '../bounded.js';
import {
  ERROR_TYPE,
  GEN_AI_AGENT_NAME,
  GEN_AI_METRICS,
  GEN_AI_OPERATION_NAME,
  GEN_AI_PROVIDER_NAME,
  GEN_AI_REQUEST_MODEL,
  GEN_AI_RESPONSE_MODEL,
  METRIC_ATTRIBUTES,
  GEN_AI_TOOL_NAME,
} from '../semconv.js';
import { defined } from '../sums.js';
import type { Used } from '../trace/count-usage.js';
import { rowNameOf } from '../trace/row-names.js';
import type { LlmCall, SpanRecord } from '../trace/span-record.js';
import type { ErrorTypes } from './error-types.js';
import type { Instruments, InstrumentSpec } from './instruments.js';
import { Labels } from './labels.js';

const NANOS = 1e9;
/** What a provider that tells no kind of token is counted as. */
const UNKNOWN = 'unknown';
/** What the conventions advise: 10 ms to 82 s for calls and tools, 0.1 s to 410 s for agents. */
const SECONDS = Array.from({ length: 14 }, (_, at) => 0.01 * 2 ** at);
const AGENT_SECONDS = Array.from({ length: 13 }, (_, at) => 0.1 * 2 ** at);
const TOKENS = Array.from({ length: 14 }, (_, at) => 4 ** at);

const USAGE: readonly (readonly [name: string, of: keyof Used, description: string])[] = [
  [GEN_AI_METRICS.inputTokens, 'inputTokens', 'Input tokens, with cached ones.'],
  [GEN_AI_METRICS.outputTokens, 'outputTokens', 'Output tokens, with reasoning.'],
  [GEN_AI_METRICS.cacheReadTokens, 'cacheReadTokens', 'Input tokens from the provider’s cache.'],
  [GEN_AI_METRICS.cacheWriteTokens, 'cacheWriteTokens', 'Input tokens written to that cache.'],
  [GEN_AI_METRICS.reasoningTokens, 'reasoningTokens', 'Output tokens of reasoning.'],
];

const OF_CALLS: Readonly<Record<GenAiNames, readonly InstrumentSpec[]>> = {
  current: [
    duration(GEN_AI_METRICS.inferenceDuration, 'How long calls of models took.', SECONDS),
    duration(GEN_AI_METRICS.embeddingsDuration, 'How long embeddings took.', SECONDS),
    tokens(GEN_AI_METRICS.embeddingsTokens, 'Input tokens of each call.'),
    ...USAGE.map(([name, , description]) => ({ name, unit: '{token}', description })),
  ],
  older: [
    duration(GEN_AI_METRICS.olderDuration, 'How long calls of models took.', SECONDS),
    tokens(GEN_AI_METRICS.olderTokens, 'Tokens of each call.'),
  ],
};

/** Which names of the GenAI conventions: those of v0.1.0, or those before them. */
export type GenAiNames = 'current' | 'older';

export function genAiInstruments(names: GenAiNames): readonly InstrumentSpec[] {
  return [
    ...OF_CALLS[names],
    duration(GEN_AI_METRICS.toolDuration, 'How long tools took.', SECONDS),
    duration(GEN_AI_METRICS.agentDuration, 'How long agents took.', AGENT_SECONDS),
  ];
}

function duration(name: string, description: string, buckets: readonly number[]): InstrumentSpec {
  return { name, unit: 's', description, buckets };
}

function tokens(name: string, description: string): InstrumentSpec {
  return { name, unit: '{token}', description, buckets: TOKENS };
}

/** Records the metrics of the GenAI conventions from the spans of calls, tools and agents. */
export class GenAiMetrics {
  /** Those that come first, and what stands in for all others. */
  readonly #calls = new Labels(2 * MAX_KINDS, {
    [GEN_AI_OPERATION_NAME]: OTHER,
    [GEN_AI_PROVIDER_NAME]: OTHER,
  });
  readonly #tools = new Labels(2 * MAX_KINDS, { [GEN_AI_TOOL_NAME]: OTHER });
  readonly #agents = new Labels(2 * MAX_KINDS, { [GEN_AI_AGENT_NAME]: OTHER });

  constructor(
    private readonly instruments: Instruments,
    private readonly errorTypes: ErrorTypes,
    private readonly names: GenAiNames,
  ) {}

  addSpan(record: SpanRecord, operation: SpanRecord, used: Used | undefined): void {
    // No model was asked.
    if (operation.facts.cacheHit !== undefined) return;
    const isOperation = record === operation;
    const { llmCall, isToolCall } = record.facts;
    const call = used?.call ?? (isOperation ? llmCall : undefined);
    if (call !== undefined) {
      const attributes = this.#attributesOf(call, operation);
      if (isOperation && llmCall !== undefined) {
        this.#record(this.#durationOf(attributes), record, attributes);
      }
      if (used !== undefined) this.#addUsed(used, attributes);
    }
    if (!isOperation || llmCall !== undefined) return;
    const name = rowNameOf(record);
    if (isToolCall === true) {
      const tool = name.replace(/^execute_tool /, '');
      const attributes = this.#tools.get(tool, 0, () => ({ [GEN_AI_TOOL_NAME]: tool }));
      this.#record(GEN_AI_METRICS.toolDuration, record, attributes);
    } else if (name.startsWith('invoke_agent ')) {
      const agent = name.slice('invoke_agent '.length);
      const attributes = this.#agents.get(agent, 0, () => ({ [GEN_AI_AGENT_NAME]: agent }));
      this.#record(GEN_AI_METRICS.agentDuration, record, attributes);
    }
  }

  #durationOf(attributes: Attributes): string {
    if (this.names === 'older') return GEN_AI_METRICS.olderDuration;
    return isEmbeddings(attributes)
      ? GEN_AI_METRICS.embeddingsDuration
      : GEN_AI_METRICS.inferenceDuration;
  }

  #attributesOf({ provider, model, requestModel }: LlmCall, operation: SpanRecord): Attributes {
    const { llmCall } = operation.facts;
    // A call's row is named by its operation and its model.
    const [kind = 'chat'] = llmCall === undefined ? [] : rowNameOf(operation).split(' ', 1);
    const key = `${kind}\n${provider ?? ''}\n${requestModel ?? ''}\n${model ?? ''}`;
    return this.#calls.get(key, 0, () => ({
      [GEN_AI_OPERATION_NAME]: kind,
      [GEN_AI_PROVIDER_NAME]: provider ?? UNKNOWN,
      ...defined({ [GEN_AI_REQUEST_MODEL]: requestModel, [GEN_AI_RESPONSE_MODEL]: model }),
    }));
  }

  #addUsed(used: Used, attributes: Attributes): void {
    if (this.names === 'older') {
      const { inputTokens, outputTokens } = used;
      for (const [type, tokens] of Object.entries({ input: inputTokens, output: outputTokens })) {
        if (tokens === undefined) continue;
        const typed = { ...attributes, [METRIC_ATTRIBUTES.type]: type };
        this.instruments.record(GEN_AI_METRICS.olderTokens, tokens, typed);
      }
      return;
    }
    if (isEmbeddings(attributes)) {
      const { inputTokens = 0 } = used;
      this.instruments.record(GEN_AI_METRICS.embeddingsTokens, inputTokens, attributes);
      return;
    }
    const ofAnyKind = { ...attributes, [METRIC_ATTRIBUTES.modality]: UNKNOWN };
    for (const [name, of] of USAGE) {
      const tokens = used[of];
      if (typeof tokens === 'number') this.instruments.record(name, tokens, ofAnyKind);
    }
  }

  #record(name: string, record: SpanRecord, attributes: Attributes): void {
    const { startNanos, endNanos, errorType } = record;
    const seconds = (endNanos - startNanos) / NANOS;
    const error =
      errorType === undefined ? undefined : { [ERROR_TYPE]: this.errorTypes.of(errorType) };
    this.instruments.record(
      name,
      seconds,
      error === undefined ? attributes : { ...attributes, ...error },
    );
  }
}

function isEmbeddings(attributes: Attributes): boolean {
  return attributes[GEN_AI_OPERATION_NAME] === 'embeddings';
}
