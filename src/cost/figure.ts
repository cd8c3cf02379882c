import { isObject } from '../fields.js';
import type { Meaning } from './usage-names.js';

/** `cache_read` for `cacheReadTokens`. */
export function wordOf(means: Meaning | 'usage'): string {
  return means
    .replace(/^promptTokens$/, 'input')
    .replace(/^[+!]|Tokens$/g, '')
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Reads a figure, also one in text: `"12"`. */
export function usableFigure(value: unknown, means: Meaning): number | undefined {
  if (means === 'webSearches' && Array.isArray(value)) return value.length;
  if (means.startsWith('!') && isObject(value)) return 1;
  const figure = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof figure === 'number' && Number.isFinite(figure) && figure >= 0 ? figure : undefined;
}
