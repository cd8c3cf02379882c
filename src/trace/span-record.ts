import type { CostByKind } from '../cost/cost-kinds.js';
import type { UsageDetails } from '../cost/token-usage.js';
import type { AttemptOutcome } from '../semconv.js';

export type SpanKindName = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Of one logical call of a model. */
export interface LlmCall {
  readonly provider: string | undefined;
  /** The one that answered, or else the one that was asked for. */
  readonly model: string | undefined;
  readonly requestModel: string | undefined;
  /** The provider's id of the answer: spans with the same one are of one call. */
  readonly responseId?: string;
  /** The instrumentation that reports it, if it is known. */
  readonly reporter?: string | undefined;
}

/** What calls of models used and cost. */
export interface CallFigures {
  /** With cached tokens. */
  readonly inputTokens?: number;
  /** With reasoning. */
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
  /** Tokens of other kinds, and how they were sold. Present on few spans. */
  readonly usageDetails?: UsageDetails;
  /** From the start of the call to the first content of its stream. */
  readonly firstTokenSeconds?: number;
  readonly costUsd?: number;
  /** Present when hotspan computed `costUsd` from the tokens, so that a cost that another span brings is better. */
  readonly isCostComputed?: true;
  /** What the cost is for. Present where hotspan computed it as the span ended. */
  readonly costByKind?: CostByKind | undefined;
  /** What is not in `costUsd`, such as `web_search`. */
  readonly costExcludes?: readonly string[];
}

/** Who made a stream wait, as `hotspan.stream.turns` tells it. */
export interface StreamFacts {
  /** How long the stream took to be there; it belongs to its source, as all turns at even places. */
  readonly turnsNanos: readonly number[];
  /** How many turns each of the others stands for. */
  readonly perTurn: number;
  /** The span that read it, unless that is its parent. */
  readonly readerSpanId?: string;
}

/** What the analysis needs from the attributes of a span. What is not there, or not usable, is absent. */
export interface SpanFacts extends CallFigures {
  /** Present when the span is one logical call of a model. */
  readonly llmCall?: LlmCall;
  /** Present when the span may hold the calls of one model, as `ai.generateText` of the AI SDK does, or be a stage of one. */
  readonly callWrapper?: { readonly model: string | undefined };
  /**
   * Present when the span is no certain call and tells tokens of a model, or a cost: an agent's sums, or a call that its
   * instrumentation names in its own way. They are facts of the span where no span inside it tells of a call, and
   * are known already where one does. Without `llmCall` there is a cost alone.
   */
  readonly ifAlone?:
    (CallFigures & { readonly llmCall?: LlmCall; readonly rowName?: string }) | undefined;
  /** Present when a cache answered, and no model was asked. */
  readonly cacheHit?: { readonly savedUsd?: number; readonly savedSeconds: number };
  /** Present when the span is one attempt of a retried operation. */
  readonly attempt?: {
    /** From 1. */
    readonly number: number;
    readonly outcome: AttemptOutcome | undefined;
    readonly backoffSeconds: number;
    readonly timeoutSeconds?: number;
  };
  /** A hash of provider, model, operation and input: LLM calls, or calls of a tool, with the same one asked the same. */
  readonly inputHash?: string;
  /** Present when a stream was read, and its reader took a part of the time. */
  readonly stream?: StreamFacts;
  readonly isToolCall?: true;
  /** The conversation that an LLM call, or an agent, is part of. */
  readonly sessionId?: string;
  /** Present where the platform says that an instance was started for it. */
  readonly isColdStart?: true;
  /** How long nothing else could run, without the spans inside that tell of it themselves. */
  readonly blockedSeconds?: number;
  /** Present when its own time is no work. */
  readonly isIdle?: true;
  /** The siblings that it waited for, by name, whatever the clock says. */
  readonly after?: readonly string[];
  /** What to call its row, where its attributes tell more than its name. */
  readonly rowName?: string;
  readonly isHttpClient?: true;
  /** Present on a span of DNS, TCP or TLS. */
  readonly isConnection?: true;
  /** Present on a request of the Model Context Protocol, on the side of its client. */
  readonly isMcpRequest?: true;
  /** The host that an HTTP request or an LLM call goes to, if it is known. */
  readonly address?: string;
  /** Present on an HTTP request whose address is that of a model's API. */
  readonly asksModelApi?: true;
  /** Whether clients send an HTTP request again after its status; absent where that is not known. */
  readonly mayBeSentAgain?: boolean;
  /** How often the request of an LLM call was sent before; absent for the first time. */
  readonly resends?: number;
  /** The values that spans are grouped by, one for each attribute that was asked for. */
  readonly by?: readonly (string | undefined)[];
  /** Data from outside that was left out, one sentence each. */
  readonly warnings?: readonly string[];
}

/** Shared by most spans. */
export const NO_FACTS: SpanFacts = Object.freeze({});

/**
 * Returns facts with others added, which count where both tell. A spread would do the same, but V8 gives each copy of
 * objects of several shapes a shape of its own, which slows down all that reads it.
 */
export function addFacts(facts: SpanFacts, added: SpanFacts): SpanFacts {
  const all: Record<string, unknown> = {};
  for (const name in facts) all[name] = facts[name as keyof SpanFacts];
  for (const name in added) all[name] = added[name as keyof SpanFacts];
  return all;
}

/** One ended span, as plain data. Times are nanoseconds relative to the trace's own start. */
export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly parentIsRemote: boolean;
  /** `true` if the parent only led to it and did not wait: Jaeger's `FOLLOWS_FROM`. */
  readonly followsFrom?: true;
  readonly name: string;
  readonly service: string;
  readonly kind: SpanKindName;
  readonly startNanos: number;
  readonly endNanos: number;
  /** The class of the error that the span ended with. */
  readonly errorType: string | undefined;
  readonly facts: SpanFacts;
}
