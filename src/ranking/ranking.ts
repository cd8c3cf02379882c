import { defined, sumOf } from '../sums.js';
import { BoundedMap, Largest, MAX_KINDS, OTHER, sortNames } from '../bounded.js';
import { OTHER_WARNING, warningText } from './counted-warning.js';
import { groupName, groupSafely, type GroupName } from '../trace/group-name.js';
import { Insights } from '../insights/insights.js';
import { ModelCalls } from './model-calls.js';
import { Quantiles } from '../durations.js';
import { quantileSeconds, Row } from './row.js';
import type { CriticalPathOptions } from '../trace/critical-path.js';
import { ByName, rowNameOf, type RowName } from '../trace/row-names.js';
import { forEachInSlices, runAtOnce, type Sliced } from '../trace/slices.js';
import { NO_FACTS } from '../trace/span-facts.js';
import { shortName } from '../trace/short-name.js';
import { SavingsSample } from './savings-sample.js';
import type { SpanRecord } from '../trace/span-record.js';
import { nameWithoutSecrets } from '../secrets.js';
import type { RankBy, Summary } from '../summary.js';
import { rankRows } from './rank-rows.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';

const NANOS = 1e9;
export const SLOWEST_OF_ALL = 10;
export const DEFAULT_MAX_ROWS = 1000;
/** Names of spans whose row is remembered, for each row that there may be. */
const NAMES_PER_ROW = 4;

export interface RankingOptions {
  /** Names beyond this many share one row, `(other)`. Default 1,000. */
  readonly maxRows?: number;
  /** Count attempts and the spans inside LLM calls toward their operation. Default true. */
  readonly fold?: boolean;
  /** Which names share a row; not asked about LLM calls. Default {@link groupName}. */
  readonly groupName?: GroupName;
}

/** Has the tolerance that the trace was analyzed with. */
export interface TraceContext extends CriticalPathOptions {
  /** When the trace's time 0 was, in milliseconds since the epoch. */
  readonly originEpochMillis: number;
  /** `true` if spans are known to be missing. */
  readonly incomplete?: boolean;
  /** `true` if all of it happened after its local root had ended. */
  readonly late?: boolean;
}

type CountedError = Summary['errors'][number] & { count: number };
const otherError = (): CountedError => ({ type: OTHER, segment: OTHER, count: 0 });

/** Where a span is; of one outside the trees only the usage above is known. */
type Place = Pick<SpanNode, 'hasTokensAbove' | 'hasCostAbove'> & Partial<SpanNode>;

/** Collects analyzed traces into rows, in bounded memory, and makes the summary of them. */
export class Ranking {
  readonly #rows: BoundedMap<Row>;
  /** By the names of spans; of LLM calls apart, whose names are no groups. */
  readonly #rowsByName: ByName<Row>;
  readonly #rowsOfCalls: ByName<Row>;
  readonly #fold: boolean;
  readonly #groupName: GroupName;
  readonly #calls = new ModelCalls();
  readonly #errors = new BoundedMap(MAX_KINDS, otherError);
  readonly #warnings = new BoundedMap(MAX_KINDS, () => ({ text: OTHER_WARNING, count: 0 }));
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
    const rowKeyOf = (record: SpanRecord) => keyOf(this.#row(record));
    this.#savings = new SavingsSample({ fold: this.#fold, keyOf: rowKeyOf });
  }

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

  /** Adds a span that is in no tree, because it ended late or did not fit: it has no self and critical time. */
  addOutside(record: SpanRecord, operation: SpanRecord, why: 'late' | 'dropped'): void {
    this.#spans[why] += 1;
    const { inputTokens, outputTokens, costUsd } = operation.facts;
    const isPart = record !== operation && record.facts.llmCall !== undefined;
    this.#addSpan(record, operation, {
      hasTokensAbove: isPart && (inputTokens !== undefined || outputTokens !== undefined),
      hasCostAbove: isPart && costUsd !== undefined,
    });
  }

  /** Adds the cost of a call that was not known when its trace was added. */
  addLateCost(record: SpanRecord, usd: number): void {
    const row = this.#row(record);
    row.cost.add(usd);
    row.totalCost.add(usd);
    this.#calls.addLateCost(record, usd);
  }

  addEvicted(): void {
    this.#traces.evicted += 1;
  }

  warn(text: string, times = 1): void {
    if (times > 0) this.#warnings.get(text, () => ({ text, count: 0 })).count += times;
  }

  toSummary(context: { readonly nowEpochMillis: number; readonly rankBy?: RankBy }): Summary {
    const { nowEpochMillis, rankBy = 'critical' } = context;
    const rows = this.#rows.values();
    const totals = this.#totals(rows);
    const { costUsd, inputTokens } = totals;
    const shares = this.#savings.shares();
    const figuresOf = (row: Row) => row.toBottleneck(this.#latencyNanos, shares.get(keyOf(row)));
    const bottlenecks = rankRows(rows.map(figuresOf), rankBy);
    const seconds = this.#latencyNanos / NANOS;
    const errors = this.#errors.values().sort((a, b) => b.count - a.count);
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
      latency: { count, totalSeconds: seconds, ...quantileSeconds(this.#latency) },
      totals,
      bottlenecks,
      slowest: [...this.#slowest.list()],
      models: this.#calls.byModel(),
      errors: errors.map((error) => ({ ...error })),
      insights: this.#insights.list({ rows: bottlenecks, seconds, costUsd, inputTokens }),
      warnings: this.#warnings.values().map(warningText),
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

  rowOf(record: SpanRecord): RowName {
    return this.#row(record);
  }

  #row(record: SpanRecord): Row {
    const { service } = record;
    const name = rowNameOf(record);
    const isCall = record.facts.llmCall !== undefined;
    const rows = isCall ? this.#rowsOfCalls : this.#rowsByName;
    return rows.get(service, name) ?? this.#addRow(rows, service, name, isCall);
  }

  /** Apart, since a function with a closure makes an object for it at each call. */
  #addRow(rows: ByName<Row>, service: string, name: string, isCall: boolean): Row {
    const warn = (text: string) => this.warn(text);
    const clean = nameWithoutSecrets(name);
    const group = isCall ? clean : shortName(groupSafely(clean, this.#groupName, warn));
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
    if (tree.repeated + tree.untimed > 0) this.#warnOfRecords(tree);
    for (const { startNanos, endNanos, record } of tree.roots) {
      this.#latency.add(endNanos - startNanos);
      this.#latencyNanos += endNanos - startNanos;
      if (record.errorType === undefined) this.#succeeded += 1;
      // Centuries away from the origin, rounding may lead to before the epoch.
      const startMillis = Math.max(0, context.originEpochMillis + startNanos / 1e6);
      this.#firstMillis = Math.min(this.#firstMillis, startMillis);
      this.#lastMillis = Math.max(this.#lastMillis, context.originEpochMillis + endNanos / 1e6);
    }
  }

  #warnOfRecords({ repeated, untimed }: TraceTree): void {
    this.warn('a span was there more than once and was counted once', repeated);
    this.warn('a span without a usable start or end was left out', untimed);
  }

  #addNode(node: SpanNode, { late }: TraceContext): void {
    const { record, operation } = node;
    const row = this.#row(this.#fold ? operation : record);
    node.row = row;
    row.selfNanos += node.selfNanos;
    row.criticalNanos += node.criticalNanos;
    if (node.stillRunning) return;
    if (late === true) this.#spans.late += 1;
    else this.#spans.analyzed += 1;
    if (record.facts === NO_FACTS) {
      if (record.service !== this.#lastService) this.#addService(record.service);
      // Most spans: neither a call nor a part of one.
      this.#addCall(record, row);
      return;
    }
    this.#addSpan(record, operation, node);
  }

  #addService(service: string): void {
    this.#lastService = service;
    this.#services.get(service, () => service);
  }

  #addCall(record: SpanRecord, row: Row): void {
    row.addCall(record);
    const { service, traceId, spanId, errorType: type } = record;
    const seconds = (record.endNanos - record.startNanos) / NANOS;
    if (this.#slowest.hasRoomFor(seconds)) {
      const name = nameWithoutSecrets(rowNameOf(record));
      this.#slowest.offer({ name, service, traceId, spanId, seconds });
    }
    if (type !== undefined) this.#addError(type, row);
  }

  #addError(type: string, row: Row): void {
    const make = () => ({ type, segment: row.name, service: row.service, count: 0 });
    this.#errors.get(`${type}\n${keyOf(row)}`, make).count += 1;
  }

  #addSpan(record: SpanRecord, operation: SpanRecord, at: Place): void {
    if (record.service !== this.#lastService) this.#addService(record.service);
    const counted = this.#fold ? operation : record;
    const row = this.#row(counted);
    const { facts } = record;
    const { inputTokens, outputTokens } = at.hasTokensAbove ? NO_FACTS : facts;
    const { costUsd } = at.hasCostAbove ? NO_FACTS : facts;
    row.inputTokens.add(inputTokens);
    row.outputTokens.add(outputTokens);
    row.cost.add(costUsd);
    if (at.failedAttempt !== undefined && costUsd !== undefined) {
      this.#row(at.failedAttempt.operation).wastedCost.add(costUsd);
    }
    const wasted = row.addAttempt(record);
    // What a retry wastes inside a failed attempt of another is that attempt's waste already.
    if (at.parent?.failedAttempt === undefined) this.#wastedSeconds += wasted;
    if (record === counted) this.#addCall(record, row);
    if (operation.facts.llmCall !== undefined) {
      this.#calls.add(record, operation, { inputTokens, outputTokens, costUsd });
    }
    for (const text of facts.warnings ?? []) this.warn(text);
  }

  #addCosts(tree: TraceTree): void {
    if (!tree.nodes.some(hasCost)) return;
    this.#calls.findPricedByPart(tree);
    const inside = new Map<SpanNode, number>();
    // Children come after their parents: backwards, each hands on what it and those inside it cost.
    for (const node of [...tree.nodes].reverse()) {
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

function hasCost({ record }: SpanNode): boolean {
  return record.facts.costUsd !== undefined;
}

function keyOf({ service, name }: RowName): string {
  return `${service}\n${name}`;
}
