import { diag } from '@opentelemetry/api';
import type { SegmentCpuProfile } from '../summary.js';
import { groupName, groupSafely, type GroupName } from '../trace/group-name.js';
import { isModelCall } from '../trace/span-facts.js';
import { useSegmentProfiler, type ProfiledWork } from '../instrument/segment-profiler.js';
import { CpuProfiler } from './cpu-profiler.js';
import { settingsFromVariable, type CpuProfileSettings } from './settings.js';

let settings = settingsFromVariable(process.env.HOTSPAN_CPU_PROFILE);
let log = toDiag;
let rowName = groupName;
/** Made for the first segment that is profiled. */
let profiler: CpuProfiler | undefined;

// Segments can be profiled wherever `hotspan/node` or `hotspan/processor` is loaded, tracing or not.
useSegmentProfiler({ isProfiled: isCpuProfiled, profile: withCpuProfile });

/** A process that is set up to profile. */
export interface CpuProfiling {
  /** What was found so far. */
  list(): SegmentCpuProfile[];
  /** What went wrong, a sentence each. */
  warnings(): string[];
  /** Forgets what was found so far. */
  reset(): void;
  /** Writes what is being taken, and makes the process as it was. */
  stop(): void;
}

/**
 * Sets the process up.
 *
 * @param given default: what `HOTSPAN_CPU_PROFILE` says now
 * @param group which names share a profile: those that share a row
 */
export function startCpuProfiling(
  given: CpuProfileSettings | undefined,
  logLine: (line: string) => void,
  group: GroupName = groupName,
): CpuProfiling {
  profiler?.stop();
  settings = given ?? settingsFromVariable(process.env.HOTSPAN_CPU_PROFILE);
  log = logLine;
  rowName = group;
  const own = new CpuProfiler(settings, log);
  profiler = own;
  if (typeof settings.selects === 'function') own.start();
  return {
    list: () => own.list(),
    warnings: () => own.warnings(),
    reset: () => own.reset(),
    stop: () => {
      own.stop();
      if (profiler !== own) return;
      profiler = undefined;
      settings = settingsFromVariable(process.env.HOTSPAN_CPU_PROFILE);
      log = toDiag;
      rowName = groupName;
    },
  };
}

/**
 * Whether a segment is profiled.
 *
 * @param asks what the segment itself says
 */
function isCpuProfiled(name: string, asks: boolean | undefined): boolean {
  const { selects } = settings;
  if (asks === undefined && selects === undefined) return false;
  if (asks === false || selects === 'never') return false;
  return asks === true || isSelected(name);
}

/**
 * Calls `work` as a run of a profiled segment; see {@link CpuProfiler.profile}.
 *
 * @param attributes of its span: calls of models keep their names, as in the ranking
 */
function withCpuProfile<T>(
  name: string,
  attributes: Readonly<Record<string, unknown>>,
  work: ProfiledWork<T>,
): T {
  profiler ??= new CpuProfiler(settings, log);
  const segment = isModelCall(attributes, false) ? name : groupSafely(name, rowName);
  return profiler.profile(segment, work);
}

/**
 * What ran inside the segments with a CPU profile, by row, the most time first; of those that still run, as
 * far as it was written. `startTracing` has it in its summary. In a process with an OpenTelemetry of
 * its own it can be added to one:
 *
 * ```ts
 * import { BottleneckSpanProcessor, cpuProfiles } from 'hotspan/processor';
 * import { toText } from 'hotspan/report';
 *
 * const bottlenecks = new BottleneckSpanProcessor();
 * console.log(toText({ ...bottlenecks.summary(), cpuProfiles: cpuProfiles() }));
 * ```
 */
export function cpuProfiles(): SegmentCpuProfile[] {
  return profiler?.list() ?? [];
}

/** The user's function may throw: then the segment is not profiled. */
function isSelected(name: string): boolean {
  const { selects } = settings;
  try {
    return typeof selects === 'function' && selects(name);
  } catch {
    return false;
  }
}

function toDiag(line: string): void {
  diag.warn(line);
}
