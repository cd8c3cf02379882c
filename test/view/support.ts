import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import type { Summary } from 'hotspan/processor';
import { LiveRanking, type RankingChoice } from '../../src/view/live-ranking.js';
import { servePage, type PageServer, type PageServerOptions } from '../../src/view/page-server.js';
import type { TracesList } from '../../src/view/traces-list.js';
import { makeReceiver } from '../../src/view/receiver.js';

/** Ends everything that a test has started. */
const started: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0)) await stop();
});

/** Has something ended after the test. */
export function afterwards(stop: () => unknown): void {
  started.push(stop);
}

/** A page of a summary, in which a test sees what is shown. */
export async function startPage(
  summary: () => Summary,
  options: Partial<PageServerOptions> = {},
  list?: TracesList,
): Promise<PageServer> {
  const source = {
    list,
    summary,
    document: ({ generatedAt }: Summary) => `<!doctype html>${generatedAt}`,
    data: (shown: Summary) => JSON.stringify(shown),
  };
  const server = await servePage(source, { port: 0, share: 1, updateMillis: 5, ...options });
  afterwards(() => server.close());
  return server;
}

/** A receiver that ranks traces as soon as they are complete, and its page. */
export async function startReceiver(
  options: Partial<PageServerOptions> = {},
  choice: RankingChoice = {},
) {
  const ranking = new LiveRanking(choice, 5);
  afterwards(() => ranking.finish());
  const refused: string[] = [];
  const forwarded: { readonly bytes: number; readonly type: string }[] = [];
  const receive = makeReceiver({
    take: (body, isJson) => ranking.take(body, isJson),
    forward: ({ length: bytes }, type) => forwarded.push({ bytes, type }),
    refused: (line) => refused.push(line),
  });
  const answers = { 'POST /v1/traces': receive };
  const server = await startPage(() => ranking.summary(), { answers, ...options }, ranking);
  return { ...server, ranking, refused, forwarded };
}

/** Sends a body to a receiver. */
export function post(
  address: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${address}/v1/traces`, {
    method: 'POST',
    body: new Blob([body]),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** The events that a page gets, one after the other. */
export async function* events(address: string): AsyncGenerator<{ event: string; data: string }> {
  const { body } = await fetch(`${address}/events`);
  let text = '';
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop()!;
    for (const part of parts) {
      const found = /^event: (.*)\ndata:(.*)$/.exec(part);
      if (found !== null) yield { event: found[1]!, data: found[2]! };
    }
  }
}

/** Resolves with the first summary that a page gets for which this holds. */
export async function summaryWhere(
  address: string,
  holds: (summary: Summary) => boolean,
): Promise<Summary> {
  for await (const { event, data } of events(address)) {
    if (event !== 'page') continue;
    const summary = JSON.parse(data) as Summary;
    if (holds(summary)) return summary;
  }
  throw new Error('expected a further summary, but the events ended');
}

/** A connection to a server, as clients have it that send what they want. */
export async function rawConnection(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  afterwards(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** What a server sends until it closes the connection. */
export async function everythingFrom(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'close');
  return text;
}

const START = 1_764_000_000;
let ids = 0;

/** A trace of a root with a child, as a request of OTLP, of which a part can be left out. */
export function traceRequest({
  service = 'shop',
  traceId = nextId(32),
  root = true,
  child = true,
  remote = false,
  childName = 'query',
  attributes = {},
} = {}) {
  const [rootId, childId] = [traceId.slice(0, 15) + '1', traceId.slice(0, 15) + '2'];
  const span = (spanId: string, name: string, endSeconds: number, rest: object) => ({
    ...{ traceId, spanId, name, kind: 1, startTimeUnixNano: `${START}000000000` },
    ...{ endTimeUnixNano: `${START + endSeconds}000000000`, ...rest },
  });
  const listed = Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
  }));
  const above = remote ? { parentSpanId: 'ffffffffffffffff', flags: 0x301 } : {};
  const spans = [
    ...(child ? [span(childId, childName, 1, { parentSpanId: rootId, attributes: listed })] : []),
    ...(root ? [span(rootId, 'checkout', 2, above)] : []),
  ];
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'test' }, spans }] }] };
}

export function nextId(length: number): string {
  return (ids += 1).toString(16).padStart(4, '0').padEnd(length, 'abcdef');
}
