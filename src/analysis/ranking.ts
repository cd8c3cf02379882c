import { BoundedMap, Largest, OTHER } from './bounded.js';
import { Quantiles } from './quantiles.js';
import { defined, OptionalSum, quantileSeconds, Row } from './row.js';
import type { SpanRecord } from './span-record.js';
import { rankRows, type ModelUsage, type RankBy, type Summary } from './summary.js';
import type { SpanNode, TraceTree } from './trace-tree.js';

const NANOS = 1e9;
const SLOWEST_OF_ALL = 10;
/** Of each: models, kinds of errors, warnings. */
const MAX_KINDS = 100;

/** How many rows a ranking keeps. */
export interface RankingOptions {
  /** Names beyond this many share one row, `(other)`. Default 1,000. */
  readonly maxRows?: number;
}

/** What is known of a trace besides its spans. */
export interface TraceContext {
  /** When the trace's time 0 was, in milliseconds since the epoch. */
  readonly originEpochMillis: number;
  /** Whether spans of it are known to be missing. */
  readonly incomplete?: boolean;
  /** Whether all of it happened after its local root had ended. */
  readonly late?: boolean;
}

/** What the caller of {@link Ranking.toSummary} knows and the ranking does not. */
export interface SummaryContext {
  /** The present, in milliseconds since the epoch. */
  readonly nowEpochMillis: number;
  /** Default `critical`. */
  readonly rankBy?: RankBy;
}

/** The figures of one model while they are collected. */
class Model {
  calls = 0;
  errors = 0;
  inputTokens = 0;
  outputTokens = 0;
  readonly cost = new OptionalSum();

  constructor(
    readonly provider: string | undefined,
    readonly model: string | undefined,
  ) {}
}

/** How often something was seen. */
interface Counted<T> {
  readonly what: T;
  count: number;
}

function counted<T>(what: T): Counted<T> {
  return { what, count: 0 };
}

/**
 * Collects analyzed traces into rows, in bounded memory, and makes the summary of them. Pure: it has
 * no clock and does no I/O.
 */
export class Ranking {
  readonly #rows: BoundedMap<Row>;
  readonly #models = new BoundedMap(MAX_KINDS, () => new Model(undefined, OTHER));
  readonly #errors = new BoundedMap(MAX_KINDS, () => counted({ type: OTHER, segment: OTHER }));
  readonly #warnings = new BoundedMap(MAX_KINDS, () => counted('further warnings of other kinds'));
  readonly #services = new BoundedMap(MAX_KINDS, () => OTHER);
  readonly #slowest = new Largest<Summary['slowest'][number]>(SLOWEST_OF_ALL, (s) => s.seconds);
  readonly #latency = new Quantiles();
  #latencyNanos = 0;
  #succeeded = 0;
  #failed = 0;
  #llmCalls = 0;
  #unpriced = 0;
  #wastedSeconds = 0;
  #traces = { analyzed: 0, incomplete: 0, evicted: 0 };
  #spans = { analyzed: 0, late: 0, dropped: 0 };
  #firstMillis = Infinity;
  #lastMillis = -Infinity;

  constructor(options: RankingOptions = {}) {
    this.#rows = new BoundedMap(options.maxRows ?? 1000, () => new Row(OTHER, ''));
  }

  /** Adds one analyzed trace. */
  addTrace(tree: TraceTree, context: TraceContext): void {
    if (tree.roots.length > 0) {
      const { incomplete = false } = context;
      this.#traces.analyzed += 1;
      if (incomplete || tree.orphans.length > 0 || tree.dropped > 0) this.#traces.incomplete += 1;
    }
    this.#spans.dropped += tree.dropped;
    for (const root of tree.roots) this.#addRoot(root, context.originEpochMillis);
    const pricedByPart = operationsWithPricedPart(tree);
    for (const node of tree.nodes) {
      this.#addNode(node);
      if (pricedByPart?.has(node.record) === true && isUnpriced(node.record)) this.#unpriced -= 1;
      if (!node.stillRunning) this.#spans[context.late === true ? 'late' : 'analyzed'] += 1;
    }
  }

  /**
   * Adds a span that is in no tree, because it ended late or did not fit: its call, errors and cost
   * count, its self and critical time are not known.
   *
   * @param operation the record of the operation that the span is a part of, or its own
   */
  addOutside(record: SpanRecord, operation: SpanRecord, why: 'late' | 'dropped'): void {
    this.#spans[why] += 1;
    this.#addSpan(record, operation, this.#row(operation));
  }

  /** Counts a trace that was given up before its local root ended. */
  addEvicted(): void {
    this.#traces.evicted += 1;
  }

  /** Counts a sentence for the summary's warnings. */
  warn(text: string): void {
    this.#warnings.get(text, () => counted(text)).count += 1;
  }

  /** The summary of all that was added so far. */
  toSummary(context: SummaryContext): Summary {
    const rankBy = context.rankBy ?? 'critical';
    const rows = this.#rows.values();
    const sum = (pick: (row: Row) => number) => rows.reduce((total, row) => total + pick(row), 0);
    const sumOf = (pick: (row: Row) => OptionalSum) => {
      const total = new OptionalSum();
      for (const row of rows) total.add(pick(row).value);
      return total.value;
    };
    const costUsd = sumOf((row) => row.cost);
    const ended = this.#succeeded + this.#failed;
    return {
      schemaVersion: 1,
      generatedAt: new Date(context.nowEpochMillis).toISOString(),
      services: this.#services.values(),
      rankedBy: rankBy,
      observedSeconds: Math.max(0, this.#lastMillis - this.#firstMillis) / 1000,
      traces: { ...this.#traces },
      spans: { ...this.#spans },
      latency: {
        count: this.#latency.count,
        totalSeconds: this.#latencyNanos / NANOS,
        ...quantileSeconds(this.#latency),
      },
      totals: {
        llmCalls: this.#llmCalls,
        unpricedCalls: this.#unpriced,
        inputTokens: sumOf((row) => row.inputTokens) ?? 0,
        outputTokens: sumOf((row) => row.outputTokens) ?? 0,
        ...defined({ costUsd }),
        attempts: sum((row) => row.attempts),
        retries: sum((row) => row.retries),
        wastedSeconds: this.#wastedSeconds,
        ...defined({ wastedCostUsd: sumOf((row) => row.wastedCost) }),
        errors: sum((row) => row.errors),
        ...(ended > 0 ? { successRate: this.#succeeded / ended } : {}),
        ...(costUsd !== undefined && this.#succeeded > 0
          ? { costPerSuccessUsd: costUsd / this.#succeeded }
          : {}),
      },
      bottlenecks: rankRows(
        rows.map((row) => row.toBottleneck(this.#latencyNanos)),
        rankBy,
      ),
      slowest: [...this.#slowest.list()],
      models: this.#models.values().map(toModelUsage),
      errors: this.#errors
        .values()
        .map(({ what, count }) => ({ ...what, count }))
        .sort((a, b) => b.count - a.count),
      warnings: this.#warnings
        .values()
        .map(({ what, count }) => (count === 1 ? what : `${what} (${count} times)`)),
    };
  }

  #row({ service, name }: SpanRecord): Row {
    return this.#rows.get(`${service}\n${name}`, () => new Row(name, service));
  }

  #addRoot(root: SpanNode, originEpochMillis: number): void {
    const { startNanos, endNanos, record } = root;
    this.#latency.add(endNanos - startNanos);
    this.#latencyNanos += endNanos - startNanos;
    if (record.errorType === undefined) this.#succeeded += 1;
    else this.#failed += 1;
    this.#firstMillis = Math.min(this.#firstMillis, originEpochMillis + startNanos / 1e6);
    this.#lastMillis = Math.max(this.#lastMillis, originEpochMillis + endNanos / 1e6);
  }

  #addNode(node: SpanNode): void {
    const row = this.#row(node.operation);
    row.selfNanos += node.selfNanos;
    row.criticalNanos += node.criticalNanos;
    if (!node.stillRunning) this.#addSpan(node.record, node.operation, row, node.inFailedAttempt);
  }

  /** What every ended span adds, whether it is in a tree or not. */
  #addSpan(record: SpanRecord, operation: SpanRecord, row: Row, inFailedAttempt = false): void {
    this.#services.get(record.service, () => record.service);
    const isRepeated = repeatsUsage(record, operation);
    if (!isRepeated) row.addUsage(record);
    const wasted = row.addAttempt(record);
    // What a retry wastes inside a failed attempt of another is that attempt's waste already.
    if (!inFailedAttempt) this.#wastedSeconds += wasted;
    if (record === operation) {
      row.addCall(record);
      this.#offerSlowest(record);
      this.#countError(record);
    }
    if (operation.facts.llmCall !== undefined && !isRepeated) this.#addToModel(record, operation);
    for (const text of record.facts.warnings ?? []) this.warn(text);
  }

  #offerSlowest({ name, service, traceId, spanId, startNanos, endNanos }: SpanRecord): void {
    const seconds = (endNanos - startNanos) / NANOS;
    if (!this.#slowest.hasRoomFor(seconds)) return;
    this.#slowest.offer({ name, service, traceId, spanId, seconds });
  }

  #countError({ errorType, name }: SpanRecord): void {
    if (errorType === undefined) return;
    const make = () => counted({ type: errorType, segment: name });
    this.#errors.get(`${errorType}\n${name}`, make).count += 1;
  }

  #addToModel(record: SpanRecord, operation: SpanRecord): void {
    const { provider, model } = operation.facts.llmCall ?? {};
    const key = `${provider ?? ''}\n${model ?? ''}`;
    const usage = this.#models.get(key, () => new Model(provider, model));
    usage.inputTokens += record.facts.inputTokens ?? 0;
    usage.outputTokens += record.facts.outputTokens ?? 0;
    usage.cost.add(record.facts.costUsd);
    if (record !== operation) return;
    this.#llmCalls += 1;
    usage.calls += 1;
    if (record.errorType !== undefined) usage.errors += 1;
    else if (isUnpriced(record)) this.#unpriced += 1;
  }
}

function isUnpriced({ facts, errorType }: SpanRecord): boolean {
  return facts.llmCall !== undefined && errorType === undefined && facts.costUsd === undefined;
}

/** The LLM calls with a priced span of the same call inside; mostly there are none. */
function operationsWithPricedPart(tree: TraceTree): Set<SpanRecord> | undefined {
  let operations: Set<SpanRecord> | undefined;
  for (const { record, operation, stillRunning } of tree.nodes) {
    if (record === operation || stillRunning) continue;
    const { llmCall, costUsd } = record.facts;
    if (llmCall !== undefined && costUsd !== undefined) (operations ??= new Set()).add(operation);
  }
  return operations;
}

/** Whether a span reports the usage of its operation once more, as another instrumentation would. */
function repeatsUsage(record: SpanRecord, operation: SpanRecord): boolean {
  if (record === operation || record.facts.llmCall === undefined) return false;
  const { inputTokens, outputTokens, costUsd } = operation.facts;
  return inputTokens !== undefined || outputTokens !== undefined || costUsd !== undefined;
}

function toModelUsage({ provider, model, cost, ...counts }: Model): ModelUsage {
  return { ...defined({ provider, model }), ...counts, ...defined({ costUsd: cost.value }) };
}
