import { Largest } from '../bounded.js';
import { Quantiles } from '../durations.js';
import { defined, OptionalSum } from '../sums.js';
import { addGroups, noGroupSums, type GroupSums } from '../trace-groups.js';
import type { Used } from '../trace/count-usage.js';
import { attemptAround } from '../trace/retried-requests.js';
import type { RowName } from '../trace/row-names.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { SpanNode } from '../trace/trace-tree.js';
import type { Bottleneck, SlowSpan } from '../summary.js';
import type { CriticalWithWaits } from './critical-with-waits.js';
import type { RowSavings } from './savings-of-rows.js';

const NANOS = 1e9;
export const SLOWEST_PER_ROW = 3;
/** The most rows to name that a row waits for, and to keep. */
export const MAX_WAITS = 5;
const MAX_WAITED_FOR = 32;
/** A row's money counts beside its time where only the heaviest are kept: a dollar as much as a minute. */
export const SECONDS_PER_USD = 60;

const SUMS = [
  ...(['calls', 'errors', 'totalNanos', 'selfNanos', 'criticalNanos'] as const),
  ...(['attempts', 'retries', 'wastedSeconds'] as const),
] as const;
const OPTIONAL_SUMS = [
  ...(['cost', 'totalCost', 'wastedCost', 'blocked'] as const),
  ...(['inputTokens', 'outputTokens', 'partlyPriced'] as const),
] as const;

/** The figures of one row while they are collected. Times are nanoseconds. */
export class Row {
  readonly durations = new Quantiles();
  readonly slowest = new Largest<SlowSpan>(SLOWEST_PER_ROW, (span) => span.seconds);
  readonly cost = new OptionalSum();
  readonly totalCost = new OptionalSum();
  readonly wastedCost = new OptionalSum();
  readonly inputTokens = new OptionalSum();
  readonly outputTokens = new OptionalSum();
  readonly partlyPriced = new OptionalSum();
  /** Seconds. */
  readonly blocked = new OptionalSum();
  /** How long streamed calls took to their first token; there are none in most rows. */
  firstTokens: Quantiles | undefined = undefined;
  readonly waitNanos = new Map<RowName, number>();
  calls = 0;
  errors = 0;
  totalNanos = 0;
  selfNanos = 0;
  criticalNanos = 0;
  attempts = 0;
  retries = 0;
  wastedSeconds = 0;
  /** The critical time by the groups of traces. */
  criticalGroups: GroupSums | undefined = undefined;
  /** The row that has its figures from now on. */
  goneTo: Row | undefined = undefined;

  /**
   * @param firstName of the span that it was made for
   * @param form of a name with numbers that may turn out to be data
   */
  constructor(
    readonly name: string,
    readonly service: string,
    readonly firstName = name,
    readonly form?: string,
  ) {}

  get isGone(): boolean {
    return this.goneTo !== undefined;
  }

  /** How much it matters, in nanoseconds; it only grows. Self time is in the total, calls count where there is no time. */
  get weight(): number {
    const ofCost = (this.cost.value ?? 0) * SECONDS_PER_USD * NANOS;
    return this.totalNanos + this.criticalNanos + ofCost + this.calls;
  }

  /** Adds all that another row has. */
  merge(other: Row): void {
    for (const name of SUMS) this[name] += other[name];
    for (const name of OPTIONAL_SUMS) this[name].add(other[name].value);
    this.durations.merge(other.durations);
    for (const span of other.slowest.list()) this.slowest.offer(span);
    for (const [row, nanos] of other.waitNanos) this.addWait(row, nanos);
    if (other.criticalGroups !== undefined) {
      addGroups((this.criticalGroups ??= noGroupSums()), other.criticalGroups);
    }
  }

  addCritical(nanos: number, group: number): void {
    this.criticalNanos += nanos;
    (this.criticalGroups ??= noGroupSums())[group]! += nanos;
  }

  addCall(record: SpanRecord): void {
    const nanos = record.endNanos - record.startNanos;
    this.calls += 1;
    if (record.errorType !== undefined) this.errors += 1;
    this.totalNanos += nanos;
    this.durations.add(nanos);
    const { firstTokenSeconds, llmCall, blockedSeconds } = record.facts;
    this.blocked.add(blockedSeconds);
    if (firstTokenSeconds !== undefined && llmCall !== undefined)
      (this.firstTokens ??= new Quantiles()).add(firstTokenSeconds * NANOS);
    const seconds = nanos / NANOS;
    if (this.slowest.hasRoomFor(seconds)) {
      this.slowest.offer({ traceId: record.traceId, spanId: record.spanId, seconds });
    }
  }

  /** It waited, as far as its critical path goes, for a span of another row, to whose critical time that counts. */
  addWait(other: RowName, nanos: number): void {
    if (other === this || nanos <= 0) return;
    if (this.waitNanos.size >= MAX_WAITED_FOR && !this.waitNanos.has(other)) return;
    this.waitNanos.set(other, (this.waitNanos.get(other) ?? 0) + nanos);
  }

  addUsed({ inputTokens, outputTokens, costUsd, costExcludes }: Used): void {
    this.inputTokens.add(inputTokens);
    this.outputTokens.add(outputTokens);
    this.cost.add(costUsd);
    if (costExcludes !== undefined) this.partlyPriced.add(1);
  }

  /**
   * Returns the wasted seconds.
   *
   * @param at where the span is
   */
  addAttempt(record: SpanRecord, at: Partial<SpanNode>): number {
    const { attempt } = record.facts;
    if (attempt === undefined) return 0;
    const outer = attemptAround(at);
    const isRetry = attempt.number > 1;
    // Two layers may try again: the first attempt inside another is that one.
    if (isRetry || outer === undefined) this.attempts += 1;
    if (isRetry) this.retries += 1;
    const wasted = wastedSecondsOf(record);
    // All of a failed attempt is wasted already.
    const failed = outer?.failedAttempt;
    if (failed === undefined || failed.operation !== at.operation) this.wastedSeconds += wasted;
    return wasted;
  }

  /** The row without its rank; `missedNanos` may be in the row of all others. */
  toBottleneck(
    allCriticalNanos: number,
    { criticalNanos, waits, idleNanos }: CriticalWithWaits,
    savings: RowSavings | undefined,
    missedNanos: number,
  ): Bottleneck {
    const { name, service, calls, errors, attempts, retries, wastedSeconds } = this;
    const wastedCostUsd = this.wastedCost.value;
    return {
      rank: 0,
      name,
      service,
      calls,
      errors,
      totalSeconds: this.totalNanos / NANOS,
      selfSeconds: this.selfNanos / NANOS,
      criticalSeconds: criticalNanos / NANOS,
      criticalShare: allCriticalNanos > 0 ? criticalNanos / allCriticalNanos : 0,
      ...quantileSeconds(this.durations),
      ...defined({
        costUsd: this.cost.value,
        totalCostUsd: this.totalCost.value,
        partlyPricedCalls: this.partlyPriced.value,
        inputTokens: this.inputTokens.value,
        outputTokens: this.outputTokens.value,
        idleSeconds: idleNanos > 0 ? idleNanos / NANOS : undefined,
        blockedSeconds: this.blocked.value,
        inOtherSeconds: missedNanos > 0 ? missedNanos / NANOS : undefined,
      }),
      ...savings,
      ...firstTokenSeconds(this.firstTokens),
      ...(waits.length === 0 ? {} : { waitsFor: waits.slice(0, MAX_WAITS) }),
      ...(attempts === 0 ? {} : defined({ attempts, retries, wastedSeconds, wastedCostUsd })),
      slowest: [...this.slowest.list()],
    };
  }
}

/** The figures of the time to the first token, and the times themselves for merging; nothing where there are none. */
export function firstTokenSeconds(times: Quantiles | undefined) {
  if (times === undefined || times.count === 0) return {};
  return {
    firstTokenP50Seconds: times.at(0.5) / NANOS,
    firstTokenP95Seconds: times.at(0.95) / NANOS,
    firstTokens: times.toJson(),
  };
}

/** The time of a failed attempt, and the wait before it. */
export function wastedSecondsOf({ facts: { attempt }, startNanos, endNanos }: SpanRecord): number {
  if (attempt === undefined) return 0;
  const failed = attempt.outcome === 'success' ? 0 : (endNanos - startNanos) / NANOS;
  return attempt.backoffSeconds + failed;
}

/** Returns the quantiles of durations in seconds, and the durations themselves for merging. */
export function quantileSeconds(durations: Quantiles) {
  return {
    p50Seconds: durations.at(0.5) / NANOS,
    p95Seconds: durations.at(0.95) / NANOS,
    p99Seconds: durations.at(0.99) / NANOS,
    maxSeconds: durations.max / NANOS,
    durations: durations.toJson(),
  };
}
