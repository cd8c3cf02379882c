import type { IncomingMessage } from 'node:http';
import { parseRetryAfter } from '../retry-after.js';

/** What became of a request. Plain data. `reason` is a few words of ours, never of the receiver's. */
export type Answer =
  /** The receiver took the spans, except for `rejected` of them. */
  | { readonly kind: 'taken'; readonly rejected: number }
  /** The request may be tried again, after the time that the receiver asked for. */
  | { readonly kind: 'later'; readonly reason: string; readonly retryAfterMillis?: number }
  /** Trying again would give the same answer. */
  | { readonly kind: 'never'; readonly reason: string };

/** The reason when a receiver does not answer. */
export const NO_ANSWER = 'no answer in time';
/** The reason when there is no receiver. */
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
/** Far more than an answer needs. */
const MAX_ANSWER_BYTES = 65_536;
/** The longest wait that a receiver may ask for. */
const MAX_RETRY_AFTER_MILLIS = 3_600_000;

/** Returns `true` if nobody is there, which the next second will not change. */
export function isAbsent(reason: string): boolean {
  return reason === REFUSED || reason === UNKNOWN_HOST;
}

/** Reads a response to its end, and settles with what it says. */
export function readAnswer(response: IncomingMessage, settle: (answer: Answer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const done = () => {
    settle(answerOf(response, Buffer.concat(chunks).toString()));
  };
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
    else response.destroy();
  });
  // The status has been read: what breaks off after it does not change what it says.
  response.on('close', done).on('error', done);
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: string): Answer {
  if (statusCode >= 200 && statusCode <= 299) return { kind: 'taken', rejected: rejectedIn(body) };
  const reason = `HTTP ${statusCode}`;
  if (!LATER.has(statusCode)) return { kind: 'never', reason };
  const asked = parseRetryAfter(headers['retry-after'], Date.now());
  if (asked === undefined) return { kind: 'later', reason };
  return { kind: 'later', reason, retryAfterMillis: Math.min(asked, MAX_RETRY_AFTER_MILLIS) };
}

/** How many spans the receiver says that it rejected; 0 when it answers something else. */
function rejectedIn(body: string): number {
  try {
    const { partialSuccess } = JSON.parse(body) as {
      partialSuccess?: { rejectedSpans?: unknown };
    };
    const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}

/** Names what went wrong in a few words of ours: an error's own may hold what is private. */
export function reasonOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]*$/.test(code)) return 'the request failed';
  return REASONS[code] ?? code;
}
