import type { ProfiledWork } from '../instrument/segment-profiler.js';
import { CpuProfileTable } from './cpu-profile-table.js';
import type { SegmentCpuProfile } from '../summary.js';
import { OwnCode } from './own-code.js';
import type { V8CpuProfile } from './v8-profile.js';
import { ProfileFiles } from './profile-files.js';
import { SegmentTracker } from './segment-tracker.js';
import type { CpuProfileSettings } from './settings.js';
import { V8Profiler } from './v8-profiler.js';

const CHECK_MILLIS = 100;
/** How long the profiler waits for the next segment when not the whole process is profiled. */
const LINGER_MILLIS = 10_000;

interface Recording {
  readonly v8: V8Profiler;
  file: string;
  startMillis: number;
  /** `true` if a segment was open since the file began; other files are not written. */
  isUsed: boolean;
}

/** The one profiler of a process. Never throws: it warns once, and segments run without. */
export class CpuProfiler {
  readonly #files: ProfileFiles;
  readonly #tracker = new SegmentTracker();
  readonly #warnings = new Set<string>();
  readonly #ownCode = new OwnCode();
  #table = this.#newTable();
  #recording: Recording | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastUsedMillis = 0;
  #isBroken = false;

  constructor(
    private readonly settings: CpuProfileSettings,
    private readonly log: (line: string) => void,
  ) {
    this.#files = new ProfileFiles(settings.directory, settings.maxFiles);
  }

  /** The run of the segment ends when `work` returns or its promise settles. */
  profile<T>(segment: string, work: ProfiledWork<T>): T {
    this.start();
    const recording = this.#recording;
    if (recording === undefined) return work(undefined, (fn) => fn());
    // Work that lets no timer run opens segments all the same.
    if (this.#isLong(recording)) this.#next(recording);
    recording.isUsed = true;
    this.#table.addCall(segment);
    const open = this.#tracker.open(segment);
    const close = () => {
      this.#tracker.close(open);
      this.#lastUsedMillis = performance.now();
    };
    let result: T;
    try {
      result = work(recording.file, (fn) => this.#tracker.run(open, fn));
    } catch (error) {
      close();
      throw error;
    }
    if (result instanceof Promise) return result.finally(close) as T;
    close();
    return result;
  }

  /** Segments that still run are included up to the last file. */
  list(): SegmentCpuProfile[] {
    // Many may ask, and each time a file begins.
    if (this.#recording?.isUsed === true && !this.#tracker.hasOpen) this.#next(this.#recording);
    return this.#table.list();
  }

  warnings(): string[] {
    return [...this.#warnings];
  }

  reset(): void {
    this.#table = this.#newTable();
    this.#warnings.clear();
  }

  /** Starts, if it has not: the earlier it does, the more V8 knows of the code that runs. */
  start(): void {
    if (this.#recording !== undefined || this.#isBroken) return;
    try {
      const file = this.#files.nextName();
      const v8 = new V8Profiler(file, this.settings.samplingIntervalMicros);
      this.#recording = { v8, file, startMillis: performance.now(), isUsed: false };
      this.#lastUsedMillis = performance.now();
      this.#timer = setInterval(() => this.#check(), CHECK_MILLIS);
      this.#timer.unref();
      process.once('exit', this.stop);
    } catch (error) {
      this.#isBroken = true;
      this.#warn(`no CPU profile: ${messageOf(error)}`);
    }
  }

  readonly stop = (): void => {
    const recording = this.#recording;
    if (recording === undefined) return;
    this.#recording = undefined;
    clearInterval(this.#timer);
    process.off('exit', this.stop);
    this.#finish(recording, () => recording.v8.stop());
  };

  #newTable(): CpuProfileTable {
    return new CpuProfileTable(workingDirectory(), (frame) => this.#ownCode.includes(frame));
  }

  #check(): void {
    const recording = this.#recording;
    if (recording === undefined) return;
    const unusedMillis = this.#tracker.hasOpen ? 0 : performance.now() - this.#lastUsedMillis;
    if (this.settings.selects === undefined && unusedMillis > LINGER_MILLIS) this.stop();
    else if (this.#isLong(recording) || this.#tracker.log.isHalfFull) this.#next(recording);
  }

  #isLong({ startMillis }: Recording): boolean {
    return performance.now() - startMillis > this.settings.maxProfileMillis;
  }

  #next(recording: Recording): void {
    const ended = { ...recording };
    recording.file = this.#files.nextName();
    recording.isUsed = this.#tracker.hasOpen;
    recording.startMillis = performance.now();
    this.#finish(ended, () => recording.v8.next(recording.file));
  }

  #finish({ v8, file, isUsed }: Recording, take: () => V8CpuProfile): void {
    try {
      v8.locate(this.#ownCode);
      const profile = take();
      const switches = this.#tracker.log.take();
      if (!isUsed) return;
      this.#table.add(profile, switches);
      this.#files.write(file, profile);
    } catch (error) {
      this.#warn(`${file} could not be written: ${messageOf(error)}`);
    }
  }

  #warn(text: string): void {
    if (this.#warnings.size > 0) return;
    this.#warnings.add(text);
    try {
      this.log(`hotspan: ${text}.`);
    } catch {
      // The logger is the user's; the summary has it as well.
    }
  }
}

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    // It was removed.
    return '/';
  }
}

/** Without the path, which may name a home directory. */
function messageOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
