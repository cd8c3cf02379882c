import { fields, listIn } from '../fields.js';
import { BadInputError } from '../errors.js';
import { listServices, noTraceWith } from './choice.js';
import { JaegerClient, NothingFoundError } from './jaeger-client.js';
import { defined } from '../sums.js';
import { readSpans } from './read-spans.js';
import {
  credentials,
  parseAddress,
  startOfQuery,
  userIn,
  type ServerQuery,
} from './server-client.js';
import type { TraceCollector } from './trace-collector.js';

const DEFAULT_LIMIT = 1_000;
/** Jaeger traces itself, which is not what anybody asks about. */
const JAEGERS_OWN: ReadonlySet<unknown> = new Set(['jaeger', 'jaeger-query', 'jaeger-all-in-one']);

const TRACE_PATH = /^(.*?)\/(?:api\/(?:v3\/)?traces|trace)\/([0-9a-f]{1,32})\/?$/i;

/**
 * Reads from a Jaeger: one trace, if the address names one (as `/trace/{id}`, `/api/traces/{id}` or
 * `/api/v3/traces/{id}`), or else the newest traces of a service. Asks API v3, with its parameters in camel
 * case and then, for Jaegers before 2.19, in snake case; and the older search where only that answers.
 */
export async function readJaeger(
  address: string,
  query: ServerQuery,
  collector: TraceCollector,
): Promise<void> {
  const { signal, limit = DEFAULT_LIMIT } = query;
  const { client, traceId } = clientFor(address, query);
  const { base } = client;
  if (traceId !== undefined) {
    const bytes = await client.first([`/api/v3/traces/${traceId}`, `/api/traces/${traceId}`]);
    await readSpans(`${base}/trace/${traceId}`, bytes, collector, signal);
    return;
  }
  const found = () => collector.openedTraces + collector.otherTraces;
  const before = found();
  await readSpans(base, await search(client, query), collector, signal);
  if (found() - before < limit) return;
  const ofShard = query.shard === undefined ? '' : ', of which this shard is a part';
  collector.warn(
    `${base}: only the newest ${limit} traces were read${ofShard} (see \`limit\`): older ones may be missing`,
  );
}

function clientFor(address: string, query: ServerQuery) {
  const url = parseAddress(address);
  const { protocol, host, pathname } = url;
  const [, before, traceId] = TRACE_PATH.exec(pathname) ?? [];
  const base = `${protocol}//${host}${before ?? pathname.replace(/\/(?:search)?\/?$/, '')}`;
  const { signal, onProgress, timeoutMillis = 60_000 } = query;
  const headers = { accept: 'application/json', ...credentials(...userIn(url)) };
  const client = new JaegerClient(base, { timeoutMillis, signal, onProgress, headers });
  return { client, traceId };
}

/** Asks for traces. When there are none, the error lists the services that there are. */
async function search(client: JaegerClient, query: ServerQuery): Promise<AsyncIterable<Buffer>> {
  const service = query.service ?? (await onlyService(client));
  const { name, since = 'one hour ago' } = query;
  // Jaeger looks for a name among the spans of the service alone; the traces may have it elsewhere.
  const names = name === undefined ? [undefined] : [name, undefined];
  try {
    return await client.first(names.flatMap((operation) => searches(service, operation, query)));
  } catch (error) {
    if (!(error instanceof NothingFoundError)) throw error;
    const services = await servicesOf(client).catch(() => []);
    if (services.length === 0) throw error;
    throw noTraceWith(client.base, { service, name, since }, services);
  }
}

async function onlyService(client: JaegerClient): Promise<string> {
  const services = await servicesOf(client);
  if (services.length === 1) return services[0]!;
  const problem =
    services.length === 0
      ? 'it has no traces of any service'
      : `expected \`service\` to be one of those in it: ${listServices(services)}`;
  throw new BadInputError(`${client.base}: ${problem}`);
}

/** Returns the services that a Jaeger has traces of; Jaeger itself only when there is no other. */
async function servicesOf(client: JaegerClient): Promise<string[]> {
  const answer = fields(await client.firstJson(['/api/v3/services', '/api/services']));
  const all = [...listIn(answer, 'services', 'data')].filter((name) => typeof name === 'string');
  const others = all.filter((name) => !JAEGERS_OWN.has(name));
  return others.length > 0 ? others : all;
}

/** Returns the ways to search that Jaegers have had, the newest first. */
function searches(service: string, operation: string | undefined, query: ServerQuery): string[] {
  const { nowEpochMillis: to } = query;
  const limit = String(query.limit ?? DEFAULT_LIMIT);
  const from = startOfQuery(query);
  const [start, end] = [from, to].map((millis) => new Date(millis).toISOString());
  return [
    path('/api/v3/traces', {
      'query.serviceName': service,
      'query.startTimeMin': start,
      'query.startTimeMax': end,
      'query.searchDepth': limit,
      'query.operationName': operation,
    }),
    path('/api/v3/traces', {
      'query.service_name': service,
      'query.start_time_min': start,
      'query.start_time_max': end,
      'query.num_traces': limit,
      'query.operation_name': operation,
    }),
    path('/api/traces', {
      service,
      start: `${Math.floor(from)}000`,
      end: `${to}000`,
      limit,
      operation,
    }),
  ];
}

function path(base: string, parameters: Record<string, string | undefined>): string {
  const query = new URLSearchParams(defined(parameters) as Record<string, string>);
  return `${base}?${query.toString()}`;
}
