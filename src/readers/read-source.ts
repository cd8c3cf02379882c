import type { Ranking } from '../ranking/ranking.js';
import { BadInputError } from '../errors.js';
import { loadPrices } from '../cost/price.js';
import { DocumentSplitter } from './document-splitter.js';
import { readDocument } from './read-document.js';
import { SpanSink } from './span-sink.js';
import { SpanStream } from './span-stream.js';
import type { TraceCollector } from './trace-collector.js';

/** What all the sources of one reading have in common. */
export interface Reading {
  readonly ranking: Ranking;
  readonly collector: TraceCollector;
  /** The services that were found, for messages. */
  readonly services: Set<string>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads all spans of a source. What is damaged is left out, with a warning.
 *
 * @param where the name of the source, for messages
 * @throws BadInputError when no span is in it
 */
export async function readSource(
  where: string,
  bytes: AsyncIterable<Buffer>,
  reading: Reading,
): Promise<void> {
  const { ranking, collector, signal } = reading;
  const sink = new SpanSink(collector, ranking, reading.services);
  let damage: string | undefined;
  const onDamage = (what: string) => {
    damage ??= what;
    ranking.warn(`${where}: ${what}`);
  };
  const splitter = new DocumentSplitter({
    onDocument: (value) => readDocument(value, sink, where),
    onDamage,
    openStream: () => new SpanStream(sink),
  });
  let size = 0;
  try {
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      size += chunk.length;
      splitter.write(chunk);
      if (collector.isFull) await closeOldest(collector);
    }
  } catch (error) {
    if (!isCompressionError(error)) throw error;
    onDamage('the gzip data is damaged: what follows was left out');
  }
  splitter.end();
  if (sink.spans === 0) throw nothingIn(where, size, damage, sink);
  if (sink.unknown.count > 0) {
    ranking.warn(`${where}: JSON that holds no traces was left out: ${sink.unknown.first!}`);
  }
}

/** Closes traces, which may ask for prices. */
async function closeOldest(collector: TraceCollector): Promise<void> {
  if (collector.needsPrices) await loadPrices();
  collector.closeOldest();
}

function isCompressionError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('Z_');
}

function nothingIn(where: string, size: number, damage: string | undefined, sink: SpanSink) {
  const expected = `${where}: expected traces (OTLP JSON or Jaeger JSON)`;
  if (size === 0 && damage === undefined) return new BadInputError(`${expected}, but it is empty`);
  if (sink.unknown.first !== undefined) {
    return new BadInputError(`${expected}, but it holds ${sink.unknown.first}`);
  }
  if (damage !== undefined) return new BadInputError(`${expected}, but it is not JSON or is cut`);
  return new BadInputError(`${expected}, but it holds no spans`);
}
