import { BadInputError } from '../errors.js';

const STDIN = '-';
const ADDRESS = /^https?:\/\//i;

/** Whether a source is an address instead of a file. */
export function isAddress(source: string): boolean {
  return ADDRESS.test(source);
}

/** Whether a source looks like an address without its `http://`: it has a port, or a user. */
export function isBareAddress(source: string): boolean {
  return /^(?:[^/\s]*@)?[\w.-]+:\d+(?:\/.*)?$/.test(source);
}

/** What messages call a source: an address without the user and the password that stand in it. */
export function nameOf(source: string): string {
  return source === STDIN ? 'standard input' : withoutUser(source);
}

/** An address, valid or not, without the user and the password that stand in it; other text as it is. */
export function withoutUser(text: string): string {
  if (!/^[a-z][a-z\d+.-]*:[/\\]/i.test(text)) return text;
  // Of a damaged address nobody can say where the password ends.
  const user = URL.canParse(text) ? /^([^:]*:)[/\\]*[^/\\?#]*@/ : /^([^:]*:).*@/s;
  return text.replace(user, '$1//');
}

/** @throws BadInputError when standard input is among the sources more than once */
export function requireOneStdin(sources: readonly string[]): void {
  if (sources.filter((source) => source === STDIN).length > 1) {
    throw new BadInputError('expected - once at most: standard input can be read only once');
  }
}
