import { tmpdir } from 'node:os';
import { setEnvironmentData } from 'node:worker_threads';
import { watchEnd } from '../delivery/end-of-process.js';
import { LIMITS_OF_PROGRAM, NewestTraces } from '../ranking/newest-traces.js';
import type { SdkSpanProcessor } from '../processor/sdk-span.js';
import { RUN_FOLDER, RunFolder, type Left } from '../run/run-folder.js';
import { NOTHING_TRACED, summaryOfRun } from '../run/run-summary.js';
import { writeSummary, type SummaryOutput } from '../run/write-summary.js';
import { askThreadsWhileBlocking, watchThreads } from '../run/threads.js';
import type { Summary } from '../summary.js';
import type { Instrumentation } from './instrumentations.js';
import type { Keeper } from './keeper.js';
import type { Launched } from './launch.js';
import { describeProvider, watchForOtherProvider } from './other-provider.js';

/** How soon after a span a summary is left, for the case that the process is killed. */
const LEAVE_MILLIS = 100;
/** Summaries take a fiftieth of the time at most. */
const LEAVE_SHARE = 50;

export interface RunKeeperOptions {
  readonly serviceName: string | undefined;
  readonly instrumentations: readonly Instrumentation[];
  readonly log: (line: string) => void;
}

/** Sees to it that the summary of a process or thread is written, or is left for the one that writes it. */
abstract class RunKeeper implements Keeper {
  readonly serviceName: string | undefined;
  readonly instrumentations: readonly Instrumentation[];
  readonly spanProcessors: readonly SdkSpanProcessor[] = [];
  readonly log: (line: string) => void;
  readonly #kept: Launched[] = [];
  #unwatch: (() => void) | undefined;
  protected newest: NewestTraces | undefined;
  protected hasSteppedBack = false;

  constructor(options: RunKeeperOptions) {
    this.serviceName = options.serviceName;
    this.instrumentations = options.instrumentations;
    this.log = options.log;
  }

  keep(launched: Launched): void {
    this.#kept.push(launched);
    if (this.newest !== undefined) launched.follow(this.newest);
    if (this.#kept.length > 1) return;
    watchThreads(() => this.end());
    watchEnd({
      drain: () => this.#kept.at(-1)?.drain(),
      finish: () => {
        for (const each of this.#kept) each.finish();
        askThreadsWhileBlocking();
        this.end();
      },
    });
  }

  /** Has the traces that end listed, or not any more. */
  follow(newest: NewestTraces | undefined): void {
    this.newest = newest;
    for (const each of this.#kept) each.follow(newest);
  }

  /** Steps back when the program, whose packages are in this folder, registers a provider of its own. */
  watch(folder: string): void {
    this.#unwatch = watchForOtherProvider(folder, (provider) => {
      this.stepBack();
      const { whose, hint } = describeProvider(provider);
      this.log(
        `hotspan: the program registers an OpenTelemetry provider of its own (${whose}), and hotspan steps back. ` +
          `To rank its spans, give it a BottleneckSpanProcessor of hotspan/processor: ${hint}`,
      );
    });
  }

  stepBack(): void {
    // What the program has started since is its own.
    if (this.#unwatch === undefined) return;
    this.#unwatch();
    this.#unwatch = undefined;
    this.hasSteppedBack = true;
    this.#kept[0]?.stepBack();
  }

  /** Is called when the process may be ending, more than once. Must not throw. */
  protected abstract end(): void;

  protected ownSummaries(): Summary[] {
    return this.#kept.map(({ tracing }) => tracing.summary());
  }
}

/** The first process of a run: it writes the summary of all. */
export class Collector extends RunKeeper {
  #output: SummaryOutput | undefined;
  #folder: RunFolder | undefined;

  constructor(options: RunKeeperOptions, output: SummaryOutput | undefined) {
    super(options);
    this.#output = output;
  }

  override keep(launched: Launched): void {
    super.keep(launched);
    if (this.#output !== undefined) this.#folder ??= openFolder(this.log);
  }

  protected override end(): void {
    const output = this.#output;
    if (output === undefined) return;
    this.#output = undefined;
    try {
      const summary = summaryOfRun(this.#left());
      const nothing = this.hasSteppedBack ? undefined : NOTHING_TRACED;
      const problem = summary === undefined ? nothing : writeSummary(summary, output);
      if (problem !== undefined) this.log(`hotspan: ${problem}.`);
    } catch (error) {
      this.log(`hotspan: the summary could not be made (${String(error)}).`);
    }
    this.#folder?.remove();
  }

  override follow(newest: NewestTraces | undefined): void {
    super.follow(newest);
    this.#folder?.setLookedAt(newest !== undefined);
  }

  /** The summary of all processes and threads so far. There is one of this process at least. */
  summary(): Summary {
    this.newest?.addAll(this.#folder?.takeTraces() ?? []);
    return summaryOfRun({ ...this.#left(), unfinished: [] }) ?? this.ownSummaries()[0]!;
  }

  #left(): Left {
    const { summaries = [], unfinished = [] } = this.#folder?.read() ?? {};
    return { summaries: [...this.ownSummaries(), ...summaries], unfinished };
  }
}

/** Leaves its summary in the folder of the run, also on the way, since a process can be killed. */
export class Contributor extends RunKeeper {
  override readonly spanProcessors: readonly SdkSpanProcessor[];
  #timer: NodeJS.Timeout | undefined;
  #waitMillis = LEAVE_MILLIS;
  readonly #listed = new NewestTraces(LIMITS_OF_PROGRAM);
  /** The number of the last one that was left. */
  #left = 0;

  constructor(
    options: RunKeeperOptions,
    private readonly folder: RunFolder,
  ) {
    super(options);
    const onEnd = () => {
      this.#timer ??= setTimeout(() => this.#leaveSoon(), this.#waitMillis).unref();
    };
    const done = () => Promise.resolve();
    this.spanProcessors = [{ onStart: ignore, onEnd, forceFlush: done, shutdown: done }];
  }

  protected override end(): void {
    clearTimeout(this.#timer);
    this.#leave(true);
  }

  #leaveSoon(): void {
    const startMillis = performance.now();
    const isRunOver = !this.#leave(false);
    const tookMillis = performance.now() - startMillis;
    this.#waitMillis = Math.max(LEAVE_MILLIS, LEAVE_SHARE * tookMillis);
    // Otherwise the next span would set it again.
    if (!isRunOver) this.#timer = undefined;
  }

  #leave(isLast: boolean): boolean {
    try {
      const summary = summaryOfRun({ summaries: this.ownSummaries(), unfinished: [] });
      this.#leaveTraces();
      return summary === undefined || this.folder.leave(summary, isLast);
    } catch {
      return false;
    }
  }

  /** For those who look, if there are any. What they have not taken yet stays here meanwhile. */
  #leaveTraces(): void {
    const { isLookedAt } = this.folder;
    if (isLookedAt !== (this.newest !== undefined)) {
      this.follow(isLookedAt ? this.#listed : undefined);
    }
    const { last } = this.#listed;
    if (!isLookedAt || last === this.#left) return;
    if (this.folder.leaveTraces([...this.#listed.keptAfter(this.#left)])) {
      this.#left = last;
      this.#listed.renew();
    }
  }
}

/** Tells the processes and threads that this one starts where to leave their summaries. */
function openFolder(log: (line: string) => void): RunFolder | undefined {
  try {
    const folder = RunFolder.create();
    process.env[RUN_FOLDER] = folder.path;
    // Of threads with an environment of their own.
    setEnvironmentData(RUN_FOLDER, folder.path);
    return folder;
  } catch (error) {
    const { code = 'no folder' } = error as NodeJS.ErrnoException;
    log(
      `hotspan: the summary is of this process alone: ${tmpdir()} cannot be written to (${code}).`,
    );
    return undefined;
  }
}

function ignore(): void {
  // Only the end of a span counts.
}
