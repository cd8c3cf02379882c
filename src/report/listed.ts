import { formatCount } from '../format.js';

const MAX_LISTED = 5;

/** The first five of them in a row, and how many more there are. */
export function listed(texts: readonly string[], separator: string): string {
  const shown = texts.slice(0, MAX_LISTED);
  const more = texts.length - shown.length;
  return [...shown, ...(more > 0 ? [`${formatCount(more)} more`] : [])].join(separator);
}
