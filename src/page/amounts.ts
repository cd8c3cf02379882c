import { formatUsd } from '../format.js';
import { TIME_UNITS } from './units.js';

/** Seconds for a sentence, with two or three digits: `6.2 s`, `861 ms`, `45 min`. */
export function inTime(seconds: number): string {
  if (!(seconds > 0)) return '0 s';
  const { per, unit } = TIME_UNITS.find(({ from }) => seconds >= from * 0.9995)!;
  const value = seconds / per;
  return `${value.toFixed(value < 9.95 || (per === 1 && value < 99.95) ? 1 : 0)} ${unit}`;
}

/** The same of a round figure, on an axis: `5 s`. */
export function roundTime(seconds: number): string {
  return inTime(seconds).replace(/\.0(?= )/, '');
}

/** US dollars for a sentence, below one dollar in cents: `2.3 ¢`, `$1.20`. */
export function inMoney(usd: number): string {
  const cents = usd * 100;
  if (cents >= 99.95 || cents < 0.01) return formatUsd(usd);
  return `${cents.toFixed(cents < 0.995 ? 2 : cents < 9.95 ? 1 : 0)} ¢`;
}

/** A share for a sentence: `60 %`, `< 1 %`. */
export function inPercent(share: number): string {
  const percent = Math.round(share * 100);
  return percent === 0 && share > 0 ? '< 1 %' : `${percent} %`;
}
