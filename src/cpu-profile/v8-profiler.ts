import type { Profiler } from 'node:inspector';
import type { OwnCode } from './own-code.js';
import type { V8CpuProfile } from './v8-profile.js';

/**
 * V8's own profiler of this thread. Its inspector session answers before a call returns.
 *
 * Profiles overlap for a moment, for which `Profiler.start` is no use: V8 forgets what it knows of optimized
 * code when no profile is taken, and then names the caller of a hot loop in place of the function it is in.
 */
export class V8Profiler {
  readonly #inspector = process.getBuiltinModule('node:inspector');
  readonly #session = new this.#inspector.Session();
  #finished: V8CpuProfile | undefined;

  /** Takes some 5 ms: V8 notes all code that there is. Throws without an inspector, or without permission. */
  constructor(
    private title: string,
    samplingIntervalMicros: number,
  ) {
    this.#session.connect();
    this.#session.on('Profiler.consoleProfileFinished', ({ params }) => this.#onFinished(params));
    this.#post('Profiler.enable');
    this.#post('Profiler.setSamplingInterval', { interval: samplingIntervalMicros });
    this.#inspector.console.profile(title);
  }

  /** Returns the profile so far, and goes on with the next. Throws when V8 does not give one. */
  next(title: string): V8CpuProfile {
    this.#inspector.console.profile(title);
    const profile = this.#end();
    this.title = title;
    return profile;
  }

  /** Costs some milliseconds for each file of hotspan's that it does not know yet. */
  locate(ownCode: OwnCode): void {
    ownCode.locate(this.#session);
  }

  stop(): V8CpuProfile {
    try {
      return this.#end();
    } finally {
      this.#session.disconnect();
    }
  }

  #end(): V8CpuProfile {
    this.#finished = undefined;
    this.#inspector.console.profileEnd(this.title);
    const profile = this.#finished as V8CpuProfile | undefined;
    this.#finished = undefined;
    if (profile === undefined) throw new Error('V8 gave no profile');
    return profile;
  }

  #onFinished({ title, profile }: Profiler.ConsoleProfileFinishedEventDataType): void {
    // Others may use `console.profile` as well.
    if (title === this.title) this.#finished = profile as V8CpuProfile;
  }

  #post(method: string, params: object = {}): void {
    const problems: string[] = [];
    this.#session.post(method, params, (error) => {
      if (error !== null) problems.push(error.message);
    });
    if (problems.length > 0) throw new Error(problems[0]);
  }
}
