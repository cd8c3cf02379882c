import { aBooleanOr, aCount, aName, aPositiveNumber, aValue, options } from '../options.js';
import type { Kind, Settings, Shape } from '../options.js';
import { defined } from '../sums.js';

/** Which segments are profiled, and how. */
export interface CpuProfileOptions {
  /**
   * The names of the segments to profile, or a function that says for a name whether to. Segments that ask
   * for it themselves (`cpuProfile: true`) are profiled as well. Default: all segments.
   */
  readonly segments?: readonly string[] | ((name: string) => boolean) | undefined;
  /** The directory of the files; made for the first one. Default `hotspan-cpu-profiles`. */
  readonly directory?: string | undefined;
  /** Microseconds between two samples. Default 1,000. */
  readonly samplingIntervalMicros?: number | undefined;
  /** After this time, or 100,000 samples, the next file begins. Default 10,000. */
  readonly maxProfileMillis?: number | undefined;
  /** The most files of this process to keep, the newest. Default 20. */
  readonly maxFiles?: number | undefined;
}

const SHAPE: Shape<CpuProfileOptions> = {
  segments: aValue('a list of names or a function', (value) =>
    Array.isArray(value)
      ? value.every((name) => typeof name === 'string')
      : typeof value === 'function',
  ),
  directory: aName,
  samplingIntervalMicros: aCount,
  maxProfileMillis: aPositiveNumber,
  maxFiles: aCount,
};

/** What the option `cpuProfile` of a whole process may be. */
export const CPU_PROFILE: Kind = aBooleanOr(options(SHAPE));

export interface CpuProfileSettings extends Settings<Omit<CpuProfileOptions, 'segments'>> {
  /** Chooses from the segments that do not say themselves; `never` refuses those that ask for it as well. */
  readonly selects: ((name: string) => boolean) | 'never' | undefined;
}

/** Below, V8 does little else. */
const MIN_INTERVAL_MICROS = 50;
/** A profile of so many is some megabytes. */
const MAX_SAMPLES = 100_000;

const DEFAULTS: CpuProfileSettings = {
  selects: undefined,
  directory: 'hotspan-cpu-profiles',
  samplingIntervalMicros: 1_000,
  maxProfileMillis: 10_000,
  maxFiles: 20,
};

/** `1` or `true` profiles all segments, `0` or `false` none, other text is the directory for all. */
export function settingsFromVariable(value = ''): CpuProfileSettings {
  const text = value.trim();
  if (text === '') return DEFAULTS;
  if (/^(0|false)$/i.test(text)) return settingsFromOption(false);
  return settingsFromOption(/^(1|true)$/i.test(text) || { directory: text });
}

/** @param option a {@link CPU_PROFILE} */
export function settingsFromOption(option: boolean | CpuProfileOptions): CpuProfileSettings {
  if (option === false) return { ...DEFAULTS, selects: 'never' };
  const { segments = () => true, ...given } = option === true ? {} : option;
  const settings = { ...DEFAULTS, ...defined(given) };
  const selects =
    typeof segments === 'function' ? segments : (name: string) => segments.includes(name);
  const samplingIntervalMicros = Math.max(settings.samplingIntervalMicros, MIN_INTERVAL_MICROS);
  const maxMillis = (MAX_SAMPLES * samplingIntervalMicros) / 1e3;
  const maxProfileMillis = Math.min(settings.maxProfileMillis, maxMillis);
  return { ...settings, selects, samplingIntervalMicros, maxProfileMillis };
}
