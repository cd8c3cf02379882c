import * as semconv from '../semconv.js';
import { shortName } from './short-name.js';

type Attributes = Readonly<Record<string, unknown>>;

/** Addresses and statements say at their beginning what they are of. */
const MAX_READ = 500;

/** The first of these attributes that is a text, or a list that begins with one; cut. */
export function firstText(attributes: Attributes, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = attributes[name];
    const text: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof text === 'string' && text !== '') return shortName(text, MAX_READ);
  }
  return undefined;
}

/** Behind the scheme, without the user. */
const AUTHORITY = /^[a-z][a-z\d+.-]*:\/\/(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^/?#:]*)/i;

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/** The host that a request goes to, without its port. All addresses of this machine are `localhost`. */
export function addressOf(attributes: Attributes): string | undefined {
  const [address, peer, host] = semconv.ADDRESS_NAMES.map((name) => firstText(attributes, [name]));
  const url = firstText(attributes, semconv.URL_NAMES);
  const known = address ?? peer ?? (url && AUTHORITY.exec(url)?.[1]) ?? host?.replace(/:\d+$/, '');
  if (known === undefined || known === '') return undefined;
  return LOOPBACK.test(known) ? 'localhost' : known.toLowerCase();
}

/** The path of a request, without its query. */
export function requestPath(attributes: Attributes): string | undefined {
  const path = firstText(attributes, semconv.PATH_NAMES);
  const url = firstText(attributes, semconv.URL_NAMES);
  const known = (path ?? url?.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, ''))?.replace(
    /[?#].*$/s,
    '',
  );
  return known === '' ? undefined : known;
}
