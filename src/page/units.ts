/** The units of time, and from how many seconds on they are used: in a sentence, and for a column. */
export const TIME_UNITS = [
  { from: 7200, columnFrom: 36_000, per: 3600, unit: 'h' },
  { from: 120, columnFrom: 6000, per: 60, unit: 'min' },
  { from: 1, columnFrom: 1, per: 1, unit: 's' },
  { from: 1e-3, columnFrom: 1e-3, per: 1e-3, unit: 'ms' },
  { from: 0, columnFrom: 0, per: 1e-6, unit: 'µs' },
];

/** The unit of a column, which stands in its head, and how its figures are written: all with the same decimals. */
export interface Unit {
  readonly unit: string;
  readonly format: (value: number) => string;
}

const largest = (values: readonly (number | undefined)[]) =>
  values.reduce<number>((most, value = 0) => Math.max(most, value), 0);

function fixed(decimals: number): (value: number) => string {
  const least = 10 ** -decimals;
  return (value) =>
    value > 0 && value < least / 2 ? `< ${least.toFixed(decimals)}` : value.toFixed(decimals);
}

/** The unit in which the longest of these times has at most four digits before the point. */
export function timeUnit(seconds: readonly (number | undefined)[]): Unit {
  const most = largest(seconds);
  const { per, unit } =
    TIME_UNITS.find(({ columnFrom }) => most >= columnFrom) ?? TIME_UNITS.at(-1)!;
  const format = fixed(most / per >= 1000 ? 0 : most / per >= 20 ? 1 : 2);
  return { unit, format: (value) => format(value / per) };
}

/** US dollars, with as many decimals as the dearest needs for three digits, but at most five. */
export function moneyUnit(usd: readonly (number | undefined)[]): Unit {
  const most = largest(usd);
  return {
    unit: '$',
    format: fixed(most >= 10 ? 2 : most >= 0.1 || most === 0 ? 3 : most >= 0.01 ? 4 : 5),
  };
}

/** A count for a column: `775 k`, `1.2 M`. */
export function shortCount(count: number): string {
  if (count < 10_000) return count.toLocaleString('en-US');
  const [value, unit] = count < 999_500 ? [count / 1e3, 'k'] : [count / 1e6, 'M'];
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')} ${unit}`;
}

/** What one of these calls cost. */
export function centsOf(of: { readonly costUsd?: number; readonly calls: number }) {
  return of.costUsd === undefined || of.calls === 0 ? undefined : (100 * of.costUsd) / of.calls;
}

/** The cell of a figure: empty where that is not known. */
export function ifKnown(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '' : format(value);
}
