import * as semconv from '../semconv.js';
import { addressOf, firstText, requestPath } from './attribute-text.js';
import { operationAndTable } from './statement.js';
import type { SpanKindName } from './span-record.js';

type Attributes = Readonly<Record<string, unknown>>;
type Names = readonly string[];

/** One kind of span whose own name mostly says little. */
interface Naming {
  /** A span with one of these attributes is of this kind. */
  readonly of: Names;
  /** What to call it; `undefined` where its attributes do not tell. */
  readonly name: (attributes: Attributes, kind: SpanKindName) => string | undefined;
  /** The attributes that a name which says nothing more is put together from. */
  readonly words: Names;
  /** Names that begin with this attribute and a space are put together by the conventions. */
  readonly prefix?: string;
  /** Spans with the same attributes come again and again: their names are remembered. */
  readonly isRepeated?: true;
}

/** Longer values are not remembered. */
const MAX_KEPT_VALUE = 2_000;

/** The first that a span is of names it. */
const NAMINGS: readonly Naming[] = [
  {
    of: [semconv.MCP_METHOD_NAME],
    name: nameOfMcp,
    words: [semconv.MCP_METHOD_NAME, ...semconv.MCP_TARGET_NAMES, ...semconv.MCP_SERVER_NAMES],
    prefix: semconv.MCP_METHOD_NAME,
  },
  {
    of: [
      semconv.GEN_AI_OPERATION_NAME,
      semconv.OPENINFERENCE_SPAN_KIND,
      semconv.TRACELOOP_SPAN_KIND,
      semconv.AI_OPERATION_ID,
    ],
    name: nameOfAgentPart,
    words: [
      ...[semconv.GEN_AI_OPERATION_NAME, semconv.AI_OPERATION_ID, semconv.TRACELOOP_SPAN_KIND],
      ...[semconv.OPENINFERENCE_SPAN_KIND, ...semconv.TOOL_NAMES, ...semconv.AGENT_NAMES],
    ],
    prefix: semconv.GEN_AI_OPERATION_NAME,
  },
  {
    of: semconv.DB_SYSTEM_NAMES,
    name: nameOfDatabase,
    isRepeated: true,
    words: [
      ...[...semconv.DB_SYSTEM_NAMES, ...semconv.DB_OPERATION_NAMES, ...semconv.DB_SUMMARY_NAMES],
      ...[...semconv.DB_COLLECTION_NAMES, ...semconv.DB_NAMESPACE_NAMES],
      ...semconv.DB_STATEMENT_NAMES,
    ],
  },
  {
    of: [semconv.MESSAGING_SYSTEM],
    name: nameOfMessaging,
    words: [
      ...[semconv.MESSAGING_SYSTEM, ...semconv.MESSAGING_OPERATION_NAMES],
      ...semconv.MESSAGING_DESTINATION_NAMES,
    ],
  },
  {
    of: semconv.RPC_SYSTEM_NAMES,
    name: nameOfRpc,
    words: [
      ...[...semconv.RPC_SYSTEM_NAMES, ...semconv.RPC_SERVICE_NAMES],
      ...semconv.RPC_METHOD_NAMES,
    ],
  },
  {
    of: semconv.HTTP_METHOD_NAMES,
    name: nameOfHttp,
    words: [
      ...[...semconv.HTTP_METHOD_NAMES, ...semconv.HTTP_ROUTE_NAMES, ...semconv.PATH_NAMES],
      ...[...semconv.URL_NAMES, ...semconv.ADDRESS_NAMES, semconv.HTTP_HOST_OLD],
    ],
  },
];

/** The attributes of which one is there where a name may be found. */
export const NAMING_ATTRIBUTES: Names = NAMINGS.flatMap(({ of }) => of);

/** Words in the names that instrumentations give, which say nothing of what a span is about. */
const EMPTY_WORDS: ReadonlySet<string> = new Set(
  (
    'http https request fetch client execute execute_tool invoke_agent call query db db_query sql command ' +
    'pg pool mysql mysql2 redis ioredis mongodb mongo prisma engine knex raw batch send publish receive ' +
    'process consume grpc rpc tool agent'
  ).split(' '),
);

/**
 * Returns what to call the row of a span whose name says no more than its attributes: `GET` becomes
 * `GET api.example.com`, `pg.query:SELECT shop` becomes `postgresql SELECT users`. `undefined` where the name
 * stands: it says more, or the attributes do not tell. Reads only the beginning of long attributes.
 *
 * | a span | is called |
 * |---|---|
 * | HTTP client | method and host |
 * | HTTP server | method and route, or else path |
 * | of a database | system and summary, or system, operation and table |
 * | of messaging | operation and destination |
 * | of RPC | service/method |
 * | MCP | method, server/tool |
 * | tool | `execute_tool` and its name |
 * | agent | `invoke_agent` and its name |
 */
export function tellingName(
  name: string,
  kind: SpanKindName,
  attributes: Attributes,
): string | undefined {
  for (const naming of NAMINGS) {
    if (!naming.of.some((key) => attributes[key] !== undefined)) continue;
    const found = naming.isRepeated === true ? remembered : nameBy;
    const told = found(naming, name, kind, attributes);
    if (told !== undefined) return told;
  }
  return undefined;
}

type NameBy = (
  naming: Naming,
  name: string,
  kind: SpanKindName,
  attributes: Attributes,
) => string | undefined;

const nameBy: NameBy = (naming, name, kind, attributes) => {
  const told = naming.name(attributes, kind);
  if (told === undefined || told === name) return undefined;
  return saysMore(name, naming, attributes) ? undefined : told;
};

const MAX_REMEMBERED = 1_000;
const names = new Map<string, string | undefined>();

const remembered: NameBy = (naming, name, kind, attributes) => {
  let key = name;
  for (const word of naming.words) {
    const value = attributes[word];
    // A statement with a document in it comes once.
    if (typeof value === 'string' && value.length > MAX_KEPT_VALUE) {
      return nameBy(naming, name, kind, attributes);
    }
    if (value !== undefined) key += `\n${word} ${value as string}`;
  }
  let told = names.get(key);
  if (told !== undefined || names.has(key)) return told;
  if (names.size >= MAX_REMEMBERED) names.clear();
  told = nameBy(naming, name, kind, attributes);
  names.set(key, told);
  return told;
};

function saysMore(name: string, { words, prefix }: Naming, attributes: Attributes): boolean {
  const beginning = prefix === undefined ? undefined : attributes[prefix];
  if (typeof beginning === 'string' && name.startsWith(`${beginning} `)) return false;
  // Mostly it is one of them.
  if (words.some((key) => attributes[key] === name)) return false;
  let known: string[] | undefined;
  for (const word of name.toLowerCase().split(NO_WORD)) {
    if (word === '' || EMPTY_WORDS.has(word)) continue;
    known ??= words.map((key) => firstText(attributes, [key])?.toLowerCase() ?? '');
    if (!known.some((text) => hasWord(text, word))) return true;
  }
  return false;
}

const NO_WORD = /\W+/;
const IS_WORD = /\w/;

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const isWhole =
      !IS_WORD.test(text[at - 1] ?? '') && !IS_WORD.test(text[at + word.length] ?? '');
    if (isWhole) return true;
  }
  return false;
}

function nameOfHttp(attributes: Attributes, kind: SpanKindName): string | undefined {
  const known = firstText(attributes, semconv.HTTP_METHOD_NAMES) ?? '_OTHER';
  const method = known === '_OTHER' ? 'HTTP' : known;
  if (kind === 'client') {
    const address = addressOf(attributes) ?? firstText(attributes, semconv.PEER_NAMES);
    return address && `${method} ${address}`;
  }
  if (kind !== 'server') return undefined;
  const path = firstText(attributes, semconv.HTTP_ROUTE_NAMES) ?? requestPath(attributes);
  // A client span that tells as little must not share its row.
  return `${method} ${path ?? '(server)'}`;
}

function nameOfDatabase(attributes: Attributes): string | undefined {
  const system = firstText(attributes, semconv.DB_SYSTEM_NAMES);
  const summary = firstText(attributes, semconv.DB_SUMMARY_NAMES);
  if (summary !== undefined) return joined(system, summary);
  const operation = firstText(attributes, semconv.DB_OPERATION_NAMES);
  const table = firstText(attributes, semconv.DB_COLLECTION_NAMES);
  const statement = firstText(attributes, semconv.DB_STATEMENT_NAMES);
  const isRead = statement !== undefined && (operation === undefined || table === undefined);
  const read = isRead ? operationAndTable(statement) : {};
  const does = operation ?? read.operation;
  return does === undefined ? undefined : joined(system, does, table ?? read.table);
}

function nameOfMessaging(attributes: Attributes, kind: SpanKindName): string | undefined {
  const destination = firstText(attributes, semconv.MESSAGING_DESTINATION_NAMES);
  if (destination === undefined) return undefined;
  const usual = kind === 'consumer' ? 'process' : 'publish';
  return joined(firstText(attributes, semconv.MESSAGING_OPERATION_NAMES) ?? usual, destination);
}

function nameOfRpc(attributes: Attributes): string | undefined {
  const service = firstText(attributes, semconv.RPC_SERVICE_NAMES);
  const method = firstText(attributes, semconv.RPC_METHOD_NAMES);
  if (method === undefined) return undefined;
  // The newer conventions have the service in the method.
  return service === undefined || method.includes('/') ? method : `${service}/${method}`;
}

function nameOfMcp(attributes: Attributes, kind: SpanKindName): string | undefined {
  const method = firstText(attributes, [semconv.MCP_METHOD_NAME]);
  const target = firstText(attributes, semconv.MCP_TARGET_NAMES);
  // The address of a server's own span is that of the server itself.
  const servers = semconv.MCP_SERVER_NAMES.slice(0, kind === 'server' ? 1 : undefined);
  const server = firstText(attributes, servers);
  const isBoth = server !== undefined && target !== undefined;
  const what = isBoth ? `${server}/${target}` : (server ?? target);
  return joined(method, what);
}

function nameOfAgentPart(attributes: Attributes): string | undefined {
  const operation = firstText(attributes, [semconv.GEN_AI_OPERATION_NAME]);
  const kinds = [semconv.OPENINFERENCE_SPAN_KIND, semconv.TRACELOOP_SPAN_KIND];
  const kind = firstText(attributes, kinds)?.toLowerCase();
  const isTool = attributes[semconv.AI_OPERATION_ID] === 'ai.toolCall' || kind === 'tool';
  if (operation === 'execute_tool' || (operation === undefined && isTool)) {
    const tool = firstText(attributes, semconv.TOOL_NAMES);
    return tool && `execute_tool ${tool}`;
  }
  const isAgent =
    operation === undefined ? kind === 'agent' : /^(?:invoke|create)_agent$/.test(operation);
  const agent = isAgent ? firstText(attributes, semconv.AGENT_NAMES) : undefined;
  return agent && `${operation ?? 'invoke_agent'} ${agent}`;
}

function joined(...parts: readonly (string | undefined)[]): string | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.join(' ');
}
