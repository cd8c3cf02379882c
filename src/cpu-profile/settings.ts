import { requireCount, requireName, requireOptions, requirePositive, wrongUse } from '../errors.js';

/** Which segments are profiled, and how. */
export interface CpuProfileOptions {
  /**
   * Names of segments, or what tells from a name whether it is one. Default: all. Those that ask for
   * it themselves (`cpuProfile: true`) are profiled as well.
   */
  readonly segments?: readonly string[] | ((name: string) => boolean) | undefined;
  /** Where the files go; made when there is the first. Default `hotspan-cpu-profiles`. */
  readonly directory?: string | undefined;
  /** Between two samples. Default 1,000. */
  readonly samplingIntervalMicros?: number | undefined;
  /** After this time, or 100,000 samples, the next file begins. Default 10,000. */
  readonly maxProfileMillis?: number | undefined;
  /** Files of this process that are kept, the newest. Default 20. */
  readonly maxFiles?: number | undefined;
}

/** What is asked for of a whole process. */
export interface CpuProfileSettings {
  /**
   * Which segments are profiled that do not say so themselves; absent when none. With `never` those
   * that do say so are not either.
   */
  readonly selects: ((name: string) => boolean) | 'never' | undefined;
  readonly directory: string;
  readonly samplingIntervalMicros: number;
  readonly maxProfileMillis: number;
  readonly maxFiles: number;
}

const OPTIONS = [
  'segments',
  'directory',
  'samplingIntervalMicros',
  'maxProfileMillis',
  'maxFiles',
] as const;
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

/**
 * What `HOTSPAN_CPU_PROFILE` asks for: `1` or `true` profiles all segments, `0` or `false` none at
 * all, and anything else is the directory for the files of all. Unset, those that say so themselves.
 */
export function settingsFromVariable(value: string | undefined): CpuProfileSettings {
  const text = value?.trim() ?? '';
  if (text === '') return DEFAULTS;
  if (/^(0|false)$/i.test(text)) return { ...DEFAULTS, selects: 'never' };
  const all = { ...DEFAULTS, selects: () => true };
  return /^(1|true)$/i.test(text) ? all : { ...all, directory: text };
}

/**
 * What the option `cpuProfile` asks for.
 *
 * @throws TypeError when it is wrong
 */
export function settingsFromOption(
  where: string,
  option: boolean | CpuProfileOptions,
): CpuProfileSettings {
  if (option === false) return { ...DEFAULTS, selects: 'never' };
  if (option === true) return { ...DEFAULTS, selects: () => true };
  if ((option as unknown) === null || typeof option !== 'object') {
    throw wrongUse(where, '`cpuProfile` to be true, false or an object', option);
  }
  requireOptions(`${where}: cpuProfile`, option, OPTIONS);
  const { segments, directory, samplingIntervalMicros, maxProfileMillis, maxFiles } = option;
  if (directory !== undefined) requireName(where, '`cpuProfile.directory`', directory);
  requirePositive(where, '`cpuProfile.maxProfileMillis`', maxProfileMillis);
  requireCount(where, '`cpuProfile.maxFiles`', maxFiles);
  requireCount(where, '`cpuProfile.samplingIntervalMicros`', samplingIntervalMicros);
  const intervalMicros = Math.max(
    samplingIntervalMicros ?? DEFAULTS.samplingIntervalMicros,
    MIN_INTERVAL_MICROS,
  );
  return {
    selects: selectorOf(where, segments),
    directory: directory ?? DEFAULTS.directory,
    samplingIntervalMicros: intervalMicros,
    maxProfileMillis: Math.min(
      maxProfileMillis ?? DEFAULTS.maxProfileMillis,
      (MAX_SAMPLES * intervalMicros) / 1e3,
    ),
    maxFiles: maxFiles ?? DEFAULTS.maxFiles,
  };
}

function selectorOf(
  where: string,
  segments: CpuProfileOptions['segments'],
): (name: string) => boolean {
  if (segments === undefined) return () => true;
  if (typeof segments === 'function') return segments;
  if (!Array.isArray(segments) || !segments.every((name) => typeof name === 'string')) {
    throw wrongUse(where, '`cpuProfile.segments` to be a list of names or a function', segments);
  }
  const names = new Set<string>(segments);
  return (name) => names.has(name);
}
