import { BoundedMap, Largest, MAX_KINDS, OTHER, sortNames } from '../bounded.js';
import { CALLS, CountedWarnings, textAbout } from './counted-warning.js';
import { EntryChoice } from './entry-choice.js';
import { EntryPoints } from './entry-points.js';
import { countedRows, type Counted } from './counted.js';
import { countInSlices, countUsage, usedOutside, type Used } from '../trace/count-usage.js';
import { groupName } from '../trace/group-name.js';
import { Insights } from '../insights/insights.js';
import { ModelCalls } from './model-calls.js';
import type { NewestTraces } from './newest-traces.js';
import type { Row } from './row.js';
import type { ByKey } from '../trace/by-attributes.js';
import { ByValues } from './by-values.js';
import { costsInside } from './costs-inside.js';
import { ErrorKinds } from './error-kinds.js';
import { Rows } from './rows.js';
import { LateSegments } from './late-segments.js';
import type { CriticalPathOptions } from '../trace/critical-path.js';
import { keyOfRow, rowNameOf, type RowName } from '../trace/row-names.js';
import { forEachInSlices, runAtOnce, type Sliced } from '../trace/slices.js';
import { NO_FACTS, type SpanRecord } from '../trace/span-record.js';
import { splitInSlices, splitStreams } from '../trace/split-streams.js';
import { rowsToSave } from '../pictures/sampled-trace.js';
import { SavingsSample, type DurationsOf } from './savings-sample.js';
import { savingsOfRows } from './savings-of-rows.js';
import { nameWithoutSecrets } from '../secrets.js';
import { groupOfTrace } from '../trace-groups.js';
import type { Bottleneck, RankBy, Summary } from '../summary.js';
import { drawPaths } from '../pictures/draw-paths.js';
import { TimelineSteps } from '../pictures/timeline.js';
import { CallPaths } from '../pictures/call-paths.js';
import { rankRows } from './rank-rows.js';
import { totalsOf } from './totals.js';
import { intervalsOf } from './sureness.js';
import { criticalWithWaits } from './critical-with-waits.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import type { Flows } from '../waits/flows.js';

const NANOS = 1e9;
export const SLOWEST_OF_ALL = 10;
export const DEFAULT_MAX_ROWS = 1000;
export interface RankingOptions {
  /** Names beyond this many share one row, `(other)`. Default 1,000. */
  readonly maxRows?: number;
  /** Count attempts and the spans inside LLM calls toward their operation. Default true. */
  readonly fold?: boolean;
  /** Which names share a row; not asked about LLM calls. Never throws. Default {@link groupName}. */
  readonly groupName?: (name: string) => string;
  /** Rank only the traces of this entry point: its name, or `service/name`. Default: all. */
  readonly entry?: string;
  /** Is given work to do a slice at a time. Default: it is done at once. */
  readonly doLater?: (work: Sliced) => void;
  /** Replays every trace with the change of a `whatIf`, its waits explained. */
  readonly durationsOf?: DurationsOf;
  /** The attributes to group by. Default: none. */
  readonly by?: readonly ByKey[];
  /** Is told what is counted. Default: nobody. */
  readonly observer?: RankingObserver | undefined;
}

/** Is told of what is counted, once its trace is analyzed. Never throws. */
export interface RankingObserver {
  /** Called for each local root. */
  addRoot(row: Row, root: SpanNode): void;
  /** Called for each span that tells more than its name: calls of models, tools, agents, and others. */
  addSpan(record: SpanRecord, operation: SpanRecord, at: Partial<SpanNode>): void;
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

/** Collects analyzed traces into rows, in bounded memory, and makes the summary of them. */
export class Ranking {
  readonly #rows: Rows;
  readonly #entryPoints = new EntryPoints();
  readonly #late = new LateSegments();
  readonly #choice: EntryChoice | undefined;
  readonly #fold: boolean;
  readonly #calls = new ModelCalls();
  readonly #errors = new ErrorKinds();
  readonly #warnings = new CountedWarnings();
  readonly #services = new BoundedMap(MAX_KINDS, () => OTHER);
  #lastService: string | undefined = undefined;
  readonly #slowest = new Largest<Summary['slowest'][number]>(SLOWEST_OF_ALL, (s) => s.seconds);
  readonly #savings: SavingsSample;
  readonly #currentKey = (key: string) => this.#rows.currentKey(key);
  readonly #rowOf = (record: SpanRecord) => this.#rows.known(record);
  readonly #paths: CallPaths;
  readonly #timeline = new TimelineSteps();
  readonly #insights = new Insights(this.#rowOf);
  readonly #by: readonly ByValues[];
  readonly #observer: RankingObserver | undefined;
  #wastedSeconds = 0;
  #traces = { analyzed: 0, incomplete: 0, evicted: 0 };
  #spans = { analyzed: 0, late: 0, dropped: 0 };

  constructor(options: RankingOptions = {}) {
    const { maxRows = DEFAULT_MAX_ROWS, fold = true, entry } = options;
    const rows = (this.#rows = new Rows(maxRows, options.groupName ?? groupName, (from, to) => {
      for (const kept of [this.#entryPoints, this.#errors, this.#late]) kept.move(from, to);
    }));
    const nameOf = (record: SpanRecord) => rows.nameOf(record);
    this.#choice = entry === undefined ? undefined : new EntryChoice(entry, nameOf);
    this.#fold = fold;
    this.#observer = options.observer;
    this.#paths = new CallPaths(fold);
    this.#by = (options.by ?? []).map((key, at) => new ByValues(key, at));
    const keyOf = (record: SpanRecord) => keyOfRow(rows.known(record));
    const { doLater, durationsOf } = options;
    this.#savings = new SavingsSample({ fold, keyOf, durationsOf }, doLater);
  }

  /** Returns how long the local roots of all traces would take with the change of a `whatIf`. */
  changed(): ReturnType<SavingsSample['changed']> {
    return this.#savings.changed();
  }

  /** Returns what of an analyzed trace is ranked: all of it, unless one entry point was chosen. */
  chosen(tree: TraceTree): TraceTree | undefined {
    return this.#choice === undefined ? tree : this.#choice.of(tree);
  }

  /** The entry points that there were instead of the chosen one; `undefined` if it was there. */
  get otherEntryPoints(): readonly RowName[] | undefined {
    return this.#choice?.others;
  }

  addTrace(all: TraceTree, context: TraceContext): void {
    const hasUsage = countUsage(all);
    const tree = this.chosen(all);
    if (tree === undefined) return;
    const group = groupOfTrace(tree.nodes[0]?.record.traceId ?? '');
    this.#addRoots(tree, context, group);
    for (const node of tree.nodes) this.#addNode(node, context, group);
    this.#addStreamWaits(tree);
    if (hasUsage) this.#addCosts(tree);
    const sample = this.#entryPoints.sample(tree, this.#rowOf);
    if (sample !== undefined) runAtOnce(sample);
    for (const by of this.#by) runAtOnce(by.add(tree));
    const replay = this.#savings.offer(splitStreams(tree) ?? tree, context, group);
    if (replay !== undefined) runAtOnce(replay);
    this.#insights.addTrace(tree, context.originEpochMillis);
  }

  /** As {@link addTrace}, for large traces. A summary made in between has a part of it. */
  *addInSlices(all: TraceTree, context: TraceContext): Sliced {
    const hasUsage = yield* countInSlices(all);
    yield;
    const tree = this.chosen(all);
    if (tree === undefined) return;
    const { nodes } = tree;
    const group = groupOfTrace(tree.nodes[0]?.record.traceId ?? '');
    this.#addRoots(tree, context, group);
    yield* forEachInSlices(nodes.length, (index) => this.#addNode(nodes[index]!, context, group));
    yield;
    this.#addStreamWaits(tree);
    if (hasUsage) this.#addCosts(tree);
    yield;
    const sample = this.#entryPoints.sample(tree, this.#rowOf);
    if (sample !== undefined) yield* sample;
    for (const by of this.#by) yield* by.add(tree);
    const split = tree.streams === undefined ? tree : yield* splitInSlices(tree);
    yield;
    const replay = this.#savings.offer(split, context, group);
    if (replay !== undefined) yield* replay;
    yield* this.#insights.addInSlices(tree, context.originEpochMillis);
  }

  /** Adds a span that is in no tree, because it ended late or did not fit: it has no self and critical time. */
  addOutside(record: SpanRecord, operation: SpanRecord, why: 'late' | 'dropped'): void {
    this.#spans[why] += 1;
    // It is not known which entry point it was of.
    if (this.#choice !== undefined) return;
    const row = this.#rows.of(this.#fold ? operation : record);
    if (why === 'late') this.#late.add(row, record.kind);
    const used = usedOutside(record, operation);
    const isCall = !this.#fold || record === operation;
    this.#paths.addOutside(row, used?.costUsd ?? 0, isCall ? 1 : 0);
    this.#addSpan(record, operation, { used });
  }

  addEvicted(): void {
    this.#traces.evicted += 1;
  }

  warn(text: string, times = 1): void {
    this.#warnings.add(text, times);
  }

  toSummary(context: { readonly nowEpochMillis: number; readonly rankBy?: RankBy }): Summary {
    const { nowEpochMillis, rankBy = 'critical' } = context;
    const rows = this.#rows.values();
    const latency = this.#entryPoints.latency();
    const { totalSeconds: seconds } = latency;
    const totals = {
      ...totalsOf(rows, this.#calls, this.#entryPoints.succeeded, latency.count),
      wastedSeconds: this.#wastedSeconds,
    };
    const { costUsd, inputTokens } = totals;
    const flows = this.#savings.flows();
    const found = this.#bottlenecks(rows, latency, flows);
    const bottlenecks = rankRows(found, rankBy, latency.groups);
    const limits = rows.flatMap((row) => flows.limitOf(row, row.criticalNanos) ?? []);
    const replayed = this.#savings.size;
    const slow = this.#entryPoints.slow(flows);
    const weighedBy = { rows: bottlenecks, seconds, costUsd, inputTokens, limits, ...slow };
    const entryPoints = this.#entryPoints.list();
    return {
      schemaVersion: 1,
      generatedAt: new Date(nowEpochMillis).toISOString(),
      services: sortNames(this.#services.values()),
      rankedBy: rankBy,
      ...this.#entryPoints.observed(),
      traces: { ...this.#traces, ...(replayed === 0 ? {} : { replayed }) },
      spans: { ...this.#spans },
      latency,
      totals,
      bottlenecks,
      entryPoints,
      ...(this.#by.length === 0
        ? {}
        : { by: this.#by.map((by) => by.toByAttribute(this.#entryPoints.nanos)) }),
      ...slow,
      slowest: [...this.#slowest.list()],
      models: this.#calls.byModel(),
      errors: this.#errors.list(),
      ...this.#late.fields(),
      insights: this.#insights.list(weighedBy),
      pictures: {
        callPaths: drawPaths(this.#paths.boxes(), flows, this.#entryPoints.compared()),
        ...this.#timeline.fields(),
        ...this.#savings.pictures(entryPoints, {
          rows: rowsToSave(bottlenecks),
          currentKey: this.#currentKey,
        }),
      },
      warnings: [...this.#warnings.list(), ...(this.#choice?.warnings() ?? [])],
    };
  }

  /**
   * Lists the traces that come in `newest`, after those that the sample has; in none any more if it is undefined. What
   * it draws is complete after {@link toSummary}.
   */
  follow(newest: NewestTraces | undefined): void {
    newest?.named(this.#currentKey);
    this.#savings.follow(newest);
  }

  /** Returns what metrics count: the figures of the summary, as they are now. */
  counted(): Counted {
    const rows = this.#rows.values();
    const critical = criticalWithWaits(rows, this.#savings.flows());
    const savings = savingsOfRows(critical, this.#savings, this.#currentKey);
    return {
      rows: countedRows(rows, critical, savings),
      entryPoints: this.#entryPoints.values(),
      models: this.#calls.models(),
    };
  }

  #bottlenecks(rows: readonly Row[], { groups }: Summary['latency'], flows: Flows): Bottleneck[] {
    const critical = criticalWithWaits(rows, flows);
    const savings = savingsOfRows(critical, this.#savings, this.#currentKey);
    const { nanos } = this.#entryPoints;
    return rows.map((row) => {
      const missed = this.#rows.missedNanos(row);
      const figures = row.toBottleneck(nanos, critical.get(row)!, savings.get(row), missed);
      return { ...figures, ...intervalsOf(figures, groups) };
    });
  }

  rowOf(record: SpanRecord): RowName {
    return this.#rows.known(record);
  }

  #addRoots(tree: TraceTree, context: TraceContext, group: number): void {
    if (tree.roots.length > 0) {
      const lacksSpans = tree.orphans.length > 0 || tree.untimed > 0;
      this.#traces.analyzed += 1;
      if (context.incomplete === true || lacksSpans) this.#traces.incomplete += 1;
    }
    if (tree.repeated + tree.untimed > 0) this.#warnOfRecords(tree);
    for (const root of tree.roots) {
      const row = this.#rows.of(root.record);
      this.#entryPoints.add(row, root, context.originEpochMillis, group);
      this.#observer?.addRoot(row, root);
      this.#timeline.addRoot(root, context.originEpochMillis);
    }
  }

  #warnOfRecords({ repeated, untimed }: TraceTree): void {
    this.warn('a span was there more than once and was counted once', repeated);
    this.warn('a span without a usable start or end was left out', untimed);
  }

  #addNode(node: SpanNode, { late, originEpochMillis }: TraceContext, group: number): void {
    const { record, operation } = node;
    const row = this.#rows.of(this.#fold ? operation : record);
    node.row = row;
    row.selfNanos += node.selfNanos;
    if (node.criticalNanos > 0) row.addCritical(node.criticalNanos, group);
    const box = this.#paths.add(node, row);
    if (node.stillRunning) return;
    if (record === operation || !this.#fold) box.calls += 1;
    if (late === true) {
      this.#spans.late += 1;
      this.#late.add(row, record.kind);
    } else this.#spans.analyzed += 1;
    if (record.facts === NO_FACTS && operation === record) {
      if (record.service !== this.#lastService) this.#addService(record.service);
      // Most spans: neither a call nor a part of one.
      this.#addCall(record, row);
      return;
    }
    if (box.means !== undefined && node.failedAttempt === node) box.calls += 1;
    if (node.parent !== undefined && (record.facts.attempt?.backoffSeconds ?? 0) > 0) {
      this.#paths.addBackoffs(node.parent);
    }
    if (node.used?.costUsd !== undefined) {
      const { call, costUsd } = node.used;
      box.usd += costUsd;
      this.#timeline.addCost((originEpochMillis + record.startNanos / 1e6) / 1e3, call, costUsd);
    }
    this.#addSpan(record, operation, node);
  }

  #addStreamWaits({ streamWaits }: TraceTree): void {
    if (streamWaits === undefined) return;
    for (const { waiting, cause, nanos } of streamWaits) {
      const rowOf = ({ operation, record }: SpanNode) =>
        this.#rows.known(this.#fold ? operation : record);
      rowOf(waiting).addWait(rowOf(cause), nanos);
    }
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
    if (type !== undefined) this.#errors.add(type, row);
  }

  #addSpan(record: SpanRecord, operation: SpanRecord, at: Partial<SpanNode>): void {
    if (record.service !== this.#lastService) this.#addService(record.service);
    const counted = this.#fold ? operation : record;
    const row = this.#rows.of(counted);
    const { facts } = record;
    const { used } = at;
    this.#observer?.addSpan(record, operation, at);
    const costUsd = used?.costUsd;
    if (used !== undefined) this.#addUsed(used, row);
    const wasted = row.addAttempt(record, at);
    // What a retry wastes inside a failed attempt of another is that attempt's waste already.
    if (at.parent?.failedAttempt === undefined) this.#wastedSeconds += wasted;
    if (record === counted) this.#addCall(record, row);
    const { failedAttempt } = at;
    if (failedAttempt !== undefined && costUsd !== undefined) {
      this.#rows.of(failedAttempt.operation).wastedCost.add(costUsd);
    }
    if (used !== undefined || facts.llmCall !== undefined) {
      this.#calls.add(record, operation, used, failedAttempt !== undefined);
    }
    for (const text of facts.warnings ?? []) this.warn(textAbout(facts, text));
  }

  #addUsed(used: Used, row: Row): void {
    row.addUsed(used);
    if (used.costExcludes !== undefined) {
      this.warn(`${CALLS}: the cost leaves out ${[...used.costExcludes].sort().join(', ')}`);
    }
  }

  #addCosts(tree: TraceTree): void {
    const inside = costsInside(tree);
    for (const [node, total] of inside) {
      const isCall = !this.#fold || node.operation === node.record;
      if (isCall && !node.stillRunning) this.#rows.known(node.record).totalCost.add(total);
    }
    for (const root of tree.roots) {
      this.#entryPoints.addCost(this.#rows.known(root.record), inside.get(root));
    }
  }
}
