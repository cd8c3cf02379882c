/** Runs one segment under a CPU profiler; `run` must call the segment's function exactly once. */
export type ProfiledWork<T> = (file: string | undefined, run: <R>(fn: () => R) => R) => T;

/** A CPU profiler for segments. `hotspan/node` and `hotspan/processor` bring the one that V8 has. */
export interface SegmentProfiler {
  /** Tells whether to profile the segment `name`, which itself asked for it, against it, or neither. */
  isProfiled(name: string, asked: boolean | undefined): boolean;
  /** Calls `work` as one profiled run of the segment. */
  profile<T>(name: string, attributes: Readonly<Record<string, unknown>>, work: ProfiledWork<T>): T;
}

let profiler: SegmentProfiler | undefined;

/** Makes segments use this profiler. Instrumented code alone never loads one, which keeps it light. */
export function useSegmentProfiler(next: SegmentProfiler): void {
  profiler = next;
}

/** The profiler for a segment, if it is to be profiled. */
export function profilerFor(name: string, asked: boolean | undefined): SegmentProfiler | undefined {
  return profiler?.isProfiled(name, asked) === true ? profiler : undefined;
}
