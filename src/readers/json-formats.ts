import { fields, type Fields, items, listIn } from '../fields.js';
import { readClickHouseRow } from './clickhouse-row.js';
import { readJaegerTrace } from './jaeger-json.js';
import { readJaegerDocument } from './jaeger-document.js';
import {
  originOfResource,
  readOtlpSpan,
  readResourceSpans,
  readScopes,
  RESOURCES,
  SCOPES,
} from './otlp.js';
import type { SpanSink } from './span-sink.js';
import { readZipkinSpan } from './zipkin-json.js';

/** Reads the objects of one format. */
interface JsonFormat {
  /** The keys that an object of the format has. */
  readonly has: (object: Fields) => boolean;
  readonly read: (object: Fields, sink: SpanSink) => void;
}

const isThere = (value: unknown) => value !== undefined && value !== null;
const holdsList = (object: Fields, names: readonly string[]) =>
  names.some((name) => Array.isArray(object[name]));

/** The formats of JSON that are read, and what tells each; the first that fits is taken. */
const FORMATS: readonly JsonFormat[] = [
  {
    // OTLP; Tempo calls the list `batches`.
    has: (it) => holdsList(it, RESOURCES),
    read: (it, sink) => readResourceSpans(listIn(it, ...RESOURCES), sink),
  },
  {
    // Spans of OTLP that were taken out of their resource.
    has: (it) => holdsList(it, SCOPES),
    read: (it, sink) => readScopes(it, originOfResource(it.resource, sink), sink),
  },
  {
    has: (it) => isThere(it.startTimeUnixNano ?? it.start_time_unix_nano),
    read: (it, sink) => readOtlpSpan(it, originOfResource(it.resource, sink), sink),
  },
  {
    has: (it) => isThere(it.TraceId) && isThere(it.SpanId),
    read: readClickHouseRow,
  },
  {
    has: (it) => isThere(it.traceID) && isThere(it.spanID),
    read: readJaegerDocument,
  },
  {
    has: (it) =>
      isThere(it.traceId) && isThere(it.id) && !('binaryAnnotations' in it || 'trace_id' in it),
    read: readZipkinSpan,
  },
  {
    has: (it) => Array.isArray(it.spans),
    read: readJaegerTrace,
  },
];

/** What other values stand in: the answers of servers and the forms of exports. */
const HOLDERS: readonly ((object: Fields) => readonly unknown[] | undefined)[] = [
  // Jaeger's API v3, and Tempo's API v2.
  (it) => (isThere(it.result) ? [it.result] : undefined),
  (it) => (isThere(it.trace) ? [it.trace] : undefined),
  // Jaeger's older API and its UI; ClickHouse's `FORMAT JSON`.
  (it) => (Array.isArray(it.data) ? items(it.data) : undefined),
  // Elasticsearch and elasticdump.
  (it) => (Array.isArray(fields(it.hits).hits) ? items(fields(it.hits).hits) : undefined),
  (it) => (isThere(it._source) ? [it._source] : undefined),
  // ClickHouse's `FORMAT JSONEachRowWithProgress`.
  (it) => (isThere(it.row) ? [it.row] : undefined),
];
/** More lie in one another in no format: a list of answers, with lists of traces, of spans. */
const MAX_DEPTH = 5;
/** Lines that belong to a format and hold no spans. */
const SILENT: readonly RegExp[] = [/^progress$/, /^(?:index|create)$/];

/**
 * Reads a JSON value that holds traces, in any of the formats that docs/command.md lists, or an array of such values.
 * Returns `false` for any other value. Never throws.
 */
export function readDocument(value: unknown, sink: SpanSink, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) {
    let isKnown = value.length === 0;
    for (const item of value as unknown[]) isKnown = readDocument(item, sink, depth + 1) || isKnown;
    return isKnown;
  }
  const object = fields(value);
  const format = FORMATS.find(({ has }) => has(object));
  if (format !== undefined) {
    format.read(object, sink);
    return true;
  }
  for (const holder of HOLDERS) {
    const held = holder(object);
    if (held !== undefined) return readDocument(held, sink, depth + 1);
  }
  const [key = '', another] = Object.keys(object);
  return another === undefined && SILENT.some((pattern) => pattern.test(key));
}

/** What of a document says elsewhere in it of which service it is, and by which key. */
const PARTS = [
  ['startTimeUnixNano', 'resource'],
  ['spanID', 'process'],
  ['spans', 'processes'],
] as const;

/** Whether a value was torn off what says of which service it is. */
export function isTornOff(value: unknown): boolean {
  const object = fields(value);
  return PARTS.some(([part, service]) => isThere(object[part]) && !isThere(object[service]));
}

/** Reads a request of OTLP in JSON. Returns `false` if it is something else. Never throws. */
export function readOtlpJson(value: unknown, sink: SpanSink): boolean {
  const object = fields(value);
  if (!holdsList(object, RESOURCES)) return false;
  readResourceSpans(listIn(object, ...RESOURCES), sink);
  return true;
}
