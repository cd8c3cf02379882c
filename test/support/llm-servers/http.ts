import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** What the server makes of one request. */
export type Behaviour = Reply | Failure | { readonly hang: true };

/** Refuses the request, with the error body of the protocol. */
export interface Failure {
  readonly fail: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers with text or with a tool call, to the end unless it says otherwise. */
export type Reply = ({ readonly answer: string } | { readonly toolCall: ToolCall }) & {
  /** As the protocol has it, instead of the endpoint's default. */
  readonly usage?: Readonly<Record<string, unknown>>;
  /** The model that answers, if not the one that was asked for. */
  readonly model?: string;
  /** Breaks the connection after so many chunks of content, or within the body if not streaming. */
  readonly breakAfter?: number;
  /** Sends no more after so many chunks of content, or from within the body if not streaming. */
  readonly hangAfter?: number;
};

/** A call of a tool that the model asks for. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Behaviours in the order of the requests. The last one is for all further requests, too. */
export type Script = readonly [Behaviour, ...Behaviour[]];

/** A request that the server got. */
export interface LlmRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A running server on loopback. */
export interface LlmServer {
  /** The `baseURL` for the provider's own client. */
  readonly url: string;
  /** In the order in which they were read to the end. */
  readonly requests: readonly LlmRequest[];
  /** How many connections the client closed before it had its whole answer. */
  readonly gone: number;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** One endpoint's answer in both forms. */
export interface Answer {
  readonly whole: unknown;
  readonly stream?: Frames;
}

/** Server-sent events. Only those of `content` count as chunks. */
export interface Frames {
  readonly opening: readonly string[];
  readonly content: readonly string[];
  readonly closing: readonly string[];
}

/** What tells one provider's API from another's. */
export interface Protocol {
  /** Where the provider's own client looks for the API. */
  readonly basePath: '' | '/v1';
  /** By path. Requests are numbered from 1. */
  readonly endpoints: Readonly<
    Record<string, (body: LlmRequest['body'], reply: Reply, number: number) => Answer>
  >;
  error(status: number): unknown;
}

/** Starts a server that answers its requests by the script. */
export async function startServer(protocol: Protocol, script: Script): Promise<LlmServer> {
  const requests: LlmRequest[] = [];
  let gone = 0;
  let closing = false;

  const server = createServer((request, response) => {
    const clientLeft = () => {
      if (!closing && !response.writableFinished) gone += 1;
    };
    response.on('close', clientLeft);
    const breakOff = () => {
      response.off('close', clientLeft);
      response.destroy();
    };
    const respond = async () => {
      const path = request.url ?? '';
      const body = JSON.parse(await text(request)) as LlmRequest['body'];
      requests.push({ path, headers: request.headers, body });
      const behaviour = script[Math.min(requests.length, script.length) - 1]!;
      if ('hang' in behaviour) return;
      const endpoint = protocol.endpoints[path];
      if (endpoint === undefined || 'fail' in behaviour) {
        const failure = 'fail' in behaviour ? behaviour : { fail: 404 };
        sendJson(response, failure.fail, protocol.error(failure.fail), failure.headers);
        return;
      }
      const answer = endpoint(body, behaviour, requests.length);
      const streamed = body.stream === true ? answer.stream : undefined;
      await (streamed === undefined
        ? sendWhole(response, answer.whole, behaviour)
        : sendStream(response, streamed, behaviour));
      if (behaviour.breakAfter !== undefined) breakOff();
    };
    // Without a whole request, or with one that cannot be read, there is nobody to answer.
    respond().catch(breakOff);
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${protocol.basePath}`,
    requests,
    get gone() {
      return gone;
    },
    close: async () => {
      closing = true;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

async function sendWhole(response: ServerResponse, body: unknown, reply: Reply): Promise<void> {
  if (contentLimit(reply) === undefined) {
    sendJson(response, 200, body);
    return;
  }
  const json = JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json' });
  await sendAll(response, [json.slice(0, json.length / 2)]);
}

async function sendStream(response: ServerResponse, frames: Frames, reply: Reply): Promise<void> {
  const limit = contentLimit(reply);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  await sendAll(response, [...frames.opening, ...frames.content.slice(0, limit)]);
  // At once, for a client may leave when it has seen the event that says it is the last.
  if (limit === undefined && !response.destroyed) response.end(frames.closing.join(''));
}

function contentLimit({ breakAfter, hangAfter }: Reply): number | undefined {
  return breakAfter ?? hangAfter;
}

/**
 * Gives the event loop some turns after each part, so that a client in this process has read it
 * before the next one follows: a broken connection would take from it what it has not read.
 */
async function sendAll(response: ServerResponse, parts: readonly string[]): Promise<void> {
  for (const part of parts) {
    if (response.destroyed) return;
    response.write(part);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  }
}

/** Text as a model streams it: in words, the long ones in parts. */
export function piecesOf(content: string): string[] {
  return content.match(/\s*\S{1,8}|\s+$/g) ?? [];
}

/** A server-sent event without a name. */
export function dataFrame(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** The data of an event that has its name in it. */
export interface NamedEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A server-sent event that is named after its type. */
export function eventFrame(event: NamedEvent): string {
  return `event: ${event.type}\n${dataFrame(event)}`;
}
