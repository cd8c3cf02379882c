import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** How many spans each trace has. */
export const SPANS_PER_TRACE = 50;

const START_SECONDS = 1_790_000_000;

const RESOURCE = JSON.stringify({
  attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }],
});
const SCOPE = '{"scope":{"name":"bench"},"spans":[';
const PROCESSES = '{"p1":{"serviceName":"shop","tags":[]}}';
const KINDS = ['internal', 'internal', 'server', 'client'];

/** A way to write traces to a file: what comes before all, for each trace, between traces and at the end. */
interface Layout {
  readonly head: string;
  readonly each: (spans: readonly Span[]) => string;
  readonly between: string;
  readonly tail: string;
}

/** The ways to write traces. */
export const LAYOUTS = {
  /** As the collector's file exporter does. */
  'OTLP, a trace on each line': {
    head: '',
    each: (spans) =>
      `{"resourceSpans":[{"resource":${RESOURCE},"scopeSpans":[${SCOPE}${inner(spans)}]}]}]}\n`,
    between: '',
    tail: '',
  },
  'OTLP, one document': {
    head: `{"resourceSpans":[{"resource":${RESOURCE},"scopeSpans":[${SCOPE}`,
    each: inner,
    between: ',',
    tail: ']}]}]}',
  },
  'OTLP, one document, its resource last': {
    head: `{"resourceSpans":[{"scopeSpans":[${SCOPE}`,
    each: inner,
    between: ',',
    tail: `]}],"resource":${RESOURCE}}]}`,
  },
  'Jaeger, one document': {
    head: '{"data":[',
    each: (spans) =>
      `{"traceID":"${spans[0]!.traceId}","spans":[${inner(spans.map(jaegerSpan))}],"processes":${PROCESSES}}`,
    between: ',',
    tail: '],"total":0,"limit":0,"offset":0,"errors":null}',
  },
} satisfies Record<string, Layout>;

/** Writes traces to a file. */
export async function writeTraces(
  file: string,
  spans: number,
  name: keyof typeof LAYOUTS = 'OTLP, a trace on each line',
): Promise<void> {
  const { head, each, between, tail }: Layout = LAYOUTS[name];
  const out = createWriteStream(file);
  out.write(head);
  for (let index = 0; index < spans / SPANS_PER_TRACE; index += 1) {
    const text = `${index === 0 ? '' : between}${each(trace(index))}`;
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end(tail);
  await once(out, 'finish');
}

function inner(values: readonly object[]): string {
  return JSON.stringify(values).slice(1, -1);
}

function jaegerSpan(span: Span): object {
  const { traceId, spanId, parentSpanId, name, kind, startTimeUnixNano, endTimeUnixNano } = span;
  const micros = (time: string) => Number(time.slice(0, -3));
  const tags = span.attributes.map(({ key, value }) => ({
    key,
    ...('intValue' in value
      ? { type: 'int64', value: Number(value.intValue) }
      : { type: 'string', value: value.stringValue }),
  }));
  return {
    traceID: traceId,
    spanID: spanId,
    operationName: name,
    references:
      parentSpanId === undefined
        ? []
        : [{ refType: 'CHILD_OF', traceID: traceId, spanID: parentSpanId }],
    startTime: micros(startTimeUnixNano),
    duration: micros(endTimeUnixNano) - micros(startTimeUnixNano),
    tags: [...tags, { key: 'span.kind', type: 'string', value: KINDS[kind] }],
    logs: [],
    processID: 'p1',
    warnings: null,
  };
}

type Span = ReturnType<typeof trace>[number];

/** Returns a trace: a server span with the spans that it called. */
function trace(index: number) {
  const traceId = (index + 1).toString(16).padStart(32, '0');
  const idOf = (span: number) =>
    (index * SPANS_PER_TRACE + span + 1).toString(16).padStart(16, '0');
  const time = (micros: number) =>
    `${START_SECONDS + Math.floor(index / 50)}${String((index % 50) * 20_000 + micros).padStart(6, '0')}000`;
  return Array.from({ length: SPANS_PER_TRACE }, (_, span) => ({
    traceId,
    spanId: idOf(span),
    parentSpanId: span === 0 ? undefined : idOf((span - 1) >> 1),
    flags: 257,
    name: span === 0 ? 'GET /items' : `step ${span % 12}`,
    kind: span === 0 ? 2 : span % 5 === 0 ? 3 : 1,
    startTimeUnixNano: time(span * 100),
    endTimeUnixNano: time(span === 0 ? 9_000 : 5_000 + span * 50),
    attributes: [
      { key: 'http.request.method', value: { stringValue: 'GET' } },
      { key: 'url.path', value: { stringValue: `/items/${span}` } },
      { key: 'server.address', value: { stringValue: 'localhost' } },
      { key: 'server.port', value: { intValue: '8080' } },
    ],
    status: span === 7 ? { code: 2 } : {},
  }));
}
