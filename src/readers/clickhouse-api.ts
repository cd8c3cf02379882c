import { BadInputError } from '../errors.js';
import { fields, parseJson, text } from '../fields.js';
import { isAddress, readAll } from './byte-source.js';
import { noTraceWith } from './choice.js';
import { AnswerTail, clickHouseProblem } from './clickhouse-error.js';
import { servicesQuery, spansQuery, type SpanTable } from './clickhouse-query.js';
import { readSpans } from './read-spans.js';
import {
  credentials,
  parseAddress,
  ServerClient,
  userIn,
  type ServerQuery,
} from './server-client.js';
import type { TraceCollector } from './trace-collector.js';

/** ClickHouse sorts the rows before it sends the first. */
const TIMEOUT_MILLIS = 300_000;
/** What says who a server is takes no longer. */
const PING_MILLIS = 10_000;
/** Answers to other questions than that for spans are no longer. */
const MAX_SHORT_BYTES = 2 ** 20;

/** Whether a ClickHouse answers at an address. Only that is asked, without a password. */
export async function isClickHouse(
  address: string,
  { signal, timeoutMillis = PING_MILLIS }: Pick<ServerQuery, 'signal' | 'timeoutMillis'> = {},
): Promise<boolean> {
  if (!URL.canParse(address)) return false;
  const limit = { signal, timeoutMillis: Math.min(timeoutMillis, PING_MILLIS), headers: {} };
  try {
    const { ok, body } = await new ServerClient(baseOf(new URL(address)), limit).get('/ping');
    return (await readAll(body, 10)).toString() === 'Ok.\n' && ok;
  } catch {
    // The reader that is tried next says what is wrong.
    signal?.throwIfAborted();
    return false;
  }
}

/** Returns the addresses among sources at which no ClickHouse answers. */
export async function addressesOfJaegers(sources: readonly string[]): Promise<readonly string[]> {
  const jaegers: string[] = [];
  for (const source of sources.filter(isAddress)) {
    if (!(await isClickHouse(source))) jaegers.push(source);
  }
  return jaegers;
}

/**
 * Reads traces from the table of the Collector's exporter in a ClickHouse, by its HTTP interface: those in which the
 * service took part since the time, whole, one after another.
 */
export async function readClickHouse(
  address: string,
  query: ServerQuery,
  collector: TraceCollector,
): Promise<void> {
  const url = parseAddress(address);
  const where = tableIn(url);
  const [user, password] = userOf(url, process.env);
  const { signal, onProgress, timeoutMillis = TIMEOUT_MILLIS, limit } = query;
  const client = new ServerClient(baseOf(url), {
    ...{ signal, onProgress, timeoutMillis },
    headers: credentials(user, password),
    // It might lead elsewhere.
    redirect: 'manual',
  });
  const { base } = client;
  const before = collector.openedTraces;
  const rows = await ask(client, spansQuery(where, query), user);
  const isEmpty = !(await readSpans(base, rows, collector, signal));
  if (isEmpty && query.shard === undefined) {
    const { service, since = 'one hour ago' } = query;
    const answer = await ask(client, servicesQuery(where, query), user);
    const services = servicesIn(await readAll(answer, MAX_SHORT_BYTES));
    if (services.length > 0) throw noTraceWith(base, { service, since }, services);
    throw new BadInputError(`${base}: no spans since ${String(since)} in ${where.table}`);
  }
  if (limit === undefined || collector.openedTraces - before < limit) return;
  collector.warn(
    `${base}: only the newest ${limit} traces were read (see \`limit\`): older ones may be missing`,
  );
}

function baseOf({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname.replace(/\/(?:play|dashboard)?\/?$/, '')}`;
}

/** Reads the parameters that an address may have. */
function tableIn(url: URL): SpanTable {
  const { database, table = 'otel_traces', ...others } = Object.fromEntries(url.searchParams);
  const [other] = Object.keys(others);
  if (other === undefined) return { database, table };
  throw new BadInputError(
    `${baseOf(url)}: expected only database and table behind the "?" of a ClickHouse's address, got ${JSON.stringify(other)}`,
  );
}

/** Returns who asks: as the address says, or else the variables of ClickHouse's own client. */
function userOf(url: URL, env: NodeJS.ProcessEnv): readonly [user: string, password: string] {
  const given = userIn(url);
  if (given.some((part) => part !== '')) return given;
  const { CLICKHOUSE_USER: user = '', CLICKHOUSE_PASSWORD: password = '' } = env;
  return [user === '' && password !== '' ? 'default' : user, password];
}

/** Returns the rows of an answer. @throws BadInputError where it is, or ends with, an error */
async function ask(
  client: ServerClient,
  query: URLSearchParams,
  user: string,
): Promise<AsyncGenerator<Buffer>> {
  const { ok, status, headers, body } = await client.get(`/?${query.toString()}`);
  if (ok && !headers.has('x-clickhouse-exception-code')) return rowsIn(client.base, body, user);
  const said = (await readAll(body, MAX_SHORT_BYTES)).toString();
  const problem = clickHouseProblem(said, user) ?? `ClickHouse answers with status ${status}`;
  throw new BadInputError(`${client.base}: ${problem}`);
}

async function* rowsIn(
  base: string,
  body: AsyncIterable<Buffer>,
  user: string,
): AsyncGenerator<Buffer> {
  const tail = new AnswerTail();
  let failure: unknown;
  try {
    for await (const chunk of body) {
      tail.add(chunk);
      yield chunk;
    }
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    failure = error;
  }
  const { behindRows } = tail;
  const problem = clickHouseProblem(behindRows, user);
  if (problem !== undefined) throw new BadInputError(`${base}: the answer broke off: ${problem}`);
  if (failure !== undefined) throw failure;
  if (behindRows === '') return;
  throw new BadInputError(`${base}: expected rows of ClickHouse, but the answer ends otherwise`);
}

function servicesIn(answer: Buffer): string[] {
  const rows = answer.toString().trim().split('\n');
  return rows.flatMap((row) => text(fields(parseJson(row)).ServiceName) ?? []);
}
