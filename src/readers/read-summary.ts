import { groupName as defaultGroupName, type GroupName } from '../trace/group-name.js';
import { Ranking } from '../ranking/ranking.js';
import type { RankBy, Summary } from '../summary.js';
import { requireRankBy } from '../ranking/rank-rows.js';
import { loadPrices } from '../cost/price.js';
import {
  BadInputError,
  requireCount,
  requireFunction,
  requireOptions,
  requirePositive,
} from '../errors.js';
import { readBytes } from './byte-source.js';
import { readJaeger } from './jaeger-api.js';
import { noTraceWith } from './none-left.js';
import { SavedSummaryError } from './read-document.js';
import { readSource, type Reading } from './read-source.js';
import { sinceMillis } from './since.js';
import { isAddress, nameOf, requireOneStdin } from './source-name.js';
import { TraceCollector, type OpenTrace } from './trace-collector.js';

/** Which traces {@link readSummary} takes, and how it ranks them. */
export interface ReadOptions {
  /** Only traces with a span of this service. A Jaeger address needs it when it has several services. */
  readonly service?: string | undefined;
  /**
   * Only traces that started since: `30m`, `1h` or `2d` before now, an ISO time, milliseconds since the
   * epoch. Default: all; of a Jaeger address those of the last hour.
   */
  readonly since?: string | Date | number | undefined;
  /**
   * Only traces in which a span, or its row, has this name. At a Jaeger address it is looked for among
   * the spans of the service first.
   */
  readonly name?: string | undefined;
  /** What the rows are ordered by. Default `critical`. */
  readonly rankBy?: RankBy | undefined;
  /** Rows kept; further names share the row `(other)`. Default 1,000. */
  readonly maxRows?: number | undefined;
  /** Whether attempts and the transport inside LLM calls count for their operation. Default true. */
  readonly fold?: boolean | undefined;
  /**
   * Which names share a row, as for `startTracing`; `name` finds rows by it, too. Default: the one that
   * puts parameters and ids aside.
   */
  readonly groupName?: GroupName | undefined;
  /** How many traces a Jaeger address is asked for, the newest first. Default 1,000. */
  readonly limit?: number | undefined;
  /** How long an answer of a Jaeger address may take. Default 60,000. */
  readonly timeoutMillis?: number | undefined;
  /** The present, in milliseconds since the epoch. Default `Date.now()`. */
  readonly nowEpochMillis?: number | undefined;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
}

/** Held at a time, of traces that may go on. */
const MAX_SPANS = 100_000;

const OPTIONS = [
  'service',
  'since',
  'name',
  'rankBy',
  'maxRows',
  'fold',
  'groupName',
  'limit',
  'timeoutMillis',
  'nowEpochMillis',
  'signal',
] as const;

/**
 * Ranks the bottlenecks of traces that were recorded elsewhere. A source is
 *
 * - a file with OTLP JSON: one document, one on each line (as the OpenTelemetry collector writes them),
 *   or an array of documents;
 * - a file with Jaeger's JSON: what its UI downloads, what its API answers;
 * - one of these packed with gzip; `-` for standard input;
 * - the address of a Jaeger, `http://localhost:16686`, or of one trace in it.
 *
 * Files are read as a stream, in bounded memory: at most some 100,000 spans are held at a time. Traces
 * may be scattered through the files. What cannot be read is left out and counted in the warnings of
 * the summary.
 *
 * Between services clocks differ: a call that does not lie within its caller is moved into it, as Jaeger
 * does. Calls of models that bring no cost are priced.
 *
 * ```ts
 * import { toText } from 'hotspan/report';
 * import { readSummary } from 'hotspan/report';
 *
 * const report = async (file: string) => {
 *   console.log(toText(await readSummary(file, { service: 'shop', since: '2d' })));
 * };
 * ```
 *
 * @throws BadInputError (rejects) in one line, when a source cannot be read or holds no traces, or when
 *   none is left by the options; SavedSummaryError when a source is a saved summary
 * @throws TypeError (rejects) when an option is wrong
 */
export async function readSummary(
  sources: string | readonly string[],
  options: ReadOptions = {},
): Promise<Summary> {
  const list = typeof sources === 'string' ? [sources] : sources;
  const summary = await readSources(list, options, {
    optionPrefix: '',
    onSavedSummary: (found) => {
      throw found;
    },
  });
  // Only saved summaries give none.
  return summary!;
}

/** What the command line wants to be otherwise. */
export interface ReadingStyle {
  /** What stands before the names of options in messages. */
  readonly optionPrefix: '' | '--';
  /** Called for a source that is a saved summary. */
  readonly onSavedSummary: (found: SavedSummaryError) => void;
}

/**
 * Does what {@link readSummary} does, and gives undefined when all sources are saved summaries.
 *
 * @throws BadInputError, TypeError (rejects) as {@link readSummary}
 */
export async function readSources(
  sources: readonly string[],
  options: ReadOptions,
  { optionPrefix, onSavedSummary }: ReadingStyle,
): Promise<Summary | undefined> {
  checkOptions(options);
  const { service, name, signal, rankBy, nowEpochMillis = Date.now() } = options;
  const since =
    options.since === undefined ? undefined : sinceMillis(options.since, nowEpochMillis);
  if (sources.length === 0) throw new BadInputError('expected a file or an address, got none');
  requireOneStdin(sources);

  const { maxRows = 1_000, fold = true, limit = 1_000, timeoutMillis = 60_000 } = options;
  const { groupName = defaultGroupName } = options;
  const ranking = new Ranking({ maxRows, fold, groupName });
  const collector = new TraceCollector(ranking, {
    // A trace that is complete in one file may go on in another.
    ...(sources.length > 1 ? { maxCompleteSpans: MAX_SPANS } : {}),
    maxSpans: MAX_SPANS,
    isWanted: (trace) =>
      isSince(trace, since) &&
      (service === undefined || trace.records.some((span) => span.service === service)) &&
      (name === undefined || trace.records.some((span) => isNamed(span.name, name, groupName))),
  });
  const reading: Reading = { ranking, collector, services: new Set(), signal };
  const query = {
    ...{ service, name, since: options.since, sinceMillis: since },
    ...{ limit, nowEpochMillis, timeoutMillis, optionPrefix },
  };
  const traces: string[] = [];
  for (const source of sources) {
    try {
      if (isAddress(source)) await readJaeger(source, query, reading);
      else await readSource(nameOf(source), readBytes(source, signal), reading);
      traces.push(nameOf(source));
    } catch (error) {
      if (!(error instanceof SavedSummaryError)) throw error;
      onSavedSummary(error);
    }
  }
  if (traces.length === 0) return undefined;
  if (collector.needsPrices) await loadPrices();
  collector.closeAll();
  if (collector.wantedTraces === 0) throw noneLeft(traces.join(', '), options, reading);
  return ranking.toSummary({ nowEpochMillis, ...(rankBy === undefined ? {} : { rankBy }) });
}

function checkOptions(options: ReadOptions): void {
  const where = 'readSummary';
  requireOptions(where, options, OPTIONS);
  requireRankBy(where, options.rankBy);
  requireCount(where, '`maxRows`', options.maxRows);
  if (options.groupName !== undefined) {
    requireFunction(where, '`groupName`', options.groupName);
  }
  requireCount(where, '`limit`', options.limit);
  requirePositive(where, '`timeoutMillis`', options.timeoutMillis);
  requirePositive(where, '`nowEpochMillis`', options.nowEpochMillis);
}

function isSince({ records, originSeconds = 0 }: OpenTrace, since: number | undefined): boolean {
  if (since === undefined) return true;
  let first = Infinity;
  for (const { startNanos } of records) if (startNanos < first) first = startNanos;
  return originSeconds * 1_000 + first / 1e6 >= since;
}

/** Rows may be named after a group of names. */
function isNamed(name: string, wanted: string, groupName: GroupName): boolean {
  if (name === wanted) return true;
  try {
    return groupName(name) === wanted;
  } catch {
    // The ranking tells of it.
    return false;
  }
}

function noneLeft(where: string, options: ReadOptions, { collector, services }: Reading) {
  if (collector.openedTraces > 0) return noTraceWith(where, options, [...services]);
  return new BadInputError(`${where}: expected traces, but none of its spans has a usable id`);
}
