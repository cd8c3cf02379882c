import { parseJson, pick } from '../fields.js';
import { BadInputError } from '../errors.js';
import { peekBytes, readAll } from './byte-source.js';
import { ServerClient, type ClientOptions } from './server-client.js';

/** Lists of services and messages of errors are no longer than that. */
const MAX_SHORT_BYTES = 4 * 2 ** 20;

/** Thrown when a server understood the request and has no such traces. */
export class NothingFoundError extends BadInputError {}

/** Asks a Jaeger over HTTP. */
export class JaegerClient {
  readonly #server: ServerClient;

  /** @param base the address that all paths begin with */
  constructor(
    readonly base: string,
    options: ClientOptions,
  ) {
    this.#server = new ServerClient(base, options);
  }

  /**
   * Asks for these paths in turn, and returns the first answer that is JSON and no refusal. Throws a
   * NothingFoundError when a server said that there is nothing, or else a BadInputError with what it said.
   */
  async first(paths: readonly string[]): Promise<AsyncIterable<Buffer>> {
    let nothing: string | undefined;
    let refusal: string | undefined;
    let status: number | undefined;
    for (const path of paths) {
      const response = await this.#server.get(path);
      const { start, all, close } = await peekBytes(response.body, 1);
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
      refusal ?? `expected a Jaeger or a ClickHouse, got something else (status ${String(status)})`;
    throw new BadInputError(`${this.base}: ${problem}`);
  }

  async firstJson(paths: readonly string[]): Promise<unknown> {
    const answer = await readAll(await this.first(paths), MAX_SHORT_BYTES);
    const value = parseJson(answer.toString());
    if (value !== undefined) return value;
    throw new BadInputError(`${this.base}: expected JSON, but the answer is damaged`);
  }
}

/** Finds the message of an error: in `error.message` in API v3, in `errors[0].msg` in the older one. */
function messageIn(body: Buffer): string | undefined {
  const answer = parseJson(body.toString());
  const message = pick(answer, ['error', 'message']) ?? pick(answer, ['errors', '0', 'msg']);
  return typeof message === 'string' ? message.slice(0, 300) : undefined;
}
