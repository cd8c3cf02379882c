/** The most characters to keep of a name. Longer ones hold a prompt or a document. */
export const MAX_NAME_LENGTH = 200;

/**
 * Cuts a name that is too long to be kept, or to be compared for every span. The result is a copy, since a
 * slice of a string keeps all of it in memory.
 */
export function shortName(name: string, max = MAX_NAME_LENGTH): string {
  return name.length <= max ? name : `${copyOf(name.slice(0, max - 1))}…`;
}

function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
