import { fields, items } from '../fields.js';

const COLLECTOR = 'send it through an OpenTelemetry Collector and its file exporter';
const UNPACK = (tool: string) => `it is packed: unpack it with \`${tool}\` first`;
const RECEIVER = (name: string) =>
  `send them through an OpenTelemetry Collector with its \`${name}\` receiver`;
const ZIPKIN_1 = "it holds Zipkin's spans of v1: ask Zipkin's `/api/v2/traces` for them";
const X_RAY = `it holds X-Ray traces: ${RECEIVER('awsxray')}`;
const OTLP_SIGNAL = 'export the traces, not the metrics or logs';

/** Whether one of these stands at a place; each character is a byte. */
const at =
  (place: number, ...marks: readonly string[]) =>
  (text: string) =>
    marks.some((mark) => text.startsWith(mark, place));
const like = (pattern: RegExp) => (text: string) => pattern.test(text);

/** Formats that are known by their beginning, and what to do with each. */
const BY_START: readonly (readonly [is: (text: string) => boolean, problem: string])[] = [
  [at(0, 'PAR1'), 'it is Parquet: write its rows as JSON lines, with `duckdb` or Spark'],
  [at(0, 'ARROW1', '\xff\xff\xff\xff'), 'it is Arrow: write its rows as JSON lines'],
  [at(0, 'ORC'), 'it is ORC: write its rows as JSON lines'],
  [at(0, 'Obj\x01'), 'it is Avro: write its rows as JSON lines, with `avro-tools tojson`'],
  [at(0, '\x28\xb5\x2f\xfd'), UNPACK('zstd -d')],
  [
    at(4, '\x28\xb5\x2f\xfd'),
    'each of its messages is packed with zstd: leave out `compression` of the file exporter',
  ],
  [at(0, 'BZh'), UNPACK('bunzip2')],
  [at(0, '\xfd7zXZ'), UNPACK('unxz')],
  [at(0, '\x04\x22\x4d\x18'), UNPACK('lz4 -d')],
  [at(0, 'PK\x03\x04'), UNPACK('unzip')],
  [at(0, '\xff\x06\x00\x00sNaPpY', '\x82SNAPPY'), UNPACK('snzip -d')],
  [at(257, 'ustar'), UNPACK('tar -x')],
  [at(0, 'SQLite format 3'), 'it is a database of SQLite: write its spans as JSON'],
  [at(0, '\xff\xfe', '\xfe\xff'), 'it is UTF-16: convert it with `iconv -f UTF-16 -t UTF-8`'],
  [isJaegerBatch, "it is Jaeger's protobuf: export it as JSON from Jaeger's UI or API"],
  [like(/^\s*<(?:!doctype|html)/i), 'it is a page in HTML: perhaps that of a log-in'],
  [like(/^\s*</), `it is XML: ${COLLECTOR}`],
  [
    like(/^"?(?:[\w. ]+"?[,;\t]"?){2,}[\w. ]+"?\r?\n/),
    'it is CSV: write it as JSON lines; ClickHouse does with `FORMAT JSONEachRow`',
  ],
];

/** In its batches, a span has an id of 16 bytes and then one of 8. */
function isJaegerBatch(text: string): boolean {
  const place = text.indexOf('\n\x10', 2);
  return at(0, '\n')(text) && place >= 2 && place <= 5 && at(place + 18, '\x12\x08')(text);
}

/** Returns what to do about a source that begins so and has no spans; `undefined` if nothing is known. */
export function refusalOfStart(start: Buffer): string | undefined {
  const text = start.toString('latin1', 0, 1_000);
  return BY_START.find(([is]) => is(text))?.[1];
}

/** Formats of JSON that are known by their keys, and what to do with each. */
const BY_KEYS: readonly (readonly [keys: readonly string[], problem: string])[] = [
  [['traceId', 'id', 'binaryAnnotations'], ZIPKIN_1],
  [['traceId', 'id', 'annotations'], ZIPKIN_1],
  [['Traces'], X_RAY],
  [['Id', 'Segments'], X_RAY],
  [['trace_id', 'start_time', 'in_progress'], X_RAY],
  [['trace_id', 'id', 'start_time'], X_RAY],
  [['trace_id', 'span_id', 'meta'], `it holds Datadog's spans: ${RECEIVER('datadog')}`],
  [
    ['traces', 'metrics'],
    "it holds Tempo's search results, which have no spans: ask `/api/traces/{id}` for each",
  ],
  [
    ['traces'],
    'it holds a list of found traces, without their spans: ask for each trace, in Tempo with `/api/traces/{id}`',
  ],
  [['traceEvents'], 'it holds trace events of Chrome, which say nothing of services and parents'],
  [['resourceMetrics'], `it holds OTLP metrics: ${OTLP_SIGNAL}`],
  [['resourceLogs'], `it holds OTLP logs: ${OTLP_SIGNAL}`],
  [
    ['context', 'start_time', 'end_time'],
    "it is the output of an SDK's console exporter: use an OTLP exporter",
  ],
  [['exception'], 'it holds an error of ClickHouse'],
];

/** Returns what to do about a JSON value of a format that is not read; `undefined` if it is not known. */
export function refusalOfJson(value: unknown): string | undefined {
  const [first] = items(value);
  if (first !== undefined && typeof first !== 'object') {
    const isRow = typeof first === 'string' && /^\d{4}-\d\d-\d\d[ T]/.test(first);
    return isRow
      ? 'its rows lack the names of columns: write them with `FORMAT JSONEachRow`'
      : undefined;
  }
  const object = fields(Array.isArray(first) ? first[0] : (first ?? value));
  return BY_KEYS.find(([keys]) => keys.every((key) => key in object))?.[1];
}
