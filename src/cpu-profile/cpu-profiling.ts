import { diag } from '@opentelemetry/api';
import { useSegmentProfiler } from '../instrument/segment-profiler.js';
import type { SegmentCpuProfile } from '../summary.js';
import { groupName, groupSafely, type GroupName } from '../trace/group-name.js';
import { isModelCall } from '../trace/call-kind.js';
import { CpuProfiler } from './cpu-profiler.js';
import { settingsFromVariable, type CpuProfileSettings } from './settings.js';

function defaultSetup() {
  const settings = settingsFromVariable(process.env.HOTSPAN_CPU_PROFILE);
  // Names that share a row share a profile.
  const rowName: GroupName = groupName;
  return { settings, log: (line: string) => diag.warn(line), rowName };
}

let setup = defaultSetup();
/** Made for the first segment that is profiled. */
let profiler: CpuProfiler | undefined;

// Segments can be profiled wherever `hotspan/node` or `hotspan/processor` is loaded, tracing or not.
useSegmentProfiler({
  isProfiled: (name, asks) => {
    const { selects } = setup.settings;
    if (asks === false || selects === 'never') return false;
    try {
      return asks === true || selects?.(name) === true;
    } catch {
      // The function is the user's.
      return false;
    }
  },
  profile: (name, attributes, work) => {
    profiler ??= new CpuProfiler(setup.settings, setup.log);
    // Calls of models keep their names, as in the ranking.
    const isCall = isModelCall(attributes);
    const span = { kind: 'internal', attributes } as const;
    return profiler.profile(isCall ? name : groupSafely(name, span, setup.rowName), work);
  },
});

/** @param settings default: what `HOTSPAN_CPU_PROFILE` says now */
export function startCpuProfiling(
  settings: CpuProfileSettings | undefined,
  log: (line: string) => void,
  rowName: GroupName = groupName,
): CpuProfiler {
  profiler?.stop();
  setup = { settings: settings ?? defaultSetup().settings, log, rowName };
  profiler = new CpuProfiler(setup.settings, log);
  if (typeof setup.settings.selects === 'function') profiler.start();
  return profiler;
}

/** Makes the process as it was, unless another has started since. */
export function stopCpuProfiling(own: CpuProfiler): void {
  own.stop();
  if (profiler !== own) return;
  profiler = undefined;
  setup = defaultSetup();
}

/**
 * Returns what ran inside the segments with a CPU profile, by row, the most time first. Segments that still
 * run are included up to the last file. The summary of `startTracing` has it already. In a process with its
 * own OpenTelemetry, add it to a summary:
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
