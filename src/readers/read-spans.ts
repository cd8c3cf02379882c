import { loadPrices } from '../cost/price.js';
import { BadInputError } from '../errors.js';
import { fields } from '../fields.js';
import { isGzipError, peekBytes } from './byte-source.js';
import { DocumentSplitter } from './document-splitter.js';
import { isTornOff, readDocument } from './json-formats.js';
import { framingOf, OtlpProtobufFile } from './otlp-protobuf-file.js';
import { refusalOfJson, refusalOfStart } from './refused-formats.js';
import { SpanSink } from './span-sink.js';
import { SpanStream } from './span-stream.js';
import type { TraceCollector } from './trace-collector.js';

const EXPECTED = 'expected traces (of OTLP, Jaeger, Tempo, Zipkin or ClickHouse)';
/** Enough to recognise a format. */
const LOOKED_AT_BYTES = 4_096;

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
  const { start, all } = await peekBytes(bytes, LOOKED_AT_BYTES);
  const framing = framingOf(start);
  let refusal = framing === undefined ? refusalOfStart(start) : undefined;
  const readJson = () =>
    new DocumentSplitter({
      onDocument: (value, isBehindDamage) => {
        if (isBehindDamage === true && isTornOff(value)) return;
        const isKnown = readDocument(value, sink);
        // Behind damage any part of a document may look like a whole one.
        if (isKnown || isBehindDamage === true) return;
        refusal ??= refusalOfJson(value);
        if (isClickHouseError(value)) onDamage('the export ended with an error of ClickHouse');
        else sink.firstUnknown ??= shapeOf(value);
      },
      onDamage,
      openStream: () => new SpanStream(sink),
    });
  const reader = framing === undefined ? readJson() : new OtlpProtobufFile(framing, sink, onDamage);
  let isEmpty = true;
  try {
    for await (const chunk of all) {
      signal?.throwIfAborted();
      isEmpty &&= chunk.toString('latin1').trim() === '';
      reader.write(chunk);
      if (!collector.isFull) continue;
      // Traces are priced when they are closed.
      if (collector.needsPrices) await loadPrices();
      collector.closeOldest();
    }
  } catch (error) {
    if (!isGzipError(error)) throw error;
    onDamage('the gzip data is damaged: what follows was left out');
  }
  reader.end();
  const other = sink.firstUnknown;
  if (sink.spans > 0 && other !== undefined) {
    collector.warnOfSource(`${where}: JSON that holds no traces was left out: ${other}`);
  }
  if (sink.spans > 0) return true;
  if (isEmpty && damage === undefined) return false;
  let problem = 'it holds no spans';
  if (refusal !== undefined) problem = refusal;
  else if (other !== undefined) problem = `it holds ${other}`;
  else if (damage !== undefined) problem = 'it is not JSON or is cut';
  throw new BadInputError(`${where}: ${EXPECTED}, but ${problem}`);
}

/** What newer ClickHouses write behind the rows, where they cannot go on. */
function isClickHouseError(value: unknown): boolean {
  return typeof fields(value).exception === 'string';
}

/** Names the shape of a JSON value, without its content. */
function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array of something else';
  if (typeof value !== 'object') return `a ${typeof value}`;
  const keys = Object.keys(value).map((key) => `"${key.slice(0, 40)}"`);
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.slice(0, 3).join(', ')}`;
}
