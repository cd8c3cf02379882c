import { pick } from '../fields.js';
import { BadInputError } from '../errors.js';
import { unpacked } from './byte-source.js';

/** Lists of services and messages of errors are no longer than that. */
const MAX_SHORT_BYTES = 4 * 2 ** 20;

/** As API v3 of Jaeger says it. */
const NOTHING = 'No traces found';

/** Thrown when a server understood and has nothing of what it was asked for. */
export class NothingFoundError extends BadInputError {}

/** How to ask a server. */
export interface HttpOptions {
  /** How long an answer may take, with its body. */
  readonly timeoutMillis: number;
  readonly signal: AbortSignal | undefined;
  /** `name:password`; `:` for none. */
  readonly user: string;
}

/** A server that answers in JSON. Its errors name its address, without a password, on one line. */
export class HttpServer {
  readonly #options: HttpOptions;

  constructor(
    /** The address that all paths begin with. */
    readonly base: string,
    options: HttpOptions,
  ) {
    this.#options = options;
  }

  /**
   * The body that the first of these paths answers with, that answers in JSON and does not refuse.
   *
   * @throws BadInputError when none does, with what they said instead; NothingFoundError when they said
   *   that there is nothing
   */
  async first(paths: readonly string[]): Promise<AsyncIterable<Buffer>> {
    let nothing: string | undefined;
    let refusal: string | undefined;
    let status: number | undefined;
    for (const path of paths) {
      const response = await this.#fetch(path);
      const body = this.#bodyOf(response);
      const first = await body.next();
      const start = first.done === true ? '' : first.value.toString('latin1', 0, 100);
      const isJson = /^\s*[{[]/.test(start);
      // What the older API of Jaeger answers where the newer one refuses.
      const isEmpty = /^\s*\{"data":\s*\[\]/.test(start);
      if (isJson && response.ok && !isEmpty) return startingWith(first.value!, body);
      // That there is nothing says who understood; others may miss parameters that they name otherwise.
      if (isEmpty) nothing ??= NOTHING;
      else if (isJson) {
        const message = messageIn(await textOf(startingWith(first.value!, body)));
        if (response.status === 404) nothing ??= message;
        refusal = message ?? refusal;
      }
      status ??= response.status;
      await body.return(undefined);
    }
    if (nothing !== undefined) throw new NothingFoundError(`${this.base}: ${nothing}`);
    const problem =
      refusal ?? `expected the JSON of a Jaeger API, got something else (status ${String(status)})`;
    throw new BadInputError(`${this.base}: ${problem}`);
  }

  /**
   * What the first of these paths answers, parsed.
   *
   * @throws BadInputError when none answers in JSON
   */
  async firstJson(paths: readonly string[]): Promise<unknown> {
    const text = await textOf(await this.first(paths));
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new BadInputError(`${this.base}: expected JSON, but the answer is damaged`);
    }
  }

  async #fetch(path: string): Promise<Response> {
    const { timeoutMillis, signal, user } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMillis);
    const credentials = Buffer.from(user).toString('base64');
    const headers = user === ':' ? {} : { authorization: `Basic ${credentials}` };
    try {
      return await fetch(`${this.base}${path}`, {
        headers: { accept: 'application/json', ...headers },
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
    } catch (error) {
      throw this.#problem(error);
    }
  }

  async *#bodyOf(response: Response): AsyncGenerator<Buffer, void, undefined> {
    try {
      if (response.body !== null) yield* unpacked(response.body);
    } catch (error) {
      throw this.#problem(error);
    }
  }

  #problem(error: unknown): unknown {
    const { signal, timeoutMillis } = this.#options;
    if (signal?.aborted === true) return signal.reason;
    const { name, message, cause } = error as Error;
    const { code, message: reason = message } = (cause ?? {}) as {
      code?: string;
      message?: string;
    };
    const problem =
      name === 'TimeoutError'
        ? `no answer within ${timeoutMillis} ms`
        : `no answer: ${code === 'ECONNREFUSED' ? 'the connection was refused' : reason}`;
    return new BadInputError(`${this.base}: ${problem}`, { cause: error });
  }
}

async function* startingWith(
  start: Buffer,
  rest: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  yield start;
  yield* rest;
}

async function textOf(bytes: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_SHORT_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What Jaeger says of an error: API v3 has `error.message`, the older one `errors[0].msg`. */
function messageIn(json: string): string | undefined {
  try {
    const answer = JSON.parse(json) as unknown;
    const message = pick(answer, ['error', 'message']) ?? pick(answer, ['errors', '0', 'msg']);
    return typeof message === 'string' ? message.slice(0, 300) : undefined;
  } catch {
    return undefined;
  }
}
