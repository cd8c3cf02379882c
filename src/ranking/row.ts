import { Largest } from '../bounded.js';
import { Quantiles, type Durations } from '../durations.js';
import { defined, OptionalSum } from '../sums.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { Bottleneck, SlowSpan } from '../summary.js';

const NANOS = 1e9;
export const SLOWEST_PER_ROW = 3;

/** The figures that a row may lack. The compiler wants each of them. */
type IfKnown = {
  [
    Name in keyof Bottleneck as undefined extends Bottleneck[Name]
      ? Exclude<Name, 'durations'>
      : never
  ]-?: Bottleneck[Name] | undefined;
};

/** The figures of one row while they are collected. Times are nanoseconds. */
export class Row {
  readonly durations = new Quantiles();
  readonly slowest = new Largest<SlowSpan>(SLOWEST_PER_ROW, (span) => span.seconds);
  readonly cost = new OptionalSum();
  readonly totalCost = new OptionalSum();
  readonly wastedCost = new OptionalSum();
  readonly inputTokens = new OptionalSum();
  readonly outputTokens = new OptionalSum();
  calls = 0;
  errors = 0;
  totalNanos = 0;
  selfNanos = 0;
  criticalNanos = 0;
  attempts = 0;
  retries = 0;
  wastedSeconds = 0;

  constructor(
    readonly name: string,
    readonly service: string,
  ) {}

  /** Counts a span as one call of this row. */
  addCall(record: SpanRecord): void {
    const nanos = record.endNanos - record.startNanos;
    this.calls += 1;
    if (record.errorType !== undefined) this.errors += 1;
    this.totalNanos += nanos;
    this.durations.add(nanos);
    const seconds = nanos / NANOS;
    if (this.slowest.hasRoomFor(seconds)) {
      this.slowest.offer({ traceId: record.traceId, spanId: record.spanId, seconds });
    }
  }

  /** Counts a span as one attempt of this row's operation. Returns the wasted seconds. */
  addAttempt(record: SpanRecord): number {
    const { attempt } = record.facts;
    if (attempt === undefined) return 0;
    this.attempts += 1;
    if (attempt.number > 1) this.retries += 1;
    let wasted = attempt.backoffSeconds;
    if (attempt.outcome !== 'success') wasted += (record.endNanos - record.startNanos) / NANOS;
    this.wastedSeconds += wasted;
    return wasted;
  }

  /**
   * Returns the row as it is reported, without its rank.
   *
   * @param savedShare the share of its critical time that would be saved, if it is known
   */
  toBottleneck(allCriticalNanos: number, savedShare: number | undefined): Bottleneck {
    const saved = this.criticalNanos === 0 ? 0 : savedShare;
    const isRetried = this.attempts > 0;
    const ifKnown: IfKnown = {
      savingSeconds: saved === undefined ? undefined : (saved * this.criticalNanos) / NANOS,
      costUsd: this.cost.value,
      totalCostUsd: this.totalCost.value,
      inputTokens: this.inputTokens.value,
      outputTokens: this.outputTokens.value,
      attempts: isRetried ? this.attempts : undefined,
      retries: isRetried ? this.retries : undefined,
      wastedSeconds: isRetried ? this.wastedSeconds : undefined,
      wastedCostUsd: isRetried ? this.wastedCost.value : undefined,
    };
    return {
      rank: 0,
      name: this.name,
      service: this.service,
      calls: this.calls,
      errors: this.errors,
      totalSeconds: this.totalNanos / NANOS,
      selfSeconds: this.selfNanos / NANOS,
      criticalSeconds: this.criticalNanos / NANOS,
      criticalShare: allCriticalNanos > 0 ? this.criticalNanos / allCriticalNanos : 0,
      ...quantileSeconds(this.durations),
      ...defined(ifKnown),
      slowest: [...this.slowest.list()],
    };
  }
}

/** Returns the quantiles of durations in seconds, and the durations themselves for merging. */
export function quantileSeconds(durations: Quantiles): {
  p50Seconds: number;
  p95Seconds: number;
  p99Seconds: number;
  maxSeconds: number;
  durations: Durations;
} {
  return {
    p50Seconds: durations.at(0.5) / NANOS,
    p95Seconds: durations.at(0.95) / NANOS,
    p99Seconds: durations.at(0.99) / NANOS,
    maxSeconds: durations.max / NANOS,
    durations: durations.toJson(),
  };
}
