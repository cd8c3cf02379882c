const SECOND_UNITS = [
  { per: 60, unit: 'min' },
  { per: 1, unit: 's' },
  { per: 1e-3, unit: 'ms' },
  { per: 1e-6, unit: 'µs' },
];

/** Seconds with three digits and a fitting unit: `1.23 s`, `45.6 ms`, `0 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds <= 0) return '0 s';
  // Rounding may lift a value into the next unit: 0.9996 s is 1 s.
  const rounded = Number(seconds.toPrecision(3));
  const { per, unit } = SECOND_UNITS.find((it) => rounded >= it.per) ?? { per: 1e-9, unit: 'ns' };
  return `${threeDigits(rounded / per)} ${unit}`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

const MAX_USD_DECIMALS = 6;

/** The decimals that an amount needs to show two digits: 2 for 0.25, 4 for 0.0031, 6 at most. */
export function usdDecimals(usd: number): number {
  const needed = usd > 0 ? 1 - Math.floor(Math.log10(usd)) : 2;
  return Math.min(Math.max(needed, 2), MAX_USD_DECIMALS);
}

/** US dollars: `$12.50`, `$0.0031`, `<$0.000001`. */
export function formatUsd(usd: number, decimals: number = usdDecimals(usd)): string {
  if (usd === 0) return '$0';
  const least = 10 ** -MAX_USD_DECIMALS;
  return usd < least ? `<$${least.toFixed(MAX_USD_DECIMALS)}` : `$${usd.toFixed(decimals)}`;
}

export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A change by its ratio: `+20.0 %`, from tenfold on `12.5×`; `undefined` when that is not known. */
export function formatChange(ratio: number | undefined): string | undefined {
  if (ratio === undefined) return undefined;
  if (ratio >= 10) return `${formatAmount(ratio)}×`;
  const percent = (ratio - 1) * 100;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;
}

/** An amount that need not be whole, below 100 with three digits: `0.25`, `1.5`, `1,234`. */
export function formatAmount(amount: number): string {
  return formatCount(amount < 100 ? Number(amount.toPrecision(3)) : Math.round(amount));
}

/** The unit of a figure: seconds, US dollars, a share of 1, or a count. */
export type FigureUnit = 'seconds' | 'usd' | 'share' | 'count';

export const FORMATS: Readonly<Record<FigureUnit, (value: number) => string>> = {
  seconds: formatSeconds,
  usd: (usd) => formatUsd(usd),
  share: formatShare,
  count: formatAmount,
};

/**
 * Returns text from outside as one line, without characters that a terminal takes for a command, or that
 * hide or turn around other text. A text of more than `maxLength` characters ends with "…".
 *
 * @param keptEnd so many characters of the end of a longer text are kept behind the "…"
 */
export function singleLine(text: string, maxLength = 200, keptEnd = 0): string {
  // Cut it before it is taken apart: a name may be a whole document.
  const start = Array.from(text.slice(0, 2 * maxLength + 2));
  const isLonger = start.length > maxLength;
  const end =
    isLonger && keptEnd > 0 ? Array.from(text.slice(-2 * keptEnd - 2)).slice(-keptEnd) : [];
  const kept = isLonger ? [...start.slice(0, maxLength - 1 - keptEnd), '…', ...end] : start;
  return kept.join('').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}

/** The name of a row may differ from others at its end: it is shortened in the middle. */
export function shortLine(name: string, maxLength = 200): string {
  return singleLine(name, maxLength, Math.floor(maxLength / 3));
}

/** `3.10 s and $0.02`, or the part of it that is known. */
export function formatSaving(seconds: number, usd: number | undefined): string {
  if (usd === undefined || usd <= 0) return formatSeconds(seconds);
  return seconds > 0 ? `${formatSeconds(seconds)} and ${formatUsd(usd)}` : formatUsd(usd);
}
