import { loadPrices } from '../cost/price.js';
import { BadInputError } from '../errors.js';
import { ByReader } from '../trace/by-attributes.js';
import { factsReaderBy, groupOf } from '../trace/facts-reader.js';
import { isAddress, nameOf, peekBytes, readBytes, type Peeked } from './byte-source.js';
import { chooses, noTraceWith, sinceMillis } from './choice.js';
import { isClickHouse, readClickHouse } from './clickhouse-api.js';
import { readJaeger } from './jaeger-api.js';
import type { Unread } from '../summary.js';
import type { ReadOptions } from './read-options.js';
import { isSavedSummary, RECOGNISED_BYTES } from './saved-summary.js';
import { readSpans } from './read-spans.js';
import { parseShard } from './shard.js';
import { TraceCollector, type TraceSink } from './trace-collector.js';

/** The most spans to hold, of traces that may go on. */
const MAX_SPANS = 100_000;

/** What was read of sources. */
interface ReadTraces {
  /** `true` if a source held traces, or nothing. */
  readonly hasTraces: boolean;
  /** `true` if all that were no saved summaries held nothing, as a partition may. */
  readonly isEmpty?: boolean;
  /** What could not be read; absent when everything was. */
  readonly unread?: Unread;
}

/**
 * Reads sources of any kind. Traces go to the sink, one after another, and saved summaries to
 * `onSavedSummary`, which reads or closes the source.
 */
export async function readSources(
  sources: readonly string[],
  options: ReadOptions,
  sink: TraceSink,
  onSavedSummary: (where: string, source: Peeked) => Promise<void>,
  by: ByReader = new ByReader([]),
): Promise<ReadTraces> {
  const { signal, nowEpochMillis = Date.now(), groupName } = options;
  const since =
    options.since === undefined ? undefined : sinceMillis(options.since, nowEpochMillis);
  if (sources.length === 0) throw new BadInputError('expected a file or an address, got none');
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const collector = new TraceCollector(sink, {
    // A trace that is complete in one file may go on in another.
    ...(sources.length > 1 ? { maxCompleteSpans: MAX_SPANS } : {}),
    maxSpans: MAX_SPANS,
    shard,
    isWanted: chooses(options, since, groupOf(groupName)),
    readFacts: factsReaderBy(by, groupName, (text) => sink.warn(text)),
    // A function of the user's may look at any attribute.
    readsAllAttributes: groupName !== undefined || by.keys.length > 0,
  });
  const traces: string[] = [];
  let isEmpty = true;
  for (const source of sources) {
    const where = nameOf(source);
    if (isAddress(source)) {
      const readServer = (await isClickHouse(source, options)) ? readClickHouse : readJaeger;
      await readServer(source, { ...options, nowEpochMillis, sinceMillis: since }, collector);
      isEmpty = false;
    } else {
      const peeked = await peekBytes(readBytes(source, options), RECOGNISED_BYTES);
      if (isSavedSummary(peeked.start)) {
        await onSavedSummary(where, peeked);
        continue;
      }
      if (await readSpans(where, peeked.all, collector, signal)) isEmpty = false;
    }
    traces.push(where);
  }
  const { unread } = collector;
  if (traces.length === 0) return { hasTraces: false };
  if (isEmpty) return { hasTraces: true, isEmpty };
  if (collector.needsPrices) await loadPrices();
  collector.closeAll();
  // A shard may have no trace that is asked for.
  if (collector.wantedTraces > 0 || shard !== undefined) {
    return { hasTraces: true, ...(unread.damaged + unread.spans > 0 ? { unread } : {}) };
  }
  const names = traces.join(', ');
  if (collector.openedTraces > 0) throw noTraceWith(names, options, collector.services);
  throw new BadInputError(`${names}: expected traces, but none of its spans has a usable id`);
}
