import type { Ranking } from '../ranking/ranking.js';
import { NO_FACTS, readSpanFacts } from '../trace/span-facts.js';
import type { SpanKindName, SpanRecord } from '../trace/span-record.js';
import { ERROR_TYPE } from '../semconv.js';
import { NO_ATTRIBUTES, type Attributes } from './attributes.js';
import { oddityOf } from './epoch-time.js';
import { Interner } from './intern.js';
import type { OpenTrace, TraceCollector } from './trace-collector.js';

/** Names of services that an error message may choose from. */
const MAX_SERVICES = 1_000;

/** A span as a reader found it; times in nanoseconds from the origin of its trace, NaN if not usable. */
export interface FoundSpan {
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** Whether the parent is in another process; undefined when the file does not say. */
  readonly parentIsRemote: boolean | undefined;
  readonly followsFrom: boolean;
  readonly name: unknown;
  readonly service: string;
  readonly kind: SpanKindName;
  readonly startNanos: number;
  readonly endNanos: number;
  readonly isError: boolean;
  readonly attributes: Attributes;
}

/** Where the readers put what they find in one source. */
export class SpanSink {
  /** How many spans were found, usable or not. */
  spans = 0;
  /** JSON values that hold no traces: how many, and what the first was. */
  readonly unknown: { count: number; first: string | undefined } = { count: 0, first: undefined };
  readonly #collector: TraceCollector;
  readonly #ranking: Ranking;
  readonly #services: Set<string>;
  readonly #strings = new Interner();

  constructor(collector: TraceCollector, ranking: Ranking, services: Set<string>) {
    this.#collector = collector;
    this.#ranking = ranking;
    this.#services = services;
  }

  /** The trace that a span belongs to. */
  trace(traceId: string): OpenTrace {
    return this.#collector.trace(traceId);
  }

  /** One copy of the name of a service, and notes that there is such a one. */
  service(name: string): string {
    const service = this.#strings.get(name);
    if (this.#services.size < MAX_SERVICES) this.#services.add(service);
    return service;
  }

  /** Takes a span of a trace that was just asked for. */
  add(trace: OpenTrace, found: FoundSpan): void {
    this.spans += 1;
    const { kind, name, attributes, startNanos, endNanos } = found;
    if (endNanos < startNanos) this.#ranking.warn('a span ended before it started');
    const facts = attributes === NO_ATTRIBUTES ? NO_FACTS : readSpanFacts(kind, attributes);
    const type = attributes[ERROR_TYPE];
    const record: SpanRecord = {
      traceId: trace.traceId,
      spanId: found.spanId,
      parentSpanId: found.parentSpanId,
      // Where nothing else is known, servers are called from elsewhere.
      parentIsRemote: found.parentIsRemote ?? (kind === 'server' || kind === 'consumer'),
      name: typeof name === 'string' ? this.#strings.get(name) : '(unnamed)',
      service: found.service,
      kind,
      startNanos,
      endNanos: Math.max(startNanos, endNanos),
      // The value that the conventions give to errors of an unknown class.
      errorType: found.isError ? (typeof type === 'string' ? type : '_OTHER') : undefined,
      facts,
    };
    this.#collector.add(trace, found.followsFrom ? { ...record, followsFrom: true } : record);
  }

  /** Counts a span that is not usable: it has no id. */
  skip(what: string): void {
    this.spans += 1;
    this.#ranking.warn(`a span without ${what} was left out`);
  }

  /**
   * Says so when a start or an end, in seconds since the epoch, must have been written in another unit;
   * NaN is no time. Where the start is as it should be, such an end cannot be used.
   *
   * @returns whether the end can be used
   */
  checkTimes(
    startSeconds: number,
    endSeconds: number,
    unit: 'nanoseconds' | 'microseconds',
  ): boolean {
    if (Number.isNaN(startSeconds)) return true;
    const oddStart = oddityOf('start', startSeconds, unit);
    if (oddStart !== undefined) {
      this.#ranking.warn(oddStart);
      return true;
    }
    if (Number.isNaN(endSeconds)) return true;
    const oddEnd = oddityOf('end', endSeconds, unit);
    if (oddEnd !== undefined) this.#ranking.warn(oddEnd);
    return oddEnd === undefined;
  }

  /** Counts a JSON value that holds no traces. */
  addUnknown(what: string): void {
    this.unknown.count += 1;
    this.unknown.first ??= what;
  }
}
