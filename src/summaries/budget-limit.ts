import type { FigureUnit } from '../format.js';

type Scale = readonly [exponent: number, factor: number];
const NUMBER = String.raw`(\d+(?:\.\d+)?|\.\d+)`;
const PLAIN = { '': [0, 1] } as const;

const NOTATIONS: Readonly<
  Record<FigureUnit, { pattern: RegExp; expected: string; units: Readonly<Record<string, Scale>> }>
> = {
  seconds: {
    pattern: new RegExp(`^${NUMBER}\\s*(ns|us|µs|μs|ms|s|m|min|h)$`),
    expected: 'a time with its unit, such as 1.5s, 300ms or 2m',
    units: {
      ...{ ns: [-9, 1], us: [-6, 1], µs: [-6, 1], μs: [-6, 1], ms: [-3, 1] },
      ...{ s: [0, 1], m: [0, 60], min: [0, 60], h: [0, 3600] },
    },
  },
  usd: {
    pattern: new RegExp(`^\\$?\\s*${NUMBER}()$`),
    expected: 'US dollars, such as $0.05 or 0.05',
    units: PLAIN,
  },
  share: {
    pattern: new RegExp(`^${NUMBER}\\s*(%)$`),
    expected: 'a part of 100 %, such as 1% or 99.5%',
    units: { '%': [-2, 1] },
  },
  count: {
    pattern: new RegExp(`^${NUMBER}()$`),
    expected: 'a number, such as 3 or 2.5',
    units: PLAIN,
  },
};

/** Returns the limit in its unit, or in words what was expected. */
export function parseLimit(text: string, unit: FigureUnit): number | string {
  const { pattern, expected, units } = NOTATIONS[unit];
  const [, digits = '', suffix = ''] = pattern.exec(text) ?? [];
  const scale = units[suffix];
  const wrong = `${expected}, got "${text.slice(0, 40)}"`;
  if (digits === '' || scale === undefined) return wrong;
  const [exponent, factor] = scale;
  // 1.1 / 100 is not 0.011, but 1.1e-2 is.
  const limit = Number(`${digits}e${exponent}`) * factor;
  return Number.isFinite(limit) && (unit !== 'share' || limit <= 1) ? limit : wrong;
}
