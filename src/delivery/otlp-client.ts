import * as http from 'node:http';
import * as https from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { fields, pick } from '../fields.js';
import { ProtobufMessage } from '../protobuf-reader.js';
import { parseRetryAfter } from '../retry-after.js';
import { VERSION } from '../version.js';

export const NO_ANSWER = 'no answer in time';
export const REFUSED = 'connection refused';
const UNKNOWN_HOST = 'host not found';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: REFUSED,
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNKNOWN_HOST,
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
};
/** OTLP lets a client try again after these. */
const LATER = new Set([429, 502, 503, 504]);
const MAX_RETRY_AFTER_MILLIS = 3_600_000;
const compress = promisify(gzip);
/** The fields of `ExportTraceServiceResponse` and `ExportTracePartialSuccess`. */
const PARTIAL_SUCCESS = 1;
const REJECTED_SPANS = 1;
/** How long an answer may take after its first line, which says nearly all. */
const BODY_MILLIS = 250;
/** Far more than an answer needs. */
const MAX_ANSWER_BYTES = 65_536;

/** What became of a request. Plain data. `reason` is a few words of ours, never of the receiver's. */
export type Reply =
  /** The receiver took the spans, except for `rejected` of them. */
  | { readonly kind: 'taken'; readonly rejected: number }
  /** The request may be tried again, after the time that the receiver asked for. */
  | {
      readonly kind: 'later';
      readonly reason: string;
      readonly retryAfterMillis?: number | undefined;
    }
  /** The receiver may take fewer spans in one request. */
  | { readonly kind: 'too large'; readonly reason: string }
  /** Trying again would give the same answer. */
  | { readonly kind: 'never'; readonly reason: string };

/** Where and how spans are sent. Plain data, so that another thread can be given it. */
export interface OtlpSettings {
  readonly protocol: 'http/protobuf' | 'http/json';
  /** May hold credentials: not for a log. */
  readonly url: string;
  /** For people: without the credentials and parameters that the URL may hold. */
  readonly endpoint: string;
  /** May hold keys: not for a log. */
  readonly headers: Readonly<Record<string, string>>;
  readonly isCompressed: boolean;
  /** Certificates and keys, as `node:https` names them. */
  readonly tls: Readonly<Record<'ca' | 'cert' | 'key', Buffer | undefined>>;
}

export function agentFor(settings: OtlpSettings): http.Agent {
  return new (moduleFor(settings).Agent)({ keepAlive: true, ...settings.tls });
}

function moduleFor({ url }: OtlpSettings): typeof http | typeof https {
  return url.startsWith('https:') ? https : http;
}

/** Posts requests to a receiver over kept connections, which do not keep the process alive. */
export class OtlpClient {
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;
  #aborts = 0;

  constructor(private readonly settings: OtlpSettings) {
    this.#request = moduleFor(settings).request;
    this.#agent = agentFor(settings);
  }

  /** Posts a request of OTLP. Never rejects. Answers within `timeoutMillis`, whatever happens. */
  async post(
    request: Uint8Array,
    timeoutMillis: number,
    contentType = 'application/x-protobuf',
  ): Promise<Reply> {
    try {
      const body = this.settings.isCompressed ? await compress(request) : request;
      // A host that traces its HTTP requests must not trace these.
      const isolated = suppressTracing(ROOT_CONTEXT);
      return await context.with(isolated, () => this.#send(body, contentType, timeoutMillis, true));
    } catch (error) {
      // No request can be made with such a header or address.
      return { kind: 'never', reason: reasonOf(error) };
    }
  }

  /** Breaks off what is on its way. The client can be used afterwards. */
  abort(): void {
    this.#aborts += 1;
    this.#agent.destroy();
  }

  #send(
    body: Uint8Array,
    contentType: string,
    timeoutMillis: number,
    mayRepeat: boolean,
  ): Promise<Reply> {
    return new Promise((resolve) => {
      const startMillis = performance.now();
      const aborts = this.#aborts;
      const { url, headers, isCompressed } = this.settings;
      const request = this.#request(url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          'user-agent': `hotspan/${VERSION}`,
          ...headers,
          'content-type': contentType,
          'content-length': body.length,
          ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
        },
      });
      hearAnswer(request, timeoutMillis, resolve, () => {
        const leftMillis = timeoutMillis - (performance.now() - startMillis);
        const isWanted = mayRepeat && leftMillis > 0 && aborts === this.#aborts;
        return isWanted ? this.#send(body, contentType, leftMillis, false) : undefined;
      });
      request.end(body);
    });
  }
}

/**
 * Listens to a request and calls `settle` with its answer, within `timeoutMillis`. May call it again after
 * that: only the first call counts.
 *
 * @param repeat sends the request once more, if it may be
 */
export function hearAnswer(
  request: http.ClientRequest,
  timeoutMillis: number,
  settle: (answer: Reply | Promise<Reply>) => void,
  repeat: () => Promise<Reply> | undefined,
): void {
  const untilMillis = performance.now() + timeoutMillis;
  let response: http.IncomingMessage | undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  let isDone = false;
  const finish = (otherwise: Reply | Promise<Reply>) => {
    isDone = true;
    clearTimeout(timer);
    // What breaks off, or never ends, after the status does not change what it says.
    settle(response === undefined ? otherwise : answerOf(response, Buffer.concat(chunks)));
  };
  const giveUp = () => {
    finish({ kind: 'later', reason: NO_ANSWER });
    request.destroy();
  };
  // A timer that went on would keep the spans in memory long after they have arrived.
  let timer = setTimeout(giveUp, timeoutMillis).unref();
  // A flush that waits for the answer keeps the process alive; a request alone does not.
  request.once('socket', (socket) => socket.unref());
  request.on('error', (error) => {
    const failure: Reply = { kind: 'later', reason: reasonOf(error) };
    // The receiver closed a kept connection just when it was to be used. That is no fault.
    const isStale = request.reusedSocket && response === undefined && !isDone;
    finish((isStale ? repeat() : undefined) ?? failure);
  });
  request.prependOnceListener('response', (begun: http.IncomingMessage) => {
    response = begun;
    clearTimeout(timer);
    const leftMillis = Math.min(BODY_MILLIS, untilMillis - performance.now());
    if (!isDone) timer = setTimeout(giveUp, leftMillis).unref();
    const end = () => finish({ kind: 'later', reason: NO_ANSWER });
    begun.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
      else begun.destroy();
    });
    begun.on('close', end).on('error', end);
  });
}

/** Returns `true` if nobody is there, which the next second will not change. */
export function isAbsent(reason: string): boolean {
  return reason === REFUSED || reason === UNKNOWN_HOST;
}

function answerOf({ statusCode = 0, headers }: http.IncomingMessage, body: Buffer): Reply {
  if (statusCode >= 200 && statusCode <= 299) return { kind: 'taken', rejected: rejectedIn(body) };
  const reason = `HTTP ${statusCode}`;
  if (statusCode === 413) return { kind: 'too large', reason };
  if (!LATER.has(statusCode)) return { kind: 'never', reason };
  const asked = parseRetryAfter(headers['retry-after'], Date.now());
  const retryAfterMillis = asked && Math.min(asked, MAX_RETRY_AFTER_MILLIS);
  return { kind: 'later', reason, retryAfterMillis };
}

/** How many spans the receiver says that it rejected; 0 when it answers something else. */
function rejectedIn(body: Buffer): number {
  try {
    const isJson = body[0] === '{'.charCodeAt(0);
    const rejected = isJson
      ? Number(pick(JSON.parse(body.toString()), ['partialSuccess', 'rejectedSpans']))
      : new ProtobufMessage(body).message(PARTIAL_SUCCESS).number(REJECTED_SPANS);
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}

/** Names what went wrong in a few words of ours: an error's own may hold what is private. */
function reasonOf(error: unknown): string {
  const { code } = fields(error);
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]*$/.test(code)) return 'the request failed';
  return REASONS[code] ?? code;
}
