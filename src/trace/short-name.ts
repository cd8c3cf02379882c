import { withoutSecrets } from '../secrets.js';

/** The most characters to keep of a name. */
export const MAX_NAME_LENGTH = 200;
const KEPT_HEAD = 120;
const KEPT_TAIL = 70;
/** What is cut off may end within a secret: so many more characters before the tail tell. */
const LOOKED_BEFORE_TAIL = 300;
/** Of what is left out of a name, so many characters at each end tell it from others. */
const TOLD = 2_000;

/**
 * Shortens a name that is too long to be kept, or to be compared for every span, to its first line and that in the
 * middle. Eight letters stand for what is left out, so that different names stay different, up to words with digits
 * in them, which mostly are ids: `handlers.orders.create…kdmaopfe…orders.cleanUp`.
 */
export function shortName(name: string): string {
  if (name.length <= MAX_NAME_LENGTH) return name;
  const end = name.search(/[\r\n]/);
  if (end >= 0 && end < MAX_NAME_LENGTH) return copyOf(`${name.slice(0, end)}…`);
  const line = end < 0 ? name : name.slice(0, end);
  if (line.length <= MAX_NAME_LENGTH) return copyOf(line);
  const around = withoutSecrets(line.slice(-(KEPT_TAIL + LOOKED_BEFORE_TAIL)));
  const tail = around.slice(-KEPT_TAIL);
  const left = line.slice(KEPT_HEAD, -KEPT_TAIL);
  const told = left.length <= 2 * TOLD ? left : left.slice(0, TOLD) + left.slice(-TOLD);
  return copyOf(`${line.slice(0, KEPT_HEAD)}…${lettersFor(told)}…${tail}`);
}

/** Cuts a text that is too long to be kept. */
export function cutText(text: string, max: number): string {
  return text.length <= max ? text : `${copyOf(text.slice(0, max - 1))}…`;
}

/** A slice of a string keeps all of it in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** FNV-1a with 32 bits, of words without digits, as letters: an id of digits would be taken for data. */
function lettersFor(text: string): string {
  let hash = 0x811c9dc5;
  let beforeWord = hash;
  let hasDigit = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (!isOfWord(code)) {
      if (hasDigit) hash = beforeWord;
      hasDigit = false;
    } else if (code <= 0x39) hasDigit = true;
    hash = Math.imul(hash ^ code, 0x01000193);
    if (!isOfWord(code)) beforeWord = hash;
  }
  if (hasDigit) hash = beforeWord;
  return (hash >>> 0)
    .toString(16)
    .padStart(8, '0')
    .replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 16)));
}

/** Latin letters and digits; other letters are words of their own. */
function isOfWord(code: number): boolean {
  if (code <= 0x39) return code >= 0x30;
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
