import { fields } from '../fields.js';
import { BadInputError } from '../errors.js';
import { HttpServer, NothingFoundError } from './http-client.js';
import { listOf } from './list-of.js';
import { noTraceWith } from './none-left.js';
import { listIn } from './otlp.js';
import { readSource, type Reading } from './read-source.js';
import { withoutUser } from './source-name.js';

/** What a Jaeger is asked for. */
export interface JaegerQuery {
  readonly service: string | undefined;
  readonly name: string | undefined;
  readonly sinceMillis: number | undefined;
  /** The time as it was asked for, for messages. */
  readonly since: string | Date | number | undefined;
  readonly limit: number;
  readonly nowEpochMillis: number;
  readonly timeoutMillis: number;
  /** What stands before the names of options in messages. */
  readonly optionPrefix: string;
}

/** As Jaeger's UI searches, too. */
const DEFAULT_SINCE_MILLIS = 3_600_000;
/** Jaeger traces itself, which is not what anybody asks about. */
const JAEGERS_OWN: ReadonlySet<unknown> = new Set(['jaeger', 'jaeger-query', 'jaeger-all-in-one']);

/**
 * Reads from a Jaeger: one trace, if the address names one (as `/trace/{id}`, `/api/traces/{id}` or
 * `/api/v3/traces/{id}`), or else the newest traces of a service. Asks API v3, with its parameters in camel
 * case and then, for Jaegers before 2.19, in snake case; and the older search where only that answers.
 *
 * @throws BadInputError in one line when there is no such answer
 */
export async function readJaeger(
  address: string,
  query: JaegerQuery,
  reading: Reading,
): Promise<void> {
  const { server, path, traceId } = parseAddress(address, query, reading.signal);
  if (traceId !== undefined) {
    const paths = [`/api/v3/traces/${traceId}`, `/api/traces/${traceId}`];
    await readSource(`${server.base}${path}`, await server.first(paths), reading);
    return;
  }
  const { collector, ranking } = reading;
  const before = collector.openedTraces;
  await readSource(server.base, await search(server, query), reading);
  if (collector.openedTraces - before < query.limit) return;
  ranking.warn(
    `${server.base}: only the newest ${query.limit} traces were asked for ` +
      `(\`${query.optionPrefix}limit\`): older ones may be missing`,
  );
}

/** What a Jaeger answers to a search; when it finds nothing the error says what there is. */
async function search(server: HttpServer, query: JaegerQuery): Promise<AsyncIterable<Buffer>> {
  const service = await serviceFor(server, query);
  try {
    return await server.first(searches(service, query));
  } catch (error) {
    if (!(error instanceof NothingFoundError)) throw error;
    // Who cannot say which services there are has said that there is nothing.
    const services = await servicesOf(server).catch(() => []);
    if (services.length === 0) throw error;
    const { name, since = 'one hour ago' } = query;
    throw noTraceWith(server.base, { service, name, since }, services);
  }
}

function parseAddress(address: string, { timeoutMillis }: JaegerQuery, signal?: AbortSignal) {
  if (!URL.canParse(address)) {
    throw new BadInputError(
      `${withoutUser(address)}: expected an address such as http://localhost:16686`,
    );
  }
  const { protocol, host, pathname, username, password } = new URL(address);
  const [, before, traceId] = TRACE_PATH.exec(pathname) ?? [];
  const base = `${protocol}//${host}${before ?? pathname.replace(/\/(?:search)?\/?$/, '')}`;
  const user = [username, password].map(decoded).join(':');
  const server = new HttpServer(base, { timeoutMillis, signal, user });
  return { server, traceId, path: traceId === undefined ? '' : `/trace/${traceId}` };
}

/** A "%" that begins no character stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const TRACE_PATH = /^(.*?)\/(?:api\/(?:v3\/)?traces|trace)\/([0-9a-f]{1,32})\/?$/i;

/** The service that is asked for, or the only one that there is. */
async function serviceFor(
  server: HttpServer,
  { service, optionPrefix }: JaegerQuery,
): Promise<string> {
  if (service !== undefined) return service;
  const services = await servicesOf(server);
  const [only, ...others] = services;
  if (only === undefined)
    throw new BadInputError(`${server.base}: it has no traces of any service`);
  if (others.length === 0) return only;
  throw new BadInputError(
    `${server.base}: expected \`${optionPrefix}service\` to be one of those in it: ${listOf(services)}`,
  );
}

/** The services that a Jaeger has traces of; itself only when there is no other. */
async function servicesOf(server: HttpServer): Promise<string[]> {
  const answer = fields(await server.firstJson(['/api/v3/services', '/api/services']));
  const all = [...listIn(answer, 'services', 'data')].filter((name) => typeof name === 'string');
  const others = all.filter((name) => !JAEGERS_OWN.has(name));
  return others.length > 0 ? others : all;
}

/**
 * The ways to search that Jaegers have had, the newest first. Jaeger looks for a name among the spans
 * of the service alone; when it finds none there, the traces may have it elsewhere.
 */
function searches(service: string, query: JaegerQuery): string[] {
  const { name } = query;
  const inAll = searchesFor(service, undefined, query);
  return name === undefined ? inAll : [...searchesFor(service, name, query), ...inAll];
}

function searchesFor(service: string, name: string | undefined, query: JaegerQuery): string[] {
  const { limit, nowEpochMillis } = query;
  const from = Math.min(query.sinceMillis ?? nowEpochMillis - DEFAULT_SINCE_MILLIS, nowEpochMillis);
  const times = [from, nowEpochMillis].map((millis) => new Date(millis).toISOString());
  const v3 = (names: readonly string[]) => {
    const values = [service, times[0], times[1], String(limit), name];
    return withQuery('/api/v3/traces', names, values);
  };
  return [
    v3(
      ['serviceName', 'startTimeMin', 'startTimeMax', 'searchDepth', 'operationName'].map(inQuery),
    ),
    v3(
      ['service_name', 'start_time_min', 'start_time_max', 'num_traces', 'operation_name'].map(
        inQuery,
      ),
    ),
    withQuery(
      '/api/traces',
      ['service', 'start', 'end', 'limit', 'operation'],
      [service, `${Math.floor(from)}000`, `${nowEpochMillis}000`, String(limit), name],
    ),
  ];
}

function inQuery(name: string): string {
  return `query.${name}`;
}

function withQuery(
  path: string,
  names: readonly string[],
  values: readonly (string | undefined)[],
): string {
  const parameters = new URLSearchParams();
  names.forEach((name, index) => {
    const value = values[index];
    if (value !== undefined) parameters.set(name, value);
  });
  return `${path}?${parameters.toString()}`;
}
