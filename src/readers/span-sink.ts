import { arePricesLoaded } from '../cost/price.js';
import { shortName } from '../trace/short-name.js';
import type { SpanKindName, SpanRecord } from '../trace/span-record.js';
import { errorTypeOf } from '../trace/error-type.js';
import { readAttributeMap, readAttributes, type Attributes } from './attributes.js';
import { oddityOf, originFor, type TimeFormat } from './epoch-time.js';
import { serverSideOf } from './shared-spans.js';
import { spanIdOf, traceIdOf } from './span-ids.js';
import type { TraceCollector } from './trace-collector.js';

/** Names of services that an error message may choose from. */
const MAX_SERVICES = 1_000;
/** Further strings are not shared: there may be no end of names. */
const MAX_STRINGS = 10_000;

export interface FoundSpan {
  readonly traceId: unknown;
  readonly spanId: unknown;
  readonly parentSpanId: string | undefined;
  /** Whether the parent is in another process; undefined when the file does not say. */
  readonly parentIsRemote: boolean | undefined;
  readonly followsFrom: boolean;
  readonly name: unknown;
  readonly service: string;
  readonly kind: SpanKindName;
  readonly times: TimeFormat;
  readonly start: unknown;
  readonly end: unknown;
  readonly isError: boolean;
  readonly attributes: Attributes;
  /** The name of the instrumentation, where it is known. */
  readonly scope?: string | undefined;
  /** The attributes of the resource, where they were asked for. */
  readonly resource?: Attributes | undefined;
  /** `true` if it is the server's side of a span that its client has under the same id. */
  readonly isShared?: boolean;
}

/** What all spans of a resource share. */
export interface SpanOrigin {
  readonly service: string;
  readonly resource?: Attributes | undefined;
}

/** Takes the spans that the readers find in one source to their traces. */
export class SpanSink {
  /** How many spans were found, usable or not. */
  spans = 0;
  /** How many of them were left out, since they have no usable id. */
  leftOut = 0;
  /** What the first JSON value was that holds no traces. */
  firstUnknown: string | undefined;
  /** One copy of each string that comes again and again, as names do. */
  readonly #strings = new Map<string, string>();

  constructor(private readonly collector: TraceCollector) {}

  /** Notes that there is such a service, and returns the name to use for it. */
  service(name: unknown): string {
    const service = typeof name === 'string' && name !== '' ? shortName(name) : 'unknown_service';
    const { services } = this.collector;
    if (services.size < MAX_SERVICES) services.add(service);
    return this.#shared(service);
  }

  /** Says that spans came without what tells of which service they are. */
  missesResource(): void {
    this.collector.warnOfSource('spans came without their resource: their service is unknown');
  }

  attributesIn(list: unknown, toPlain: (entry: { value?: unknown }) => unknown): Attributes {
    return readAttributes(list, toPlain, this.collector.readsAllAttributes);
  }

  attributesInMap(map: unknown, toPlain: (value: unknown) => unknown): Attributes {
    return readAttributeMap(map, toPlain, this.collector.readsAllAttributes);
  }

  /** Has traces closed while spans come without a pause. */
  makeRoom(): void {
    const { isFull, needsPrices } = this.collector;
    if (isFull && (!needsPrices || arePricesLoaded())) this.collector.closeOldest();
  }

  add(found: FoundSpan): void {
    this.spans += 1;
    const traceId = traceIdOf(found.traceId);
    const spanId = spanIdOf(found.spanId);
    if (traceId === undefined || spanId === undefined) {
      this.leftOut += 1;
      const missing = traceId === undefined ? 'a trace id' : 'an id';
      this.collector.noteUnusable(`a span without ${missing} was left out`);
      return;
    }
    if (!this.collector.takes(traceId)) return;
    const trace = this.collector.trace(traceId);
    const { times, start, end } = found;
    if (trace.originSeconds === undefined) {
      const seconds = originFor(start, times);
      if (seconds > 0) trace.originSeconds = seconds;
    }
    const origin = trace.originSeconds ?? 0;
    const startNanos = times.nanosSince(origin, start);
    let endNanos = times.nanosSince(origin, end);
    if (!this.#isUsableEnd(origin + startNanos / 1e9, origin + endNanos / 1e9, times.unit)) {
      endNanos = NaN;
    }
    if (endNanos < startNanos) this.collector.warn('a span ended before it started');
    const { kind, attributes, service } = found;
    const name = typeof found.name === 'string' ? found.name : '(unnamed)';
    const facts = this.collector.readFacts(kind, attributes, name, found.scope, found.resource);
    const record: SpanRecord = {
      traceId,
      spanId: found.isShared === true ? serverSideOf(spanId) : spanId,
      parentSpanId: found.parentSpanId,
      // A server span is called from elsewhere unless the file says otherwise.
      parentIsRemote: found.parentIsRemote ?? (kind === 'server' || kind === 'consumer'),
      name: this.#shared(shortName(name)),
      service,
      kind,
      startNanos,
      endNanos: Math.max(startNanos, endNanos),
      errorType: errorTypeOf(found.isError, attributes, facts),
      facts,
    };
    if (found.isShared === true) trace.shared.push({ spanId, service });
    this.collector.add(trace, found.followsFrom ? { ...record, followsFrom: true } : record);
  }

  /** Warns of times that must be in another unit. After a good start such an end is of no use. */
  #isUsableEnd(startSeconds: number, endSeconds: number, unit: TimeFormat['unit']): boolean {
    const oddStart = oddityOf('start', startSeconds, unit);
    const oddEnd = oddityOf('end', endSeconds, unit);
    const oddity = oddStart ?? oddEnd;
    if (oddity === undefined || Number.isNaN(startSeconds)) return true;
    this.collector.warn(oddity);
    return oddStart !== undefined;
  }

  #shared(text: string): string {
    const known = this.#strings.get(text);
    if (known === undefined && this.#strings.size < MAX_STRINGS) this.#strings.set(text, text);
    return known ?? text;
  }
}
