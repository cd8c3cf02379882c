import { context } from '@opentelemetry/api';
import { fields, isObject, text } from '../fields.js';
import { modelApiOf } from '../model-api.js';
import { NodeRequest, type Target } from './node-request.js';
import { methodOf, replace, type Method } from '../instrument/own-methods.js';
import type { WatchSettings } from './watch-settings.js';

/** Returns a `request` of `node:http` or `node:https` that watches the requests to models. */
export function watchedHttpRequest(original: Method, settings: WatchSettings): Method {
  return function request(this: unknown, ...args: unknown[]): unknown {
    const send = (): unknown => Reflect.apply(original, this, args);
    return settings.isEnabled ? sendWatched(targetOf(args), send, settings) : send();
  };
}

/** Returns a `connect` of `node:http2` whose sessions watch the requests to models. */
export function watchedConnect(original: Method, settings: WatchSettings): Method {
  return function connect(this: unknown, ...args: unknown[]): unknown {
    const session = Reflect.apply(original, this, args) as object;
    const request = methodOf(session, 'request');
    replace(session, 'request', (...parts) => {
      const send = () => request(...parts);
      if (!settings.isEnabled) return send();
      const headers = fields(parts[0]);
      const host = text(headers[':authority']) ?? partsOfUrl(args[0])?.host ?? '';
      const address = `${host}${text(headers[':path']) ?? ''}`;
      return sendWatched({ address, method: headers[':method'], headers }, send, settings);
    });
    return session;
  };
}

function sendWatched(target: Target | undefined, send: () => unknown, settings: WatchSettings) {
  const api = target?.method === 'POST' ? modelApiOf(target.address) : undefined;
  if (target === undefined || api === undefined) return send();
  const watched = new NodeRequest(target, api, settings);
  const sent = context.with(watched.context, send);
  if (isObject(sent)) watched.watch(sent);
  return sent;
}

/** The arguments are a URL and options, or one of them, and a listener. */
function targetOf([first, second]: readonly unknown[]): Target | undefined {
  try {
    const isUrl = typeof first === 'string' || first instanceof URL;
    const options = fields(isUrl ? second : first);
    const url = isUrl ? partsOfUrl(first) : undefined;
    const path = text(options.path) ?? (url && url.pathname + url.search) ?? '/';
    const hostname = text(options.hostname, options.host, url?.hostname) ?? 'localhost';
    const { port = url?.port } = options;
    const isPort = typeof port === 'number' || text(port) !== undefined;
    const host = isPort && !hostname.includes(':') ? `${hostname}:${port as string}` : hostname;
    const { method = 'GET', headers } = options;
    return { address: host + path, method, headers: fields(headers) };
  } catch {
    return undefined;
  }
}

function partsOfUrl(url: unknown): URL | undefined {
  if (url instanceof URL) return url;
  return typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
}
