import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Span } from '@opentelemetry/api';
import {
  RequestInstrumentation,
  serverOf,
  setFailed,
  setStatusCode,
  startClientSpan,
} from './http-span.js';

/** What undici publishes of a request. */
interface UndiciRequest {
  readonly origin: string | URL;
  readonly method: string;
  readonly path: string;
  addHeader(name: string, value: string): void;
}

interface Message {
  readonly request: UndiciRequest;
  readonly response?: { readonly statusCode: number };
  readonly error?: unknown;
}

/** Makes a span for each request of `fetch`, and of the package undici. */
export class FetchInstrumentation extends RequestInstrumentation {
  readonly instrumentationName = 'hotspan-fetch';
  readonly #spans = new WeakMap<UndiciRequest, Span>();
  #isOn = false;

  readonly #channels: Readonly<Record<string, (message: unknown) => void>> = {
    'undici:request:create': quietly(({ request }) => this.#start(request)),
    'undici:request:headers': quietly(({ request, response }) => {
      const span = this.#spans.get(request);
      if (span !== undefined && response !== undefined) setStatusCode(span, response.statusCode);
    }),
    'undici:request:trailers': quietly(({ request }) => this.#end(request)),
    'undici:request:error': quietly(({ request, error }) => {
      const span = this.#spans.get(request);
      if (span !== undefined) setFailed(span, error);
      this.#end(request);
    }),
  };

  enable(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    for (const [name, listener] of Object.entries(this.#channels)) subscribe(name, listener);
  }

  disable(): void {
    this.#isOn = false;
    for (const [name, listener] of Object.entries(this.#channels)) unsubscribe(name, listener);
  }

  #start(request: UndiciRequest): void {
    const origin = String(request.origin);
    const { method, path } = request;
    const setHeader = (name: string, value: string) => request.addHeader(name, value);
    const server = serverOf(origin);
    const span = startClientSpan(this.tracer, { method, origin, path, server, setHeader });
    if (span !== undefined) this.#spans.set(request, span);
  }

  #end(request: UndiciRequest): void {
    this.#spans.get(request)?.end();
    this.#spans.delete(request);
  }
}

/** An error of ours would be thrown at the request. */
function quietly(listener: (message: Message) => void): (message: unknown) => void {
  return (message) => {
    try {
      listener(message as Message);
    } catch {
      // This request has no span.
    }
  };
}
