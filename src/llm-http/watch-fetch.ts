import { context } from '@opentelemetry/api';
import { isObject, text, type Fields } from '../fields.js';
import { quietly } from '../instrument/in-span.js';
import { modelApiOf } from '../model-api.js';
import { readRequest } from './asked.js';
import { textOf } from '../answers/body-decoder.js';
import type { WatchSettings } from './watch-settings.js';
import { watchRequest, type WatchedRequest } from './watched-request.js';
import { watchStream } from '../instrument/watch-stream.js';

type Fetch = typeof fetch;
type Arguments = Parameters<Fetch>;

/** Returns a `fetch` that watches the requests to models. Others cost it one look at their address. */
export function watchedFetch(original: Fetch, settings: WatchSettings): Fetch {
  const send = (args: Arguments) => original(...args);
  const watching = function fetch(...args: Arguments): Promise<Response> {
    const address = settings.isEnabled ? addressOf(args[0]) : '';
    if (modelApiOf(address) === undefined) return send(args);
    const body = bodyOf(args);
    if (body === undefined) return send(args);
    if (body instanceof Promise) {
      return body.then((found) => sendWatched(send, args, watch(address, found, settings)));
    }
    return sendWatched(send, args, watch(address, body, settings));
  };
  return Object.defineProperty(watching, 'length', { value: original.length });
}

const UNREADABLE = '';

function addressOf(input: unknown): string {
  if (typeof input === 'string') return input;
  try {
    // A URL, or a Request.
    const { href, url } = input as { href?: unknown; url?: unknown };
    return text(href, url) ?? '';
  } catch {
    return '';
  }
}

/** Returns nothing for a request that sends none: it is no call. */
function bodyOf([input, init]: Arguments): string | Fields | Promise<string> | undefined {
  try {
    const request = isObject(input) && 'clone' in input ? (input as Request) : undefined;
    const method = init?.method ?? request?.method ?? 'GET';
    if (method.toUpperCase() !== 'POST') return undefined;
    const body = init?.body ?? undefined;
    if (body === undefined && request?.body != null) return bodyOfCopy(request);
    if (typeof body === 'string') return body;
    if (body instanceof Uint8Array) return textOf(body);
    if (body instanceof ArrayBuffer) return textOf(new Uint8Array(body));
    return body instanceof FormData ? textsIn(body) : UNREADABLE;
  } catch {
    return undefined;
  }
}

/** Without the recordings and pictures that a form is for, and without what two forms would be told apart by. */
function textsIn(form: FormData): Fields {
  return Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'));
}

/** A body that is there already is read in one turn of the event loop, for which the request waits. */
function bodyOfCopy(request: Request): string | Promise<string> {
  if (request.bodyUsed) return UNREADABLE;
  const read = request
    .clone()
    .text()
    .catch(() => UNREADABLE);
  const turn = new Promise<string>((resolve) => setImmediate(resolve, UNREADABLE));
  return Promise.race([read, turn]);
}

function watch(address: string, body: string | Fields, { tracer }: WatchSettings) {
  try {
    const asked = readRequest(address, body === UNREADABLE ? undefined : body);
    return asked && watchRequest(asked, tracer);
  } catch {
    return undefined;
  }
}

function sendWatched(
  send: (args: Arguments) => Promise<Response>,
  args: Arguments,
  request: WatchedRequest | undefined,
): Promise<Response> {
  if (request === undefined) return send(args);
  return context
    .with(request.context, () => send(args))
    .then(
      (response) => {
        quietly(() => watchResponse(response, request));
        return response;
      },
      (error: unknown) => {
        quietly(() => request.onError(error));
        throw error;
      },
    );
}

function watchResponse(response: Response, request: WatchedRequest): void {
  const body = request.onResponse(response.status, (name) => response.headers.get(name));
  if (body === undefined) return;
  if (response.body === null) body.onEnd();
  else watchStream(response.body, body);
}
