import { type Fields, fields, text } from '../fields.js';
import { SERVICE_NAME } from '../semconv.js';
import { plainOfText } from './attributes.js';
import { OTLP_TIME } from './epoch-time.js';
import { otlpKindOf } from './otlp.js';
import { spanIdOf } from './span-ids.js';
import type { SpanSink } from './span-sink.js';

/** The times of days that ClickHouse prints: `2026-11-27 07:00:00.200000001`, or ISO 8601 with its zone. */
const DATE = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/;
const DECIMAL = /^(\d{1,20})(?:\.(\d{1,9}))?$/;
/** So many digits do seconds, milliseconds and microseconds of this century have at most. */
const DIGITS_OF = [
  [11, 0],
  [14, 3],
  [17, 6],
] as const;

/** Nanoseconds since the epoch, in two parts. */
interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

/**
 * Reads a row of `otel_traces`, the table of the OpenTelemetry Collector's ClickHouse exporter, as `JSONEachRow` and its
 * relatives write it: attributes are texts, or nested and typed; 64-bit numbers are numbers or texts. Never throws.
 */
export function readClickHouseRow(row: Fields, sink: SpanSink): void {
  const resource = sink.attributesInMap(row.ResourceAttributes, plainOfText);
  const service = text(row.ServiceName, resource[SERVICE_NAME]);
  if (service === undefined) sink.missesResource();
  const start = instantOf(row.Timestamp);
  const duration = Number(row.Duration ?? NaN);
  const status = String(row.StatusCode).replace(/^STATUS_CODE_/i, '');
  sink.add({
    traceId: row.TraceId,
    spanId: row.SpanId,
    parentSpanId: spanIdOf(row.ParentSpanId),
    parentIsRemote: undefined,
    followsFrom: false,
    name: row.SpanName,
    service: sink.service(service),
    resource,
    kind: otlpKindOf(typeof row.SpanKind === 'string' ? row.SpanKind.toLowerCase() : row.SpanKind),
    times: OTLP_TIME,
    start: start && nanosText(start),
    end: start && nanosText({ seconds: start.seconds, nanos: start.nanos + duration }),
    isError: status.toLowerCase() === 'error' || status === '2',
    attributes: sink.attributesInMap(row.SpanAttributes, plainOfText),
    scope: text(row.ScopeName, fields(row.Scope).Name),
  });
}

/** Reads a time without a zone as UTC. */
function instantOf(value: unknown): Instant | undefined {
  const written = typeof value === 'number' ? String(value) : value;
  if (typeof written !== 'string') return undefined;
  const [, date, time, dayFraction = '', zone = 'Z'] = DATE.exec(written) ?? [];
  if (date !== undefined) {
    const millis = Date.parse(`${date}T${time!}${zone === 'UTC' ? 'Z' : zone}`);
    return { seconds: millis / 1e3, nanos: Number(dayFraction.padEnd(9, '0')) };
  }
  const [, digits, fraction = ''] = DECIMAL.exec(written) ?? [];
  if (digits === undefined) return undefined;
  const decimals = DIGITS_OF.find(([most]) => digits.length <= most)?.[1] ?? 9;
  const whole = digits.slice(0, digits.length - decimals);
  const part = `${digits.slice(digits.length - decimals)}${fraction}`.slice(0, 9);
  return { seconds: Number(whole), nanos: Number(part.padEnd(9, '0')) };
}

/** Returns undefined for what is no time. */
function nanosText({ seconds, nanos }: Instant): string | undefined {
  const whole = seconds + Math.floor(nanos / 1e9);
  const rest = Math.round(nanos - Math.floor(nanos / 1e9) * 1e9);
  return whole >= 0 && rest >= 0 ? `${whole}${String(rest).padStart(9, '0')}` : undefined;
}
