import { defined, sumOf } from '../sums.js';
import { BoundedMap, Largest, MAX_KINDS, OTHER, sortNames } from '../bounded.js';
import { OTHER_WARNING, warningText } from './counted-warning.js';
import { groupName, groupSafely, type GroupName } from '../trace/group-name.js';
import { Insights } from '../insights/insights.js';
import { ModelCalls } from './model-calls.js';
import { Quantiles } from '../durations.js';
import { quantileSeconds, Row } from './row.js';
import { ByName, type RowName } from '../trace/row-names.js';
import { forEachInSlices, runAtOnce, type Sliced } from '../trace/slices.js';
import { NO_FACTS } from '../trace/span-facts.js';
import { SavingsSample } from './savings-sample.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { RankBy, Summary } from '../summary.js';
import { rankRows } from './rank-rows.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';

const NANOS = 1e9;
/** How many of the slowest spans of all are kept. */
export const SLOWEST_OF_ALL = 10;
export const DEFAULT_MAX_ROWS = 1000;
/** Names of spans whose row is remembered, for each row that there may be. */
const NAMES_PER_ROW = 4;

/** What the rows of a ranking are. */
export interface RankingOptions {
  /** Names beyond this many share one row, `(other)`. Default 1,000. */
  readonly maxRows?: number;
  /**
   * Count attempts, and the spans of HTTP clients and of other instrumentations inside LLM calls, toward
   * the row of their operation. Default true.
   */
  readonly fold?: boolean;
  /** Which names share a row; not asked about LLM calls. Default {@link groupName}. */
  readonly groupName?: GroupName;
}

/** What is known of a trace besides its spans. */
export interface TraceContext {
  /** When the trace's time 0 was, in milliseconds since the epoch. */
  readonly originEpochMillis: number;
  /** `true` if spans of it are known to be missing. */
  readonly incomplete?: boolean;
  /** `true` if all of it happened after its local root had ended. */
  readonly late?: boolean;
  /** As it was analyzed with: see `CriticalPathOptions`. */
  readonly toleranceNanos?: number;
}

/** What the caller of {@link Ranking.toSummary} knows and the ranking does not. */
export interface SummaryContext {
  readonly nowEpochMillis: number;
  /** Default `critical`. */
  readonly rankBy?: RankBy;
}

/** How often something was seen. */
interface Counted<T> {
  readonly what: T;
  count: number;
}

function counted<T>(what: T): Counted<T> {
  return { what, count: 0 };
}

/** Collects analyzed traces into rows, in bounded memory, and makes the summary of them. */
export class Ranking {
  readonly #rows: BoundedMap<Row>;
  /** By the names of spans; of LLM calls apart, whose names are no groups. */
  readonly #rowsByName: ByName<Row>;
  readonly #rowsOfCalls: ByName<Row>;
  readonly #fold: boolean;
  readonly #groupName: GroupName;
  readonly #calls = new ModelCalls();
  readonly #errors = new BoundedMap(MAX_KINDS, () => counted({ type: OTHER, segment: OTHER }));
  readonly #warnings = new BoundedMap(MAX_KINDS, () => counted(OTHER_WARNING));
  readonly #services = new BoundedMap(MAX_KINDS, () => OTHER);
  #lastService: string | undefined = undefined;
  readonly #slowest = new Largest<Summary['slowest'][number]>(SLOWEST_OF_ALL, (s) => s.seconds);
  readonly #savings: SavingsSample;
  readonly #insights = new Insights((record) => this.#row(record));
  readonly #latency = new Quantiles();
  #latencyNanos = 0;
  #succeeded = 0;
  #wastedSeconds = 0;
  #traces = { analyzed: 0, incomplete: 0, evicted: 0 };
  #spans = { analyzed: 0, late: 0, dropped: 0 };
  #firstMillis = Infinity;
  #lastMillis = -Infinity;

  constructor(options: RankingOptions = {}) {
    const { maxRows = DEFAULT_MAX_ROWS } = options;
    this.#rows = new BoundedMap(maxRows, () => new Row(OTHER, ''));
    this.#rowsByName = new ByName(NAMES_PER_ROW * maxRows);
    this.#rowsOfCalls = new ByName(NAMES_PER_ROW * maxRows);
    this.#fold = options.fold ?? true;
    this.#groupName = options.groupName ?? groupName;
    this.#savings = new SavingsSample(this.#fold, (record) => keyOfRow(this.#row(record)));
  }

  /** Adds one analyzed trace. */
  addTrace(tree: TraceTree, context: TraceContext): void {
    this.#addRoots(tree, context);
    for (const node of tree.nodes) this.#addNode(node, context);
    this.#addCosts(tree);
    const replay = this.#savings.offer(tree, context);
    if (replay !== undefined) runAtOnce(replay);
    this.#insights.addTrace(tree);
  }

  /** As {@link addTrace}, for large traces. A summary made in between has a part of it. */
  *addInSlices(tree: TraceTree, context: TraceContext): Sliced {
    const { nodes } = tree;
    this.#addRoots(tree, context);
    yield* forEachInSlices(nodes.length, (index) => this.#addNode(nodes[index]!, context));
    yield;
    this.#addCosts(tree);
    const replay = this.#savings.offer(tree, context);
    if (replay !== undefined) yield* replay;
    yield* this.#insights.addInSlices(tree);
  }

  /**
   * Adds a span that is in no tree, because it ended late or did not fit: its call, errors and cost
   * count, its self and critical time are not known.
   *
   * @param operation the record of the operation that the span is a part of, or its own
   */
  addOutside(record: SpanRecord, operation: SpanRecord, why: 'late' | 'dropped'): void {
    this.#spans[why] += 1;
    const { inputTokens, outputTokens, costUsd } = operation.facts;
    const isPart = record !== operation && record.facts.llmCall !== undefined;
    this.#addSpan(record, operation, {
      hasTokensAbove: isPart && (inputTokens !== undefined || outputTokens !== undefined),
      hasCostAbove: isPart && costUsd !== undefined,
      failedAttempt: undefined,
      isInFailedAttempt: false,
    });
  }

  /** Adds the cost of a call that was not known when its trace was added. */
  addLateCost(record: SpanRecord, usd: number): void {
    this.#row(record).cost.add(usd);
    this.#row(record).totalCost.add(usd);
    this.#calls.addLateCost(record, usd);
  }

  /** Counts a trace that was given up before its local root ended. */
  addEvicted(): void {
    this.#traces.evicted += 1;
  }

  /** Counts a sentence of the summary's warnings, as often as there was reason for it. */
  warn(text: string, times = 1): void {
    if (times === 0) return;
    this.#warnings.get(text, () => counted(text)).count += times;
  }

  /** Returns the summary of all that was added so far. */
  toSummary({ nowEpochMillis, rankBy = 'critical' }: SummaryContext): Summary {
    const rows = this.#rows.values();
    const totals = this.#totals(rows);
    const { costUsd, inputTokens } = totals;
    const shares = this.#savings.shares();
    const bottlenecks = rankRows(
      rows.map((row) => row.toBottleneck(this.#latencyNanos, shares.get(keyOfRow(row)))),
      rankBy,
    );
    const totalSeconds = this.#latencyNanos / NANOS;
    const { count } = this.#latency;
    const replayed = this.#savings.size;
    return {
      schemaVersion: 1,
      generatedAt: new Date(nowEpochMillis).toISOString(),
      services: sortNames(this.#services.values()),
      rankedBy: rankBy,
      observedSeconds: Math.max(0, this.#lastMillis - this.#firstMillis) / 1000,
      ...(count > 0 ? { observedFromEpochSeconds: this.#firstMillis / 1000 } : {}),
      traces: { ...this.#traces, ...(replayed === 0 ? {} : { replayed }) },
      spans: { ...this.#spans },
      latency: { count, totalSeconds, ...quantileSeconds(this.#latency) },
      totals,
      bottlenecks,
      slowest: [...this.#slowest.list()],
      models: this.#calls.byModel(),
      errors: this.#errors
        .values()
        .map(({ what, count }) => ({ ...what, count }))
        .sort((a, b) => b.count - a.count),
      insights: this.#insights.list({
        rows: bottlenecks,
        seconds: totalSeconds,
        costUsd,
        inputTokens,
      }),
      warnings: this.#warnings
        .values()
        .map(({ what, count }) => warningText({ text: what, count })),
    };
  }

  #totals(rows: readonly Row[]): Summary['totals'] {
    const sum = (pick: (row: Row) => number | undefined) => sumOf(rows, pick);
    const costUsd = sum((row) => row.cost.value);
    const ended = this.#latency.count;
    return {
      llmCalls: this.#calls.count,
      unpricedCalls: this.#calls.unpriced,
      inputTokens: sum((row) => row.inputTokens.value) ?? 0,
      outputTokens: sum((row) => row.outputTokens.value) ?? 0,
      ...defined({ costUsd }),
      attempts: sum((row) => row.attempts) ?? 0,
      retries: sum((row) => row.retries) ?? 0,
      wastedSeconds: this.#wastedSeconds,
      ...defined({ wastedCostUsd: sum((row) => row.wastedCost.value) }),
      ...this.#calls.cacheFigures(),
      errors: sum((row) => row.errors) ?? 0,
      ...(ended > 0 ? { successRate: this.#succeeded / ended } : {}),
      ...(costUsd !== undefined && this.#succeeded > 0
        ? { costPerSuccessUsd: costUsd / this.#succeeded }
        : {}),
    };
  }

  /** Returns the name of the row that a span counts for. */
  rowOf(record: SpanRecord): RowName {
    return this.#row(record);
  }

  #row(record: SpanRecord): Row {
    const { service, name, facts } = record;
    const rows = facts.llmCall === undefined ? this.#rowsByName : this.#rowsOfCalls;
    const known = rows.get(service, name);
    if (known !== undefined) return known;
    const group =
      facts.llmCall === undefined
        ? groupSafely(name, this.#groupName, (text) => this.warn(text))
        : name;
    const row = this.#rows.get(`${service}\n${group}`, () => new Row(group, service));
    rows.add(service, name, row);
    return row;
  }

  #addRoots(tree: TraceTree, context: TraceContext): void {
    if (tree.roots.length > 0) {
      const lacksSpans = tree.orphans.length > 0 || tree.untimed > 0;
      this.#traces.analyzed += 1;
      if (context.incomplete === true || lacksSpans) this.#traces.incomplete += 1;
    }
    this.warn('a span was there more than once and was counted once', tree.repeated);
    this.warn('a span without a usable start or end was left out', tree.untimed);
    for (const root of tree.roots) this.#addRoot(root, context.originEpochMillis);
  }

  #addRoot(root: SpanNode, originEpochMillis: number): void {
    const { startNanos, endNanos, record } = root;
    this.#latency.add(endNanos - startNanos);
    this.#latencyNanos += endNanos - startNanos;
    if (record.errorType === undefined) this.#succeeded += 1;
    // Centuries away from the origin, rounding may lead to before the epoch.
    const startMillis = Math.max(0, originEpochMillis + startNanos / 1e6);
    this.#firstMillis = Math.min(this.#firstMillis, startMillis);
    this.#lastMillis = Math.max(this.#lastMillis, originEpochMillis + endNanos / 1e6);
  }

  #addNode(node: SpanNode, { late }: TraceContext): void {
    const { record, operation } = node;
    const row = this.#row(this.#fold ? operation : record);
    row.selfNanos += node.selfNanos;
    row.criticalNanos += node.criticalNanos;
    if (node.stillRunning) return;
    this.#spans[late === true ? 'late' : 'analyzed'] += 1;
    if (record.facts === NO_FACTS) {
      this.#addService(record.service);
      // Most spans: neither a call nor a part of one.
      this.#addCall(record, row);
      return;
    }
    this.#addSpan(record, operation, {
      hasTokensAbove: node.hasTokensAbove,
      hasCostAbove: node.hasCostAbove,
      failedAttempt: node.failedAttempt?.operation,
      isInFailedAttempt: node.parent?.failedAttempt !== undefined,
    });
  }

  #addService(service: string): void {
    if (service === this.#lastService) return;
    this.#lastService = service;
    this.#services.get(service, () => service);
  }

  #addCall(record: SpanRecord, row: Row): void {
    row.addCall(record);
    const { name, service, traceId, spanId, errorType } = record;
    const seconds = (record.endNanos - record.startNanos) / NANOS;
    if (this.#slowest.hasRoomFor(seconds)) {
      this.#slowest.offer({ name, service, traceId, spanId, seconds });
    }
    if (errorType === undefined) return;
    const error = { type: errorType, segment: row.name, service: row.service };
    this.#errors.get(`${errorType}\n${keyOfRow(row)}`, () => counted(error)).count += 1;
  }

  /** Adds an ended span, whether it is in a tree or not. */
  #addSpan(record: SpanRecord, operation: SpanRecord, at: Place): void {
    this.#addService(record.service);
    const counted = this.#fold ? operation : record;
    const row = this.#row(counted);
    const { facts } = record;
    const { inputTokens, outputTokens } = at.hasTokensAbove ? NO_FACTS : facts;
    const { costUsd } = at.hasCostAbove ? NO_FACTS : facts;
    row.inputTokens.add(inputTokens);
    row.outputTokens.add(outputTokens);
    row.cost.add(costUsd);
    if (at.failedAttempt !== undefined && costUsd !== undefined) {
      this.#row(at.failedAttempt).wastedCost.add(costUsd);
    }
    const wasted = row.addAttempt(record);
    // What a retry wastes inside a failed attempt of another is that attempt's waste already.
    if (!at.isInFailedAttempt) this.#wastedSeconds += wasted;
    if (record === counted) this.#addCall(record, row);
    if (operation.facts.llmCall !== undefined) {
      this.#calls.add(record, operation, { inputTokens, outputTokens, costUsd });
    }
    for (const text of facts.warnings ?? []) this.warn(text);
  }

  #addCosts(tree: TraceTree): void {
    for (const { record } of tree.nodes) {
      if (record.facts.costUsd === undefined) continue;
      this.#addTotalCosts(tree);
      this.#calls.findPricedByPart(tree);
      return;
    }
  }

  /** Children come after their parents: backwards, each hands on what it and those inside it cost. */
  #addTotalCosts({ nodes }: TraceTree): void {
    const inside = new Map<SpanNode, number>();
    for (const node of [...nodes].reverse()) {
      const own = node.hasCostAbove || node.stillRunning ? undefined : node.record.facts.costUsd;
      const below = inside.get(node);
      if (own === undefined && below === undefined) continue;
      const total = (own ?? 0) + (below ?? 0);
      if (node.parent !== undefined) {
        inside.set(node.parent, (inside.get(node.parent) ?? 0) + total);
      }
      const isCall = !this.#fold || node.operation === node.record;
      if (isCall && !node.stillRunning) this.#row(node.record).totalCost.add(total);
    }
  }
}

/** What is known of the surroundings of a span. */
interface Place extends Pick<SpanNode, 'hasTokensAbove' | 'hasCostAbove'> {
  /** The operation of the innermost failed attempt that the span is or ran inside. */
  readonly failedAttempt: SpanRecord | undefined;
  /** `true` if the span ran inside a failed attempt and is not itself one. */
  readonly isInFailedAttempt: boolean;
}

function keyOfRow({ service, name }: Row): string {
  return `${service}\n${name}`;
}
