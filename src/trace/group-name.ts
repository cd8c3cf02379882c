import { shortName } from './short-name.js';

/** What {@link GroupName} learns of a span beside its name. */
export interface GroupedSpan {
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** As the span has them. Not to be changed. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * Returns the name of the row that a span belongs to. `name` is that of the span, or what its attributes tell
 * where the span's own name says little: `GET api.example.com`, `postgresql SELECT users`.
 */
export type GroupName = (name: string, span: GroupedSpan) => string;

/** Without one of these in it a name of usual length stands as it is; most do. */
const MAY_HOLD_DATA = /[0-9"'`?@]/;

const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;
const EMAIL = /[^\s/@<>"']+@[^\s/@<>"']+\.[a-z]{2,}/gi;
const IP_ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g;
const QUERY = /\?[^\s]*=[^\s]*/g;
/** Quoted, and not the apostrophe of a word. */
const QUOTED = /(?<![A-Za-z0-9])(["'`])(?:(?!\1).){1,1000}\1(?![A-Za-z0-9])/g;
const TOKEN = /[A-Za-z0-9]+/g;

/**
 * Replaces what looks like an id or like data in the name of a span, so that `GET /users/17` and
 * `GET /users/18` are one row. This is the default of the option `groupName`.
 *
 * | in a name | becomes |
 * |---|---|
 * | a UUID; a run of letters and digits that nobody would choose: 8 or more hexadecimal digits, two groups of digits within 8 or more characters, any digit within 20 or more | `{id}` |
 * | a number of four or more digits, any number that is a part of a path | `{n}` |
 * | an e-mail address | `{email}` |
 * | an IP address (version 4) | `{ip}` |
 * | text in quotes | `{text}` |
 * | a query string | `?{query}` |
 * | what follows the first line | `…` |
 *
 * Short numbers stay: `step 2`, `gpt-4` and `HTTP 404` are names that people chose. Where more than 20 names differ
 * in a number alone, as with `fetch page 17`, the ranking that has seen them puts them in one row, `fetch page {n}`.
 * The names of LLM calls are never replaced: their models are few. Names of more than 200 characters are shortened in
 * the middle, and are not the same for that.
 */
export function groupName(name: string): string {
  let group = shortName(name);
  const firstLine = /^[^\r\n]*/.exec(group)![0];
  if (firstLine.length < group.length) group = `${firstLine}…`;
  if (!MAY_HOLD_DATA.test(group)) return group;
  return group
    .replace(QUERY, '?{query}')
    .replace(QUOTED, '{text}')
    .replace(EMAIL, '{email}')
    .replace(UUID, '{id}')
    .replace(IP_ADDRESS, '{ip}')
    .replace(TOKEN, replaceToken);
}

/** Asks a function of the user. If it fails, tells `onWrong` and returns the name itself. */
export function groupSafely(
  name: string,
  span: GroupedSpan,
  group: GroupName,
  onWrong?: (text: string) => void,
): string {
  try {
    const found: unknown = group(name, span);
    if (typeof found === 'string') return found;
    onWrong?.('`groupName` did not return a string, so the names of spans were not grouped');
  } catch {
    onWrong?.('`groupName` threw an error, so the names of spans were not grouped');
  }
  return name;
}

function replaceToken(token: string, at: number, name: string): string {
  const groupsOfDigits = token.match(/[0-9]+/g)?.length ?? 0;
  if (groupsOfDigits === 0) return token;
  if (/^[0-9]+$/.test(token)) {
    const isPathPart = name[at - 1] === '/' && /^$|[/?\s]/.test(name[at + token.length] ?? '');
    return token.length >= 4 || isPathPart ? '{n}' : token;
  }
  const isOdd = /^[0-9a-fA-F]+$/.test(token) || groupsOfDigits >= 2;
  return (token.length >= 8 && isOdd) || token.length >= 20 ? '{id}' : token;
}
