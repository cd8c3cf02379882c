/** How each character of a text is marked: it stays, or something is shown for those in a row. */
const OPEN = 0;
const SECRET = 1;
const USER = 2;
const QUERY = 3;
const SHOWN = ['', '{secret}', '', '?{query}'];

/** What stands before a secret, up to its first character or quote. */
const BEFORE = [
  '(?:key|token|secret|passw(?:or)?d|pwd)=(?![=>])\\s*',
  '(?:api|access|secret|private)[-_]key\\\\*["\']?\\s*[:=]\\s*(?!(?:str|string|undefined|null|None)\\b)',
  // "API key: missing" and `apiKey: string` have a word behind them.
  '(?:api|access|secret|private) ?key\\\\*["\']?\\s*[:=]\\s*(?![a-z]{1,15}[.,;:!?)]*(?:\\s|$))',
  '(?:passw(?:or)?d|pwd|secret|[_-]token|(?<=[a-z])token)(?:\\\\*["\']\\s*[:=]|\\s+=(?![=>])|\\s*:(?=\\s*["\'`]))\\s*',
  'authorization\\\\*["\']?\\s*[:=]\\s*',
  'bearer\\s+(?![a-z]{1,15}[.,;:!?)]*(?:\\s|$))',
].join('|');
/** A quoted secret ends with its quote, or the text. Without quotes it ends at a space. */
const VALUE =
  '(?:(\\\\+["\'`])[^"\'`]*|(["\'`])(?:(?!\\3)[^\\\\]|\\\\[^])*|(?:(?:bearer|basic|token)\\s+)?\\S+)';
/** Most texts have none of these, which is found out fast. */
const MAY_NAME = /key|token|secret|passw|pwd|authorization|bearer/i;
const NAMED = new RegExp(`(${BEFORE})${VALUE}`, 'gi');

/** All keys are made of these characters, and no shorter. */
const LONG_WORD = /[\w-]{16,}/g;
const KEY =
  /AIza[\w-]{16}|A[KS]IA[A-Z0-9]{12}|gh[pousr]_[A-Za-z0-9]{20}|ghs_\d+_|github_pat_\w{8}|xox[a-z]-(?=[\w-]{0,40}\d)|xapp-\d/;
/** The forms of OpenAI and Anthropic have a prefix that ends other words, too: `task-…`. */
const SK_KIND = /^(?:proj|ant|svcacct|admin|or)-/;
const MIXED = /^(?:[^A-Z0-9]*[A-Z0-9]){4}/;
const RANDOM_PART =
  /(?<![A-Za-z0-9])(?=[A-Z0-9]*[a-z])(?=[a-z0-9]*[A-Z])(?=[A-Za-z]*\d)[A-Za-z0-9]{20}/;

/** How much longer a text is read than kept, so that what is cut off can be told. */
const MARGIN = 100;
/** Less of a key than this may look like no key. */
const UNSURE = 40;

/**
 * Takes the secrets out of a text: keys in the forms of well-known services, what stands behind
 * `password=` and the like, and users, passwords and queries of addresses. Takes linear time.
 *
 * @param maxLength a longer text ends with "…"
 */
export function withoutSecrets(text: string, maxLength = 10_000): string {
  const isCut = text.length > maxLength + MARGIN;
  // What may be the start of a password in an address becomes one.
  const read = isCut ? `${text.slice(0, maxLength + MARGIN)}@` : text;
  const marks = new Uint8Array(read.length);
  if (/:\/\/|\?/.test(read)) markAddresses(read, marks);
  if (MAY_NAME.test(read)) markNamed(read, marks);
  for (const { 0: word, index } of read.matchAll(LONG_WORD)) {
    const start = keyIn(word);
    if (start >= 0) marks.fill(SECRET, index + start, index + word.length);
  }
  const clean = shown(read, marks, isCut ? read.length - UNSURE : read.length);
  if (!isCut && clean.length <= maxLength) return clean;
  const kept = clean.slice(0, Math.max(0, maxLength - 1)).replace(/[\uD800-\uDBFF]$/, '');
  return maxLength < 1 ? '' : `${kept}…`;
}

/** Takes the user and the query out of a text that is an address, also out of a damaged one. */
export function addressWithoutSecrets(text: string): string {
  const isAddress = /^[a-z][a-z\d+.-]*:[/\\]/i.test(text);
  // In a damaged address the password may hold anything: it ends at the last "@" there is.
  if (isAddress && !URL.canParse(text)) return text.replace(/^([^:]*:).*@/s, '$1//');
  const first = isAddress ? text.replace(/^([^:]*:)[/\\]*[^/\\?#]*@/, '$1//') : text;
  return withoutSecrets(first);
}

const MAX_NAME_LENGTH = 1_000;
/** Names repeat, and every span has one. */
const cleanNames = new Map<string, string>();

/** The same for the name of a span, fast for one that was there before. */
export function nameWithoutSecrets(name: string): string {
  if (name.length > MARGIN) return withoutSecrets(name, MAX_NAME_LENGTH);
  let clean = cleanNames.get(name);
  if (clean === undefined) {
    if (cleanNames.size >= MAX_NAME_LENGTH) cleanNames.clear();
    clean = withoutSecrets(name);
    cleanNames.set(name, clean);
  }
  return clean;
}

function shown(text: string, marks: Uint8Array, length: number): string {
  let clean = '';
  for (let start = 0; start < length;) {
    const mark = marks[start]!;
    let end = start + 1;
    while (end < length && (marks[end] === OPEN) === (mark === OPEN)) end += 1;
    clean += mark === OPEN ? text.slice(start, end) : (SHOWN[mark] ?? '');
    start = end;
  }
  return clean;
}

function markAddresses(text: string, marks: Uint8Array): void {
  for (const { 0: run, index } of text.matchAll(/\S+/g)) {
    const scheme = run.indexOf('://');
    const isPath = scheme < 0 && /^["'(]?\/[^?]*\?[\w.%[\]-]+=/.test(run);
    if (scheme < 0 && !isPath) continue;
    const start = isPath ? 0 : scheme + 3;
    const rest = run.slice(start);
    const end = isPath ? 0 : endOfUser(rest);
    const query = rest.indexOf('?', end);
    marks.fill(USER, index + start, index + start + end);
    if (query >= 0) marks.fill(QUERY, index + start + query, index + run.length);
  }
}

function endOfUser(rest: string): number {
  const at = rest.lastIndexOf('@');
  const [user = ''] = /^[^/?#:]*/.exec(rest)!;
  const isPort = /^:\d{2,5}\//.test(rest.slice(user.length)) && rest[at - 1] === '/';
  // A password may hold any character. Without one, "@" may be a part of the path.
  if (at < user.length || rest[user.length] !== ':' || isPort) return user.lastIndexOf('@') + 1;
  // Either may hold the mark of the other.
  return rest.slice(0, at).includes('?') ? rest.length : at + 1;
}

function markNamed(text: string, marks: Uint8Array): void {
  NAMED.lastIndex = 0;
  for (let found = NAMED.exec(text); found !== null; found = NAMED.exec(text)) {
    const [, before = '', escaped = '', quote = ''] = found;
    const start = found.index + before.length + escaped.length + quote.length;
    marks.fill(SECRET, start, NAMED.lastIndex);
    // What looks like a secret may be the name of another.
    NAMED.lastIndex = start;
  }
}

/** Returns where a key begins in a word, or -1. */
function keyIn(word: string): number {
  const start = word.search(KEY);
  for (let at = word.indexOf('sk-'); at >= 0; at = word.indexOf('sk-', at + 1)) {
    const isEndOfWord = /[A-Za-z0-9]/.test(word[at - 1] ?? '');
    if (isSecretKey(word.slice(at + 3, at + 99), isEndOfWord)) {
      return start < 0 ? at : Math.min(start, at);
    }
  }
  return start;
}

function isSecretKey(text: string, isEndOfWord: boolean): boolean {
  if (text.length < 13) return false;
  if (isEndOfWord && !SK_KIND.test(text)) return RANDOM_PART.test(text);
  return MIXED.test(text) || /[A-Za-z0-9]{16}/.test(text) || (!isEndOfWord && SK_KIND.test(text));
}
