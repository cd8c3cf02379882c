import { aBooleanOr, aPositiveNumber, aShare, aValue, options } from '../options.js';
import type { Kind, Settings, Shape } from '../options.js';
import { defined } from '../sums.js';

/** What an experiment makes slower, and by how much. */
export interface ExperimentOptions {
  /**
   * The names of the rows to make slower, in turn, as the summary has them. At most 10. Default: the 3 segments
   * that would bring most by prediction.
   */
  readonly rows?: readonly string[] | undefined;
  /**
   * How much slower, as a share of the row's own time, above 0 and at most 1. All delays together take at most
   * this share of the time of all requests. Default 0.2.
   */
  readonly delayShare?: number | undefined;
  /** The longest delay of one call, in milliseconds. Default 1,000. */
  readonly maxDelayMillis?: number | undefined;
  /**
   * The shortest period, in milliseconds. Periods are longer where requests are: 8 times their mean duration.
   * Default 1,000.
   */
  readonly periodMillis?: number | undefined;
}

export type ExperimentSettings = Settings<Omit<ExperimentOptions, 'rows'>> &
  Pick<ExperimentOptions, 'rows'>;

const MAX_ROWS = 10;
/** A timer that waits longer fires at once. */
const MAX_MILLIS = 86_400_000;

const aTime: Kind = {
  expected: `a positive number of at most ${MAX_MILLIS}`,
  accepts: (value) => aPositiveNumber.accepts(value) && (value as number) <= MAX_MILLIS,
};

const SHAPE: Shape<ExperimentOptions> = {
  rows: aValue(
    `a list of 1 to ${MAX_ROWS} names`,
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.length <= MAX_ROWS &&
      value.every((name) => typeof name === 'string' && name !== ''),
  ),
  delayShare: aValue(
    'a number above 0 and at most 1',
    (value) => aShare.accepts(value) && value !== 0,
  ),
  maxDelayMillis: aTime,
  periodMillis: aTime,
};

/** What the option `experiment` may be. */
export const EXPERIMENT: Kind = aBooleanOr(options(SHAPE));

const DEFAULTS: ExperimentSettings = {
  rows: undefined,
  delayShare: 0.2,
  maxDelayMillis: 1_000,
  periodMillis: 1_000,
};

/** Returns `undefined` where no experiment is asked for. */
export function experimentSettings(
  option: boolean | ExperimentOptions,
): ExperimentSettings | undefined {
  if (option === false) return undefined;
  return { ...DEFAULTS, ...(option === true ? {} : defined(option)) };
}

/** `1` or `true` leaves the choice of rows to hotspan, `0` or `false` is no experiment, other text names rows, one a line. */
export function experimentFromVariable(text = ''): boolean | ExperimentOptions {
  if (/^(?:0|false|)$/i.test(text.trim())) return false;
  if (/^(?:1|true)$/i.test(text.trim())) return true;
  const rows = text.split('\n').map((name) => name.trim());
  return { rows: rows.filter((name) => name !== '').slice(0, MAX_ROWS) };
}
