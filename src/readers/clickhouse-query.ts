import { parseShard, IS_IN_SHARD_SQL } from './shard.js';
import { startOfQuery, type ServerQuery } from './server-client.js';

/** Where the spans are. */
export interface SpanTable {
  /** Default: that of the user. */
  readonly database: string | undefined;
  readonly table: string;
}

/** A trace that started before the time that is asked for is told by the spans that started so much before it. */
const MARGIN_MILLIS = 3_600_000;
/** ClickHouse's times with nanoseconds end in 2262. */
const LAST_MILLIS = 9.2e12;

const COLUMNS =
  'TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName, SpanAttributes, Duration, StatusCode';
const since = (parameter: string) => `Timestamp >= fromUnixTimestamp64Milli({${parameter}:Int64})`;

/**
 * Returns the parameters of a request for whole traces, one after another: all spans of the traces in which the service,
 * or any, started a span in the time. What the user chose is sent as ClickHouse's parameters, and is not part of the SQL.
 */
export function spansQuery(where: SpanTable, query: ServerQuery): URLSearchParams {
  const { service, limit } = query;
  const shard = query.shard === undefined ? undefined : parseShard(query.shard);
  const start = startOfQuery(query);
  const ofShard = shard === undefined ? [] : [IS_IN_SHARD_SQL];
  const ofService = service === undefined ? [] : ['ServiceName = {service:String}'];
  const newest =
    limit === undefined
      ? ''
      : ' GROUP BY TraceId ORDER BY max(Timestamp) DESC LIMIT {limit:UInt64}';
  const chosen = [since('since'), ...ofService, ...ofShard].join(' AND ');
  // Without GLOBAL, tables that are distributed over several servers refuse it.
  const inChosen = `TraceId GLOBAL IN (SELECT TraceId FROM {table:Identifier} WHERE ${chosen}${newest})`;
  const isChoice = service !== undefined || limit !== undefined;
  const spans = [since('from'), ...(isChoice ? [inChosen] : ofShard)].join(' AND ');
  // Times are read as UTC, and the server may be elsewhere. A column must not have the name of another that it is made of.
  const sql = `SELECT toString(toUnixTimestamp64Nano(Start)) AS Timestamp, ${COLUMNS}
FROM (SELECT Timestamp AS Start, ${COLUMNS} FROM {table:Identifier} WHERE ${spans})
ORDER BY TraceId FORMAT JSONEachRow`;
  return request(where, sql, {
    since: timeOf(start),
    from: timeOf(start - MARGIN_MILLIS),
    service,
    limit,
    shard: shard?.index,
    shards: shard?.of,
  });
}

/** Returns the parameters of a request for the names of the services that there are in the time. */
export function servicesQuery(where: SpanTable, query: ServerQuery): URLSearchParams {
  const sql = `SELECT DISTINCT ServiceName FROM {table:Identifier} WHERE ${since('since')}
ORDER BY ServiceName LIMIT 1000 FORMAT JSONEachRow`;
  return request(where, sql, { since: timeOf(startOfQuery(query)) });
}

function request(
  { database, table }: SpanTable,
  query: string,
  parameters: Readonly<Record<string, string | number | undefined>>,
): URLSearchParams {
  const sent = new URLSearchParams({ query, ...(database === undefined ? {} : { database }) });
  sent.set('param_table', escaped(table));
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) sent.set(`param_${name}`, escaped(String(value)));
  }
  return sent;
}

const ESCAPES: readonly (readonly [character: string, escape: string])[] = [
  ['\\', '\\\\'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\0', '\\0'],
];

/** ClickHouse reads parameters as values of its format with tabs. */
function escaped(text: string): string {
  return ESCAPES.reduce((all, [character, escape]) => all.replaceAll(character, escape), text);
}

function timeOf(millis: number): number {
  return Math.floor(Math.min(Math.max(millis, 0), LAST_MILLIS));
}
