import { widthOf } from './table.js';

/** Each takes one column, so that tables stay aligned. */
const LIKE: Readonly<Record<string, string>> = {
  ...{ '▸': '>', '·': '-', '…': '~', µ: 'u', '±': '+', '×': 'x', '→': '>', '–': '-', '—': '-' },
  ...{ '█': '#', '░': '.' },
};

/** Writes a text in ASCII alone, as wide as it was: what has no like becomes `?`. */
export function toAscii(text: string): string {
  return text.replace(/\P{ASCII}\p{M}*/gu, (character) => {
    return LIKE[character] ?? '?'.repeat(widthOf(character));
  });
}
