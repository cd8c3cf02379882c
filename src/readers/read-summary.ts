import { pricesInUse } from '../cost/price-table.js';
import { BadInputError } from '../errors.js';
import { checkOptions } from '../options.js';
import { rerank } from '../ranking/rank-rows.js';
import { Ranking } from '../ranking/ranking.js';
import { byKeysOf, ByReader, type ByKey } from '../trace/by-attributes.js';
import { groupOf } from '../trace/facts-reader.js';
import { defined } from '../sums.js';
import { findTwice } from '../summaries/merge-shards.js';
import { mergeSummaries } from '../summaries/merge-summaries.js';
import type { Summary } from '../summary.js';
import { requireOneStdin, type Peeked } from './byte-source.js';
import { requireBy, requireEntry, requireFound } from './choice.js';
import { READ_OPTIONS, type ReadOptions } from './read-options.js';
import { readSavedSummaries } from './saved-summary.js';
import { parseShard, type Shard } from './shard.js';
import { readSources } from './read-sources.js';

/**
 * Reads traces that were recorded elsewhere, and saved summaries, as one summary. A source is
 *
 * - a file with OTLP JSON: one document, one on each line (as the OpenTelemetry collector writes them),
 *   or an array of documents;
 * - a file with OTLP in Protocol Buffers: requests one after another, or with their lengths;
 * - a file with Jaeger's JSON: a download of its UI, an answer of its API, or its documents in Elasticsearch;
 * - a file with rows of `otel_traces` of ClickHouse as `JSONEachRow`, with Tempo's JSON, or Zipkin's of v2;
 * - a summary that was saved as JSON, or several one after another;
 * - any of these packed with gzip; `-` for standard input;
 * - the address of a Jaeger, `http://localhost:16686`, or of one trace in it;
 * - the address of a ClickHouse's HTTP interface, `http://localhost:8123/?database=otel`: of its table `otel_traces`, or
 *   another `table`, it reads the traces in which the service took part, whole. The address, or `CLICKHOUSE_USER` and
 *   `CLICKHOUSE_PASSWORD`, say who asks.
 *
 * Traces are ranked together, and saved summaries are merged with them. Traces are read as a stream, in
 * bounded memory: at most some 100,000 spans are held at a time. Traces may be scattered through the
 * files. What cannot be read is left out and counted in the warnings of the summary.
 *
 * The clocks of services differ: a call that does not lie within its caller is moved into it, as Jaeger
 * does. LLM calls that bring no cost are priced.
 *
 * ```ts
 * import { readSummary, toText } from 'hotspan/report';
 *
 * const report = async (file: string) => {
 *   console.log(toText(await readSummary(file, { service: 'shop', since: '2d' })));
 * };
 * ```
 *
 * @throws BadInputError (rejects) with one line, when a source cannot be read or holds something else,
 *   when the options leave no trace, or when they choose among traces and all sources are saved summaries
 * @throws TypeError (rejects) when an option is wrong
 */
export async function readSummary(
  sources: string | readonly string[],
  options: ReadOptions = {},
): Promise<Summary> {
  const [summary] = await readSummaries([sources], options);
  return summary!;
}

/**
 * Reads several groups of sources, each as {@link readSummary} does, for example to compare them with
 * `diffSummaries`. `service`, `since`, `name` and `entry` choose among the traces of all groups.
 *
 * @throws BadInputError, TypeError (rejects) as {@link readSummary}
 */
export async function readSummaries(
  groups: readonly (string | readonly string[])[],
  options: ReadOptions = {},
): Promise<Summary[]> {
  checkOptions('readSummary', options, READ_OPTIONS);
  requireOneStdin(groups.flat());
  const { rankBy } = options;
  const keys = byKeysOf(options.by);
  const found: Awaited<ReturnType<typeof readGroup>>[] = [];
  for (const sources of groups) found.push(await readGroup([sources].flat(), options, keys));
  if (!found.some(({ hasTraces }) => hasTraces)) refuseToChoose(found[0]?.firstSaved, options);
  return found.map(({ summaries }) => {
    const summary = summaries.length === 1 ? summaries[0]! : merged(summaries);
    return rankBy === undefined ? summary : rerank(summary, rankBy);
  });
}

/** @throws BadInputError if something would be counted twice */
function merged(summaries: readonly Summary[]): Summary {
  const twice = findTwice(summaries);
  if (twice !== undefined) throw new BadInputError(`the summaries cannot be merged: ${twice}`);
  return mergeSummaries(summaries);
}

/** Returns the summaries of a group of sources; the first is of its traces, if it has any. */
async function readGroup(sources: readonly string[], options: ReadOptions, keys: readonly ByKey[]) {
  const { maxRows, fold, entry, nowEpochMillis = Date.now() } = options;
  const groupName = groupOf(options.groupName);
  const ranking = new Ranking({ groupName, by: keys, ...defined({ maxRows, fold, entry }) });
  const by = new ByReader(keys);
  const saved: Summary[] = [];
  let firstSaved: string | undefined;
  const onSaved = async (where: string, { all }: Peeked) => {
    firstSaved ??= where;
    for (const summary of await readSavedSummaries(where, all)) {
      requireBy(where, keys, summary);
      saved.push(summary);
    }
  };
  const { hasTraces, isEmpty, unread } = await readSources(sources, options, ranking, onSaved, by);
  if (!hasTraces) return { summaries: saved, hasTraces, firstSaved };
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  if (isEmpty !== true && shard === undefined) {
    requireEntry(ranking, sources, entry);
    requireFound(by, sources);
  }
  const ofTraces = ranking.toSummary({ nowEpochMillis });
  const read = {
    ...ofTraces,
    ...pricesInUse(ofTraces),
    ...defined({ unread }),
    ...shardsOf(shard),
  };
  return { summaries: [read, ...saved], hasTraces, firstSaved };
}

function shardsOf(shard: Shard | undefined): Pick<Summary, 'shards'> {
  return shard === undefined ? {} : { shards: { of: shard.of, indexes: [shard.index] } };
}

function refuseToChoose(where = '', options: ReadOptions): void {
  const { service, since, name, entry, shard } = options;
  const option = Object.entries({ service, since, name, entry, shard }).find(
    ([, value]) => value !== undefined,
  );
  if (option === undefined) return;
  throw new BadInputError(
    `${where}: expected traces to choose from by ${option[0]}, but it is a saved summary`,
  );
}
