import { fields } from '../fields.js';
import { BadInputError } from '../errors.js';
import { nameOf, unpacked } from './byte-source.js';
import type { ReadOptions } from './read-options.js';

/** What a server is asked for. */
export interface ServerQuery extends ReadOptions {
  readonly nowEpochMillis: number;
  /** `since`, in milliseconds since the epoch. */
  readonly sinceMillis: number | undefined;
}

/** What servers are asked for without `since`: as much as Jaeger's UI looks for, too. */
const DEFAULT_SINCE_MILLIS = 3_600_000;
/** How often somebody is told that the server has not answered yet. */
const WAITING_MILLIS = 500;

/** Returns where the time begins that a server is asked for, in milliseconds since the epoch. */
export function startOfQuery({ sinceMillis, nowEpochMillis: now }: ServerQuery): number {
  return Math.min(sinceMillis ?? now - DEFAULT_SINCE_MILLIS, now);
}

/** @throws BadInputError if it is none */
export function parseAddress(address: string): URL {
  if (URL.canParse(address)) return new URL(address);
  throw new BadInputError(
    `${nameOf(address)}: expected an address such as http://localhost:16686 or http://localhost:8123`,
  );
}

/** Returns the user and the password that an address holds; a "%" that begins no character stands for itself. */
export function userIn({ username, password }: URL): readonly [user: string, password: string] {
  return [decoded(username), decoded(password)];
}

/** What says to a server who asks; nothing for nobody. */
export function credentials(user: string, password: string): Readonly<Record<string, string>> {
  if (user === '' && password === '') return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export interface ClientOptions extends Pick<ReadOptions, 'signal' | 'onProgress'> {
  /** How long the server may take to answer, and to go on with its answer. */
  readonly timeoutMillis: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `manual` answers with the redirection itself. Default: it is followed, without `authorization`. */
  readonly redirect?: 'follow' | 'manual';
}

export interface ServerAnswer {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: Headers;
  /** Throws a BadInputError where it breaks off. */
  readonly body: AsyncIterable<Buffer>;
}

/** Asks a server over HTTP. Its errors name the address, without a password, in one line. */
export class ServerClient {
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #readBytes = 0;

  /** @param base the address that all paths begin with */
  constructor(
    readonly base: string,
    private readonly options: ClientOptions,
  ) {
    const { signal } = options;
    this.#signal =
      signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
  }

  async get(path: string): Promise<ServerAnswer> {
    const waiting = setInterval(() => this.#tell(), WAITING_MILLIS);
    try {
      const { headers: sent, redirect = 'follow' } = this.options;
      const request = { headers: sent, redirect, signal: this.#signal };
      const response = await this.#inTime(fetch(`${this.base}${path}`, request), 'no answer');
      const { status, ok, headers } = response;
      return { status, ok, headers, body: this.#bodyOf(response) };
    } finally {
      clearInterval(waiting);
    }
  }

  async *#bodyOf({ body }: Response): AsyncGenerator<Buffer, void, undefined> {
    if (body === null) return;
    const chunks = unpacked(body);
    try {
      for (;;) {
        const next = await this.#inTime(chunks.next(), 'the answer broke off');
        if (next.done === true) return;
        this.#readBytes += next.value.length;
        this.#tell();
        yield next.value;
      }
    } finally {
      await chunks.return(undefined);
    }
  }

  /** The time in which the reader works on what came does not count. */
  async #inTime<T>(answer: Promise<T>, failure: string): Promise<T> {
    const { timeoutMillis } = this.options;
    const timeout = () => this.#stop.abort(new DOMException('', 'TimeoutError'));
    const timer = setTimeout(timeout, timeoutMillis);
    try {
      return await answer;
    } catch (error) {
      throw this.#problem(error, failure);
    } finally {
      clearTimeout(timer);
    }
  }

  #tell(): void {
    this.options.onProgress?.({ source: this.base, readBytes: this.#readBytes });
  }

  #problem(error: unknown, failure: string): unknown {
    const { signal, timeoutMillis } = this.options;
    if (signal?.aborted === true) return signal.reason;
    const { name, message, cause } = error as Error;
    const { code, message: reason = message } = fields(cause);
    const why = code === 'ECONNREFUSED' ? 'the connection was refused' : String(reason);
    const problem =
      name === 'TimeoutError' ? `no answer within ${timeoutMillis} ms` : `${failure}: ${why}`;
    return new BadInputError(`${this.base}: ${problem}`, { cause: error });
  }
}
