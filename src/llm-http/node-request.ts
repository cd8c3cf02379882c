import { context, type Context } from '@opentelemetry/api';
import { fields, text, type Fields } from '../fields.js';
import { quietly } from '../instrument/in-span.js';
import type { ModelApi } from '../model-api.js';
import { askedBlindly, askedOf } from './asked.js';
import { MAX_BYTES, textOf } from '../answers/body-decoder.js';
import { decompressed } from './decompressed.js';
import { methodOf, replace } from '../instrument/own-methods.js';
import type { WatchedBody } from '../instrument/watch-stream.js';
import type { WatchSettings } from './watch-settings.js';
import { watchRequest, type WatchedRequest } from './watched-request.js';

/** Where a request goes. */
export interface Target {
  /** Host and path. */
  readonly address: string;
  readonly method: unknown;
  readonly headers: Fields;
}

/**
 * A request of Node's HTTP modules to what may be a model. Its body comes after it has begun: where the
 * address alone tells, the call begins at once, so that the spans of its transport are inside it.
 */
export class NodeRequest {
  readonly #caller = context.active();
  #request: WatchedRequest | undefined;
  #body: WatchedBody | undefined;
  #hasResponse = false;
  /** What was written so far; nothing once it is too long, or has ended. */
  #written: string[] | undefined = [];
  #length = 0;

  constructor(
    private readonly target: Target,
    private readonly api: ModelApi,
    private readonly settings: WatchSettings,
  ) {
    const { address, headers } = target;
    const id = headerIn(headers, 'amz-sdk-invocation-id');
    const asked = askedBlindly(address, api, { id, length: headerIn(headers, 'content-length') });
    if (asked !== undefined) this.#request = watchRequest(asked, settings.tracer);
  }

  /** For the transport. */
  get context(): Context {
    return this.#request?.context ?? this.#caller;
  }

  /** Watches the object of the request by its own methods: a further listener could change what it does. */
  watch(sent: object): void {
    const write = methodOf(sent, 'write');
    const end = methodOf(sent, 'end');
    replace(sent, 'write', (...args) => {
      quietly(() => this.#onWrite(args));
      return write(...args);
    });
    replace(sent, 'end', (...args) => {
      quietly(() => this.#onWrite(args));
      quietly(() => this.#onWritten());
      return end(...args);
    });
    this.#watchEvents(sent);
  }

  #watchEvents(emitter: object): void {
    const emit = methodOf(emitter, 'emit');
    replace(emitter, 'emit', (...args) => {
      quietly(() => this.#onEvent(emitter, args));
      // The listeners are the caller's.
      return context.with(this.#caller, () => emit(...args));
    });
  }

  #onWrite([chunk, encoding]: readonly unknown[]): void {
    const written = this.#written;
    if (written === undefined) return;
    if (typeof chunk === 'string') {
      const isText = typeof encoding !== 'string' || /^utf-?8$/i.test(encoding);
      written.push(isText ? chunk : Buffer.from(chunk, encoding as BufferEncoding).toString());
    } else if (chunk instanceof Uint8Array) written.push(textOf(chunk));
    else return;
    this.#length += chunk.length;
    if (this.#length > MAX_BYTES) this.#written = undefined;
  }

  #onWritten(): void {
    const body = this.#written?.join('');
    this.#written = undefined;
    if (body === undefined) return;
    const { address, headers } = this.target;
    const asked = askedOf(address, this.api, body);
    if (asked === undefined) return;
    const length = headerIn(headers, 'content-length');
    const known = length === undefined ? asked : { ...asked, marks: { ...asked.marks, length } };
    if (this.#request !== undefined) this.#request.learn(known);
    else {
      const begin = () => watchRequest(known, this.settings.tracer);
      this.#request = context.with(this.#caller, begin);
    }
  }

  #onEvent(emitter: object, [event, value]: readonly unknown[]): void {
    if (event === 'response') {
      const { statusCode, headers } = fields(value);
      // In HTTP/2 one stream goes both ways, and the event brings the headers.
      if (typeof statusCode === 'number') {
        this.#watchEvents(value as object);
        this.#onResponse(value as object, statusCode, fields(headers));
      } else this.#onResponse(emitter, Number(fields(value)[':status']), fields(value));
    } else if (event === 'error') this.#onError(value);
    else if (event === 'close') this.#onClose();
  }

  #onResponse(message: object, status: number, headers: Fields): void {
    this.#hasResponse = true;
    // Node writes their names in small letters.
    const headerOf = (name: string) => text(headers[name]);
    const body = this.#request?.onResponse(status, headerOf);
    if (body === undefined) return;
    const watched = decompressed(headerOf('content-encoding') ?? '', body);
    this.#body = watched;
    // An error without a listener is no event.
    const destroy = methodOf(message, 'destroy');
    replace(message, 'destroy', (...args) => {
      quietly(() => args[0] && watched.onError(args[0]));
      return destroy(...args);
    });
    const push = methodOf(message, 'push');
    // As the bytes arrive, whoever reads them.
    replace(message, 'push', (...args) => {
      const [chunk] = args;
      quietly(() => {
        if (chunk === null) watched.onEnd();
        else if (chunk instanceof Uint8Array) watched.onChunk(chunk);
      });
      return push(...args);
    });
  }

  #onError(error: unknown): void {
    if (this.#hasResponse) this.#body?.onError(error);
    else this.#request?.onError(error);
    this.#hasResponse = true;
  }

  /** Of a request that its caller gave up, or of an answer that nobody wants to its end. */
  #onClose(): void {
    if (this.#hasResponse) this.#body?.onEnd();
    else this.#onError(new Error('closed'));
  }
}

/** Names of headers may be written in any case. */
function headerIn(headers: Fields, name: string): string | undefined {
  const key = Object.keys(headers).find((known) => known.toLowerCase() === name);
  const value = key === undefined ? undefined : headers[key];
  return typeof value === 'number' ? String(value) : text(value);
}
