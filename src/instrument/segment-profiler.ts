/** Runs one segment under a CPU profiler; `run` must call the segment's function exactly once. */
export type ProfiledWork<T> = (file: string | undefined, run: <R>(fn: () => R) => R) => T;

/** `hotspan/node` and `hotspan/processor` set the one of V8. Instrumented code alone loads none. */
export interface SegmentProfiler {
  isProfiled(name: string, asked: boolean | undefined): boolean;
  profile<T>(name: string, attributes: Readonly<Record<string, unknown>>, work: ProfiledWork<T>): T;
}

let profiler: SegmentProfiler | undefined;

export function useSegmentProfiler(next: SegmentProfiler): void {
  profiler = next;
}

export function profilerFor(name: string, asked: boolean | undefined): SegmentProfiler | undefined {
  return profiler?.isProfiled(name, asked) === true ? profiler : undefined;
}
