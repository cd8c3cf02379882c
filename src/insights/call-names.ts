import { RecentMap } from '../bounded.js';

/** Words for calls that each need the one before: with a cursor, or until something has happened. */
const STEPS_OF_LOOPS = new Set(
  'next cursor scroll poll polling paginate pagination paginated continue more step turn iteration round'.split(
    ' ',
  ),
);
/** It may have a cursor, or be asked for each of many. */
const LISTING = 'list';
/** Words for calls that are made until something has happened. */
const POLLING = new Set('poll polling wait watch status progress ready job sleep'.split(' '));
/** Verbs of calls that read something. */
const READING = new Set(
  'load fetch get read find retrieve lookup search query call check'.split(' '),
);
/** What others often need before they can be asked for. */
const NEEDED_FIRST = new Set(
  'auth login token session credential key config setting user account tenant id index connection'.split(
    ' ',
  ),
);

/** Checks whether a name is that of calls in a loop whose steps need each other. */
export function isStepOfLoop(name: string): boolean {
  return wordsOf(name).some((word) => STEPS_OF_LOOPS.has(word));
}

/** As {@link isStepOfLoop}, or that of calls of which each may say where the next one begins. */
export function mayBeStepOfLoop(name: string): boolean {
  return wordsOf(name).some((word) => word === LISTING || STEPS_OF_LOOPS.has(word));
}

/** Checks whether a name is that of calls that are made until something has happened. */
export function isPolling(name: string): boolean {
  return wordsOf(name).some((word) => POLLING.has(word));
}

/**
 * Returns whether calls of these names probably do not need each other: the names have one verb, that of
 * reading, and no word of one is in another, as in `load order` and `load order items`.
 */
export function seemIndependent(names: readonly string[]): boolean {
  const [verb] = wordsOf(names[0] ?? '');
  if (verb === undefined || !READING.has(verb)) return false;
  const seen = new Set<string>();
  return names.every((name, at) => {
    const [first, ...others] = wordsOf(name);
    const isLast = at === names.length - 1;
    if (first !== verb || others.length === 0) return false;
    return [...new Set(others.map(singular))].every((word) => {
      const isNew = !seen.has(word) && (isLast || !NEEDED_FIRST.has(word));
      seen.add(word);
      return isNew;
    });
  });
}

/** Of the names that were looked at last: each is mostly looked at again. */
const known = new RecentMap<readonly string[]>(1_000);

/** `loadOrders`, `load_orders` and `Load orders` have the same. */
function wordsOf(name: string): readonly string[] {
  let words = known.get(name);
  if (words === undefined) {
    const parts = name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase();
    words = parts.match(/\p{L}+/gu) ?? [];
    known.set(name, words);
  }
  return words;
}

function singular(word: string): string {
  return word.endsWith('s') ? word.slice(0, -1) : word;
}
