import type { Attributes } from '@opentelemetry/api';
import { MAX_KINDS, OTHER } from '../bounded.js';
import {
  GEN_AI_AGENT_NAME,
  GEN_AI_OPERATION_NAME,
  GEN_AI_PROVIDER_NAME,
  GEN_AI_REQUEST_MODEL,
  GEN_AI_RESPONSE_MODEL,
  GEN_AI_TOOL_NAME,
} from '../semconv.js';
import { defined } from '../sums.js';
import type { Used } from '../trace/count-usage.js';
import { rowNameOf } from '../trace/row-names.js';
import type { LlmCall, SpanRecord } from '../trace/span-record.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { agentAround, agentOf, callsOfAgent } from './agent-calls.js';
import type { AttributeSets } from './attribute-sets.js';
import type { Instruments, InstrumentSpec } from './instruments.js';
import { Labels } from './labels.js';

const NANOS = 1e9;
/** What a provider that tells no kind of token is counted as. */
const UNKNOWN = 'unknown';
/** What the conventions advise: 10 ms to 82 s for calls and tools, 0.1 s to 410 s for agents. */
const SECONDS = Array.from({ length: 14 }, (_, at) => 0.01 * 2 ** at);
const AGENT_SECONDS = Array.from({ length: 13 }, (_, at) => 0.1 * 2 ** at);
const TOKENS = Array.from({ length: 14 }, (_, at) => 4 ** at);
const CALLS = Array.from({ length: 8 }, (_, at) => 2 ** at);

const TOOL = histogram('gen_ai.execute_tool.duration', 's', 'How long tools took.', SECONDS);
const AGENT = histogram(
  'gen_ai.invoke_agent.duration',
  's',
  'How long agents took.',
  AGENT_SECONDS,
);
const AGENT_INFERENCES = histogram(
  'gen_ai.invoke_agent.inference_calls',
  '{inference_call}',
  'Calls of models by an agent, in one invocation.',
  CALLS,
);
const AGENT_TOOLS = histogram(
  'gen_ai.invoke_agent.tool_calls',
  '{tool_call}',
  'Calls of tools by an agent, in one invocation.',
  CALLS,
);
const EMBEDDINGS = histogram(
  'gen_ai.client.embeddings.duration',
  's',
  'How long embeddings took.',
  SECONDS,
);
const EMBEDDINGS_TOKENS = tokens(
  'gen_ai.client.embeddings.operation.input_tokens',
  'Input tokens of each call.',
);
const OLDER_TOKENS = tokens('gen_ai.client.token.usage', 'Tokens of each call.');
const CALL_SECONDS = 'How long calls of models took.';
const FIRST_CHUNK = 'Time to the first content of a stream.';
const CALLS_BY_NAMES = {
  current: {
    duration: histogram('gen_ai.client.inference.duration', 's', CALL_SECONDS, SECONDS),
    firstChunk: histogram('gen_ai.client.inference.time_to_first_chunk', 's', FIRST_CHUNK, SECONDS),
  },
  older: {
    duration: histogram('gen_ai.client.operation.duration', 's', CALL_SECONDS, SECONDS),
    firstChunk: histogram('gen_ai.client.operation.time_to_first_chunk', 's', FIRST_CHUNK, SECONDS),
  },
} as const;

const USAGE: readonly (readonly [of: keyof Used, spec: InstrumentSpec])[] = [
  [
    'inputTokens',
    counter('gen_ai.client.inference.usage.input_tokens', 'Input tokens, with cached ones.'),
  ],
  [
    'outputTokens',
    counter('gen_ai.client.inference.usage.output_tokens', 'Output tokens, with reasoning.'),
  ],
  [
    'cacheReadTokens',
    counter(
      'gen_ai.client.inference.usage.cache_read.input_tokens',
      'Input tokens from the provider’s cache.',
    ),
  ],
  [
    'cacheWriteTokens',
    counter(
      'gen_ai.client.inference.usage.cache_write.input_tokens',
      'Input tokens written to that cache.',
    ),
  ],
  [
    'reasoningTokens',
    counter('gen_ai.client.inference.usage.reasoning.output_tokens', 'Output tokens of reasoning.'),
  ],
];

/** Which names of the GenAI conventions: those of v0.1.0, or those before them. */
export type GenAiNames = keyof typeof CALLS_BY_NAMES;

function histogram(
  name: string,
  unit: string,
  description: string,
  buckets: readonly number[],
): InstrumentSpec {
  return { name, unit, description, buckets };
}

function tokens(name: string, description: string): InstrumentSpec {
  return histogram(name, '{token}', description, TOKENS);
}

function counter(name: string, description: string): InstrumentSpec {
  return { name, unit: '{token}', description };
}

/** The attributes of calls of one model. */
interface CallSeries {
  readonly call: Pick<LlmCall, 'provider' | 'model' | 'requestModel'>;
  readonly attributes: Attributes;
  readonly ofTokens: Attributes;
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

  /** By the name of the row: most calls are of the model of the one before. */
  readonly #last = new Map<string, CallSeries>();

  constructor(
    private readonly instruments: Instruments,
    private readonly sets: AttributeSets,
    private readonly names: GenAiNames,
  ) {}

  /** @param at where the span is in its trace */
  addSpan(record: SpanRecord, operation: SpanRecord, at: Partial<SpanNode>): void {
    // No model was asked.
    if (operation.facts.cacheHit !== undefined) return;
    const isOperation = record === operation;
    const { llmCall } = record.facts;
    const call = at.used?.call ?? (isOperation ? llmCall : undefined);
    if (call !== undefined) {
      const series = this.#seriesOf(call, operation);
      if (isOperation && llmCall !== undefined) this.#addCall(record, series.attributes);
      if (at.used !== undefined) this.#addUsed(at.used, series);
    }
    if (isOperation && llmCall === undefined) this.#addPart(record, at);
  }

  #addCall(record: SpanRecord, attributes: Attributes): void {
    const { firstChunk, duration } = CALLS_BY_NAMES[this.names];
    const isEmbedding = this.names === 'current' && isEmbeddings(attributes);
    this.#addDuration(isEmbedding ? EMBEDDINGS : duration, record, attributes);
    const { firstTokenSeconds } = record.facts;
    if (firstTokenSeconds !== undefined) {
      this.instruments.record(firstChunk, firstTokenSeconds, attributes);
    }
  }

  /** A tool or an agent. */
  #addPart(record: SpanRecord, at: Partial<SpanNode>): void {
    if (record.facts.isToolCall === true) {
      const tool = rowNameOf(record).replace(/^execute_tool /, '');
      const agent = agentAround(at);
      const attributes = this.#tools.get(`${tool}\n${agent ?? ''}`, 0, () =>
        defined({ [GEN_AI_TOOL_NAME]: tool, [GEN_AI_AGENT_NAME]: agent }),
      );
      this.#addDuration(TOOL, record, attributes);
      return;
    }
    const agent = agentOf(record);
    if (agent === undefined) return;
    const attributes = this.#agents.get(agent, 0, () => ({ [GEN_AI_AGENT_NAME]: agent }));
    this.#addDuration(AGENT, record, attributes);
    const { inferences, tools } = callsOfAgent(at);
    this.instruments.record(AGENT_INFERENCES, inferences, attributes);
    this.instruments.record(AGENT_TOOLS, tools, attributes);
  }

  #seriesOf(call: LlmCall, operation: SpanRecord): CallSeries {
    const name = operation.facts.llmCall === undefined ? '' : rowNameOf(operation);
    const last = this.#last.get(name);
    if (last !== undefined && isSameModel(last.call, call)) return last;
    const { provider, model, requestModel } = call;
    // A call's row is named by its operation and its model.
    const [kind = ''] = name.split(' ', 1);
    const key = `${kind}\n${provider ?? ''}\n${requestModel ?? ''}\n${model ?? ''}`;
    const attributes = this.#calls.get(key, 0, () => ({
      [GEN_AI_OPERATION_NAME]: kind || 'chat',
      [GEN_AI_PROVIDER_NAME]: provider ?? UNKNOWN,
      ...defined({ [GEN_AI_REQUEST_MODEL]: requestModel, [GEN_AI_RESPONSE_MODEL]: model }),
    }));
    const ofTokens = this.sets.with(attributes, 'gen_ai.token.modality', UNKNOWN);
    const series = { call: { provider, model, requestModel }, attributes, ofTokens };
    if (last !== undefined || this.#last.size < MAX_KINDS) this.#last.set(name, series);
    return series;
  }

  #addUsed(used: Used, { attributes, ofTokens }: CallSeries): void {
    if (this.names === 'older') {
      const { inputTokens, outputTokens } = used;
      for (const [type, value] of Object.entries({ input: inputTokens, output: outputTokens })) {
        if (value === undefined) continue;
        const series = this.sets.with(attributes, 'gen_ai.token.type', type);
        this.instruments.record(OLDER_TOKENS, value, series);
      }
      return;
    }
    if (isEmbeddings(attributes)) {
      this.instruments.record(EMBEDDINGS_TOKENS, used.inputTokens ?? 0, attributes);
      return;
    }
    for (const [of, spec] of USAGE) {
      const value = used[of];
      if (typeof value === 'number') this.instruments.record(spec, value, ofTokens);
    }
  }

  #addDuration(spec: InstrumentSpec, record: SpanRecord, attributes: Attributes): void {
    const { startNanos, endNanos, errorType } = record;
    const series = this.sets.withError(attributes, errorType);
    this.instruments.record(spec, (endNanos - startNanos) / NANOS, series);
  }
}

function isSameModel(a: CallSeries['call'], b: CallSeries['call']): boolean {
  return a.model === b.model && a.requestModel === b.requestModel && a.provider === b.provider;
}

function isEmbeddings(attributes: Attributes): boolean {
  return attributes[GEN_AI_OPERATION_NAME] === 'embeddings';
}
