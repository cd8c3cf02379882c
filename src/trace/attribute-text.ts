import * as semconv from '../semconv.js';
import { cutText } from './short-name.js';

type Attributes = Readonly<Record<string, unknown>>;

/** Addresses and statements say at their beginning what they are of. */
const MAX_READ = 500;

/** The first of these attributes that is a text, or a list that begins with one; cut. */
export function firstText(attributes: Attributes, names: readonly string[]): string | undefined {
  for (const name of names) {
    let value = attributes[name];
    if (value === undefined) continue;
    if (Array.isArray(value)) value = value[0] as unknown;
    if (typeof value === 'string' && value !== '') return cutText(value, MAX_READ);
  }
  return undefined;
}

/** Behind the scheme, without the user. */
const AUTHORITY = /^[a-z][a-z\d+.-]*:\/\/(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^/?#:]*)/i;

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/** The host that a request goes to, without its port. All addresses of this machine are `localhost`. */
export function addressOf(attributes: Attributes): string | undefined {
  const known = firstText(attributes, semconv.ADDRESS_NAMES) ?? hostIn(attributes);
  if (known === undefined || known === '') return undefined;
  return LOOPBACK.test(known) ? 'localhost' : known.toLowerCase();
}

function hostIn(attributes: Attributes): string | undefined {
  const url = firstText(attributes, semconv.URL_NAMES);
  const host = url && AUTHORITY.exec(url)?.[1];
  return host ?? firstText(attributes, [semconv.HTTP_HOST_OLD])?.replace(/:\d+$/, '');
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
