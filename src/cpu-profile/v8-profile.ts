import type { Runtime } from 'node:inspector';

/** Lines and columns count from 0; -1 where there is none. */
export type V8CallFrame = Readonly<Runtime.CallFrame>;

export interface V8Node {
  readonly id: number;
  readonly callFrame: V8CallFrame;
  readonly children?: readonly number[] | undefined;
}

/**
 * What a `.cpuprofile` file holds, as V8's profiler gives it and Chrome DevTools opens it. Times are
 * microseconds on the clock of `process.hrtime()`.
 */
export interface V8CpuProfile {
  readonly nodes: readonly V8Node[];
  readonly startTime: number;
  readonly endTime: number;
  /** The node that was running, by id, sample by sample. */
  readonly samples: readonly number[];
  /** From the sample before, or from `startTime`; below zero where V8 gives samples out of order. */
  readonly timeDeltas: readonly number[];
}

export interface CpuSample {
  readonly nodeId: number;
  readonly atMicros: number;
  /** Until the next sample, or the end of the profile: as DevTools counts. */
  readonly micros: number;
}

/** In order of time. Their times sum to no more than the profile's length. */
export function samplesOf({ samples, timeDeltas, startTime, endTime }: V8CpuProfile): CpuSample[] {
  let at = startTime;
  const moments = samples.map((nodeId, index) => {
    at += timeDeltas[index] ?? 0;
    return { nodeId, atMicros: at };
  });
  moments.sort((a, b) => a.atMicros - b.atMicros);
  return moments.map((moment, index) => {
    const until = moments[index + 1]?.atMicros ?? endTime;
    return { ...moment, micros: Math.max(0, until - moment.atMicros) };
  });
}
