import { fields, parseJson, pick } from '../fields.js';
import { BadInputError } from '../errors.js';
import { peekBytes, readAll, unpacked } from './byte-source.js';

/** Lists of services and messages of errors are no longer than that. */
const MAX_SHORT_BYTES = 4 * 2 ** 20;

/** Thrown when a server understood the request and has no such traces. */
export class NothingFoundError extends BadInputError {}

export interface ClientOptions {
  /** How long an answer may take, with its body. */
  readonly timeoutMillis: number;
  readonly signal: AbortSignal | undefined;
  /** `name:password`; `:` for none. */
  readonly user: string;
}

/** Asks a Jaeger over HTTP. Its errors name the address, without a password, in one line. */
export class JaegerClient {
  /** @param base the address that all paths begin with */
  constructor(
    readonly base: string,
    private readonly options: ClientOptions,
  ) {}

  /**
   * Asks for these paths in turn, and returns the first answer that is JSON and no refusal. Throws a
   * NothingFoundError when a server said that there is nothing, or else a BadInputError with what it said.
   */
  async first(paths: readonly string[]): Promise<AsyncIterable<Buffer>> {
    let nothing: string | undefined;
    let refusal: string | undefined;
    let status: number | undefined;
    for (const path of paths) {
      const response = await this.#fetch(path);
      const { start, all, close } = await peekBytes(this.#bodyOf(response), 1);
      const text = start.toString('latin1', 0, 100);
      const isJson = /^\s*[{[]/.test(text);
      // The older API of Jaeger answers so where the newer one refuses.
      const isEmpty = /^\s*\{"data":\s*\[\]/.test(text);
      if (isJson && response.ok && !isEmpty) return all;
      // Only an API that understood says that there is nothing; others may name parameters otherwise.
      if (isEmpty) nothing ??= 'No traces found';
      else if (isJson || start.length === 0) {
        const message = messageIn(await readAll(all, MAX_SHORT_BYTES));
        if (response.status === 404) nothing ??= message;
        refusal = message ?? refusal;
      }
      status ??= response.status;
      await close();
    }
    if (nothing !== undefined) throw new NothingFoundError(`${this.base}: ${nothing}`);
    const problem =
      refusal ?? `expected the JSON of a Jaeger API, got something else (status ${String(status)})`;
    throw new BadInputError(`${this.base}: ${problem}`);
  }

  async firstJson(paths: readonly string[]): Promise<unknown> {
    const answer = await readAll(await this.first(paths), MAX_SHORT_BYTES);
    const value = parseJson(answer.toString());
    if (value !== undefined) return value;
    throw new BadInputError(`${this.base}: expected JSON, but the answer is damaged`);
  }

  async #fetch(path: string): Promise<Response> {
    const { timeoutMillis, signal, user } = this.options;
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
    const { signal, timeoutMillis } = this.options;
    if (signal?.aborted === true) return signal.reason;
    const { name, message, cause } = error as Error;
    const { code, message: reason = message } = fields(cause);
    const why = code === 'ECONNREFUSED' ? 'the connection was refused' : String(reason);
    const problem =
      name === 'TimeoutError' ? `no answer within ${timeoutMillis} ms` : `no answer: ${why}`;
    return new BadInputError(`${this.base}: ${problem}`, { cause: error });
  }
}

/** Finds the message of an error: in `error.message` in API v3, in `errors[0].msg` in the older one. */
function messageIn(body: Buffer): string | undefined {
  const answer = parseJson(body.toString());
  const message = pick(answer, ['error', 'message']) ?? pick(answer, ['errors', '0', 'msg']);
  return typeof message === 'string' ? message.slice(0, 300) : undefined;
}
