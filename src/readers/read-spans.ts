import { loadPrices } from '../cost/price.js';
import { BadInputError } from '../errors.js';
import { fields, listIn } from '../fields.js';
import { isGzipError } from './byte-source.js';
import { DocumentSplitter } from './document-splitter.js';
import { readJaegerTrace } from './jaeger-json.js';
import { readResourceSpans } from './otlp.js';
import { SpanSink } from './span-sink.js';
import { SpanStream } from './span-stream.js';
import type { TraceCollector } from './trace-collector.js';

/**
 * Reads all spans of a source, which must have one unless it is empty. What is damaged is left out, counted, and
 * warned of. Returns `false` if the source is empty.
 */
export async function readSpans(
  where: string,
  bytes: AsyncIterable<Buffer>,
  collector: TraceCollector,
  signal?: AbortSignal,
): Promise<boolean> {
  const sink = new SpanSink(collector);
  let damage: string | undefined;
  const onDamage = (what: string) => {
    damage ??= what;
    collector.noteDamage(`${where}: ${what}`);
  };
  const splitter = new DocumentSplitter({
    onDocument: (value, isBehindDamage) => {
      const isKnown = readDocument(value, sink);
      // Behind damage any part of a document may look like a whole one.
      if (!isKnown && isBehindDamage !== true) sink.firstUnknown ??= shapeOf(value);
    },
    onDamage,
    openStream: () => new SpanStream(sink),
  });
  let isEmpty = true;
  try {
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      isEmpty &&= chunk.toString('latin1').trim() === '';
      splitter.write(chunk);
      if (!collector.isFull) continue;
      // Traces are priced when they are closed.
      if (collector.needsPrices) await loadPrices();
      collector.closeOldest();
    }
  } catch (error) {
    if (!isGzipError(error)) throw error;
    onDamage('the gzip data is damaged: what follows was left out');
  }
  splitter.end();
  const other = sink.firstUnknown;
  if (sink.spans > 0 && other !== undefined) {
    collector.warn(`${where}: JSON that holds no traces was left out: ${other}`);
  }
  if (sink.spans > 0) return true;
  if (isEmpty && damage === undefined) return false;
  let problem = 'it holds no spans';
  if (other !== undefined) problem = `it holds ${other}`;
  else if (damage !== undefined) problem = 'it is not JSON or is cut';
  throw new BadInputError(`${where}: expected traces (OTLP JSON or Jaeger JSON), but ${problem}`);
}

/**
 * Reads a JSON value that holds traces: OTLP JSON, one document or an array of such; the answers of
 * Jaeger's APIs; a download of its UI; one of its traces or an array of such. Returns `false` for any other value.
 */
export function readDocument(value: unknown, sink: SpanSink): boolean {
  let isKnown = readKnown(value, sink);
  if (!isKnown && Array.isArray(value)) {
    isKnown = value.length === 0;
    for (const item of value as unknown[]) isKnown = readKnown(item, sink) || isKnown;
  }
  return isKnown;
}

function readKnown(value: unknown, sink: SpanSink): boolean {
  const document = fields(value);
  // The answer of Jaeger's API v3 has the document inside.
  for (const holder of [document, fields(document.result)]) {
    if (readOtlpJson(holder, sink)) return true;
  }
  if (Array.isArray(document.data)) {
    for (const trace of listIn(document, 'data')) readJaegerTrace(trace, sink);
    return true;
  }
  if (!Array.isArray(document.spans)) return false;
  readJaegerTrace(value, sink);
  return true;
}

/** Reads a request of OTLP in JSON. Returns `false` if it is something else. Never throws. */
export function readOtlpJson(value: unknown, sink: SpanSink): boolean {
  const { resourceSpans, resource_spans: spans = resourceSpans } = fields(value);
  if (!Array.isArray(spans)) return false;
  readResourceSpans(spans, sink);
  return true;
}

/** Names the shape of a JSON value, without its content. */
function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array of something else';
  if (typeof value !== 'object') return `a ${typeof value}`;
  const keys = Object.keys(value).map((key) => `"${key.slice(0, 40)}"`);
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.slice(0, 3).join(', ')}`;
}
