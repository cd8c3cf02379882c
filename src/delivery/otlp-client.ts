import * as http from 'node:http';
import * as https from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { fields, pick } from '../fields.js';
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
/** Far more than an answer needs. */
const MAX_ANSWER_BYTES = 65_536;

/** What became of a request. Plain data. `reason` is a few words of ours, never of the receiver's. */
export type Answer =
  /** The receiver took the spans, except for `rejected` of them. */
  | { readonly kind: 'taken'; readonly rejected: number }
  /** The request may be tried again, after the time that the receiver asked for. */
  | {
      readonly kind: 'later';
      readonly reason: string;
      readonly retryAfterMillis?: number | undefined;
    }
  /** Trying again would give the same answer. */
  | { readonly kind: 'never'; readonly reason: string };

/** Where and how spans are sent. Plain data, so that another thread can be given it. */
export interface OtlpSettings {
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

/** Posts spans to a receiver over kept connections, which do not keep the process alive. */
export class OtlpClient {
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;

  constructor(private readonly settings: OtlpSettings) {
    this.#request = moduleFor(settings).request;
    this.#agent = agentFor(settings);
  }

  /** Posts a request in OTLP JSON. Never rejects. Answers within `timeoutMillis`, whatever happens. */
  async post(json: Uint8Array, timeoutMillis: number): Promise<Answer> {
    try {
      const body = this.settings.isCompressed ? await compress(json) : json;
      return await this.#send(body, timeoutMillis, true);
    } catch (error) {
      // No request can be made with such a header or address.
      return { kind: 'never', reason: reasonOf(error) };
    }
  }

  #send(body: Uint8Array, timeoutMillis: number, mayRepeat: boolean): Promise<Answer> {
    return new Promise((resolve) => {
      const startMillis = performance.now();
      const { url, headers, isCompressed } = this.settings;
      const request = this.#request(url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          'user-agent': `hotspan/${VERSION}`,
          ...headers,
          'content-type': 'application/json',
          'content-length': body.length,
          ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
        },
      });
      const settle = (answer: Answer | Promise<Answer>) => {
        clearTimeout(timer);
        resolve(answer);
      };
      const timer = setTimeout(() => {
        settle({ kind: 'later', reason: NO_ANSWER });
        request.destroy();
      }, timeoutMillis).unref();
      // A flush that waits for the answer keeps the process alive; a request alone does not.
      request.on('socket', (socket) => socket.unref());
      request.on('response', (response) => readReceiverAnswer(response, settle));
      request.on('error', (error) => {
        // The receiver closed a kept connection just when it was to be used. That is no fault.
        const leftMillis = timeoutMillis - (performance.now() - startMillis);
        const isStale = mayRepeat && request.reusedSocket && leftMillis > 0;
        const failure: Answer = { kind: 'later', reason: reasonOf(error) };
        settle(isStale ? this.#send(body, leftMillis, false) : failure);
      });
      request.end(body);
    });
  }
}

export function readReceiverAnswer(
  response: http.IncomingMessage,
  settle: (answer: Answer) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const done = () => settle(answerOf(response, Buffer.concat(chunks).toString()));
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
    else response.destroy();
  });
  // The status has been read: what breaks off after it does not change what it says.
  response.on('close', done).on('error', done);
}

/** Returns `true` if nobody is there, which the next second will not change. */
export function isAbsent(reason: string): boolean {
  return reason === REFUSED || reason === UNKNOWN_HOST;
}

function answerOf({ statusCode = 0, headers }: http.IncomingMessage, body: string): Answer {
  if (statusCode >= 200 && statusCode <= 299) return { kind: 'taken', rejected: rejectedIn(body) };
  const reason = `HTTP ${statusCode}`;
  if (!LATER.has(statusCode)) return { kind: 'never', reason };
  const asked = parseRetryAfter(headers['retry-after'], Date.now());
  const retryAfterMillis = asked && Math.min(asked, MAX_RETRY_AFTER_MILLIS);
  return { kind: 'later', reason, retryAfterMillis };
}

/** How many spans the receiver says that it rejected; 0 when it answers something else. */
function rejectedIn(body: string): number {
  try {
    const rejected = Number(pick(JSON.parse(body), ['partialSuccess', 'rejectedSpans']));
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}

/** Names what went wrong in a few words of ours: an error's own may hold what is private. */
export function reasonOf(error: unknown): string {
  const { code } = fields(error);
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]*$/.test(code)) return 'the request failed';
  return REASONS[code] ?? code;
}
