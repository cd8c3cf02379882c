const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** Longer ones are cut by the style, where there is no room for them. */
const MAX_LENGTH = 300;

/**
 * Returns a name from outside as one line. Characters that hide or turn around other text are shown by their
 * numbers, `‹202E›`; a long name is shortened in the middle.
 */
export function visible(name: string): string {
  const half = MAX_LENGTH / 2;
  const short = name.length > MAX_LENGTH ? `${name.slice(0, half)}…${name.slice(-half)}` : name;
  if (!HIDDEN.test(short)) return short;
  return Array.from(short, (character) =>
    HIDDEN.test(character) ? shownByNumber(character) : character,
  ).join('');
}

function shownByNumber(character: string): string {
  if (/\s/.test(character) && character < '\u0080') return ' ';
  return `‹${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}›`;
}
