export * from '../format.js';

/** A change by its ratio: `+20.0 %`, from tenfold on `12.5×`; `undefined` when that is not known. */
export function formatChange(ratio: number | undefined): string | undefined {
  if (ratio === undefined) return undefined;
  if (ratio >= 10) return `${formatAmount(ratio)}×`;
  const percent = (ratio - 1) * 100;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;
}

/** An amount that need not be whole, with three digits: `0.25`, `1.5`, `1,230`. */
export function formatAmount(amount: number): string {
  return Number(amount.toPrecision(3)).toLocaleString('en-US');
}

/**
 * Text from outside without what a terminal would take for a command, or what hides or turns around
 * other text; on one line.
 *
 * @param maxLength in characters; longer text ends with "…"
 */
export function printable(text: string, maxLength = 200): string {
  // Not longer before it is taken apart, either: a name may be a whole document.
  const start = Array.from(text.slice(0, 2 * maxLength + 2));
  const isLonger = start.length > maxLength;
  const kept = isLonger ? [...start.slice(0, maxLength - 1), '…'] : start;
  return kept.join('').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}
