import { BoundedMap, getOrMake, OTHER } from '../bounded.js';
import type { FunctionTime, SegmentCpuProfile } from '../summary.js';
import { defined } from '../sums.js';
import { sourceFile } from './source-file.js';
import { Stacks } from './stacks.js';
import { samplesOf, type CpuSample, type V8CallFrame, type V8CpuProfile } from './v8-profile.js';

/** Whose code was running. */
export interface RunningCode {
  readonly segment: string;
  /** The profiled segments around it, the nearest first; a name may be there again. */
  readonly enclosing: readonly string[];
}

/** Who began to run, and when: in order of time. `undefined` is nobody's code. */
export interface Switches {
  readonly atMicros: readonly number[];
  readonly running: readonly (RunningCode | undefined)[];
  /** False when there were more than could be kept. */
  readonly isComplete: boolean;
}

export const MAX_SEGMENTS = 500;
/** A segment and those around it; those further out are not told of its samples. */
export const MAX_LEVELS = 16;
const MAX_FUNCTIONS = 5_000;
/** Of each order: by self time, and by total time. */
const MAX_LISTED = 20;
const NOTE =
  'segments took turns more often than could be followed; samples of that time are left out';

/** Adds up what the profiles of a process say of its segments, in bounded memory. */
export class CpuProfileTable {
  readonly #segments = new BoundedMap<SegmentTimes>(MAX_SEGMENTS, () => new SegmentTimes(OTHER));

  /**
   * @param base the absolute path that the names of files are relative to
   * @param isOwn checks whether a function is hotspan's own
   */
  constructor(
    private readonly base: string,
    private readonly isOwn: (frame: V8CallFrame) => boolean,
  ) {}

  addCall(segment: string): void {
    this.#of(segment).calls += 1;
  }

  add(profile: V8CpuProfile, switches: Switches): void {
    const samples = samplesOf(profile);
    const stacks = new Stacks(profile.nodes, this.isOwn);
    for (const [times, places] of this.#timesByPlace(samples, runningAt(samples, switches))) {
      for (const place of places.values()) times.add(stacks.of(place.nodeId, place.level), place);
    }
    if (switches.isComplete) return;
    for (const running of switches.running) {
      if (running !== undefined) this.#of(running.segment).isExact = false;
    }
  }

  /** The most time first. */
  list(): SegmentCpuProfile[] {
    return this.#segments
      .values()
      .map((times) => times.toProfile(this.base))
      .sort((a, b) => b.seconds - a.seconds || (a.segment < b.segment ? -1 : 1));
  }

  /** Samples of the same place are many: their time is added up before the stack is looked at. */
  #timesByPlace(
    samples: readonly CpuSample[],
    running: readonly (RunningCode | undefined)[],
  ): Map<SegmentTimes, Map<number, PlaceTime>> {
    const found = new Map<SegmentTimes, Map<number, PlaceTime>>();
    const levels = new Map<RunningCode, Map<SegmentTimes, number>>();
    samples.forEach(({ nodeId, micros }, index) => {
      const now = running[index];
      if (now === undefined) return;
      const own = this.#of(now.segment);
      for (const [times, level] of getOrMake(levels, now, () => this.#levelsOf(now))) {
        const places = getOrMake(found, times, () => new Map<number, PlaceTime>());
        const newPlace = () => ({ nodeId, level, samples: 0, selfMicros: 0, totalMicros: 0 });
        const place = getOrMake(places, nodeId * MAX_LEVELS + level, newPlace);
        place.samples += 1;
        place.totalMicros += micros;
        if (times === own) place.selfMicros += micros;
      }
    });
    return found;
  }

  /** Returns how many segments further out each begins; the outermost run of one, when it is inside itself. */
  #levelsOf({ segment, enclosing }: RunningCode): Map<SegmentTimes, number> {
    const names = [segment, ...enclosing].slice(0, MAX_LEVELS);
    return new Map(names.map((name, level) => [this.#of(name), level]));
  }

  #of(segment: string): SegmentTimes {
    return this.#segments.get(segment, () => new SegmentTimes(segment));
  }
}

/** Time in one place of the tree of calls, of a segment that begins so many segments further out. */
interface PlaceTime {
  readonly nodeId: number;
  readonly level: number;
  samples: number;
  selfMicros: number;
  totalMicros: number;
}

class SegmentTimes {
  readonly #functions = new BoundedMap(MAX_FUNCTIONS, () => newFunction(OTHER_FRAME));
  calls = 0;
  isExact = true;
  #samples = 0;
  #micros = 0;

  constructor(readonly segment: string) {}

  add(stack: readonly V8CallFrame[], { samples, selfMicros, totalMicros }: PlaceTime): void {
    this.#samples += samples;
    this.#micros += totalMicros;
    const functions = stack.map((frame) => {
      const { functionName, url, lineNumber, columnNumber } = frame;
      const key = `${url}\n${lineNumber}\n${columnNumber}\n${functionName}`;
      return this.#functions.get(key, () => newFunction(frame));
    });
    if (functions[0] !== undefined) functions[0].selfMicros += selfMicros;
    // Each once: a function may be there several times, and further functions share a row.
    for (const times of new Set(functions)) {
      times.samples += samples;
      times.totalMicros += totalMicros;
    }
  }

  toProfile(base: string): SegmentCpuProfile {
    const functions = this.#functions.values();
    return {
      segment: this.segment,
      calls: this.calls,
      seconds: this.#micros / 1e6,
      samples: this.#samples,
      exact: this.isExact,
      ...(this.isExact ? {} : { note: NOTE }),
      functions: mostTime(functions.map((times) => toFunction(times, this.#micros, base))),
    };
  }
}

const OTHER_FRAME: V8CallFrame = {
  functionName: OTHER,
  scriptId: '0',
  url: '',
  lineNumber: -1,
  columnNumber: -1,
};

function newFunction(frame: V8CallFrame) {
  return { frame, samples: 0, selfMicros: 0, totalMicros: 0 };
}

function toFunction(
  { frame, samples, selfMicros, totalMicros }: ReturnType<typeof newFunction>,
  segmentMicros: number,
  base: string,
): FunctionTime {
  const file = sourceFile(frame.url, base);
  return {
    name: frame.functionName === '' ? '(anonymous)' : frame.functionName,
    ...defined({ file }),
    // V8 gives the body of a module no line.
    ...(file === undefined || frame.lineNumber < 0 ? {} : { line: frame.lineNumber + 1 }),
    samples,
    selfSeconds: selfMicros / 1e6,
    totalSeconds: totalMicros / 1e6,
    share: segmentMicros > 0 ? selfMicros / segmentMicros : 0,
  };
}

/** Samples and switches are both in order of time. */
function runningAt(
  samples: readonly CpuSample[],
  { atMicros, running }: Switches,
): (RunningCode | undefined)[] {
  let next = 0;
  return samples.map((sample) => {
    while (next < atMicros.length && atMicros[next]! <= sample.atMicros) next += 1;
    return running[next - 1];
  });
}

/** Those with most self time, and those with most total time; the most self time first. */
export function mostTime(functions: readonly FunctionTime[]): FunctionTime[] {
  const bySelf = [...functions].sort(
    (a, b) => b.selfSeconds - a.selfSeconds || b.totalSeconds - a.totalSeconds,
  );
  const byTotal = [...functions].sort((a, b) => b.totalSeconds - a.totalSeconds);
  const listed = new Set([...bySelf.slice(0, MAX_LISTED), ...byTotal.slice(0, MAX_LISTED)]);
  return bySelf.filter((each) => listed.has(each));
}
