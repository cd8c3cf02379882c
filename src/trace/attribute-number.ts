/** More tokens, dollars or seconds than any call has. */
const MAX = 1e9;
/** Longer texts are no numbers. */
const MAX_LENGTH = 30;
const DECIMAL = /^\s*(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

/**
 * Reads a figure, which some instrumentations write as text: `"10000"`. Returns `undefined` for what is no figure, or
 * more than any call has.
 */
export function figureOf(value: unknown): number | undefined {
  const isText = typeof value === 'string' && value.length <= MAX_LENGTH && DECIMAL.test(value);
  const number = isText ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number <= MAX ? number : undefined;
}

export function notAFigure(name: string): string {
  return `${name} was not a number from 0 to ${MAX.toLocaleString('en')} and was left out`;
}
