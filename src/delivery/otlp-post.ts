import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { VERSION } from '../version.js';
import { NO_ANSWER, readAnswer, reasonOf, type Answer } from './otlp-answer.js';

const compress = promisify(gzip);

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

/** Posts spans to a receiver over kept connections, which do not keep the process alive. */
export class OtlpClient {
  readonly #settings: OtlpSettings;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #request: typeof httpRequest;

  constructor(settings: OtlpSettings) {
    this.#settings = settings;
    const isSecure = settings.url.startsWith('https:');
    this.#request = isSecure ? httpsRequest : httpRequest;
    this.#agent = isSecure
      ? new HttpsAgent({ keepAlive: true, ...settings.tls })
      : new HttpAgent({ keepAlive: true });
  }

  /** Posts a request in OTLP JSON. Never rejects. Answers within `timeoutMillis`, whatever happens. */
  async post(json: Uint8Array, timeoutMillis: number): Promise<Answer> {
    try {
      const body = this.#settings.isCompressed ? await compress(json) : json;
      return await this.#send(body, timeoutMillis, true);
    } catch (error) {
      // No request can be made with such a header or address.
      return { kind: 'never', reason: reasonOf(error) };
    }
  }

  /** Breaks off what is on its way. The client can be used afterwards. */
  abort(): void {
    this.#agent.destroy();
  }

  #send(body: Uint8Array, timeoutMillis: number, mayRepeat: boolean): Promise<Answer> {
    return new Promise((resolve) => {
      const startMillis = performance.now();
      const request = this.#request(this.#settings.url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          'user-agent': `hotspan/${VERSION}`,
          ...this.#settings.headers,
          'content-type': 'application/json',
          'content-length': body.length,
          ...(this.#settings.isCompressed ? { 'content-encoding': 'gzip' } : {}),
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
      request.on('response', (response) => {
        readAnswer(response, settle);
      });
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
