import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getEnvironmentData, threadId } from 'node:worker_threads';
import { fields, isObject, parseJson } from '../fields.js';
import type { NewestTrace } from '../ranking/newest-traces.js';
import { endOf } from '../pictures/sampled-trace.js';
import { findSummaryProblem } from '../summaries/require-summary.js';
import type { Summary } from '../summary.js';
import { fnv1a } from '../trace/input-hash.js';

/** Tells the processes and threads of a run where each leaves its summary. */
export const RUN_FOLDER = 'HOTSPAN_RUN_FOLDER';

/** The folder of the run that this process or thread belongs to, if it belongs to one. */
export function currentRunFolder(): string | undefined {
  // A thread may have an environment of its own.
  return process.env[RUN_FOLDER] ?? (getEnvironmentData(RUN_FOLDER) as string | undefined);
}

/** A last summary, and one that was left on the way. */
const LAST = '.json';
const PART = '.part';
/** The newest traces of a process, as JSON, until somebody takes them. */
const TRACES = '.traces';
/** Stands for somebody who looks at a page of the run. */
const LOOKED_AT = 'looked-at';
/** The beginning of the name of what stands for a line that was said. */
const SAID = 'said-';

/** What the processes and threads of a run have left. */
export interface Left {
  readonly summaries: Summary[];
  /** The processes that left one on the way, and no last one. */
  readonly unfinished: number[];
}

/** The folder of one run, which only this user can read. */
export class RunFolder {
  /** Numbers of processes are used again. */
  readonly #name = `${process.pid}-${threadId}-${Date.now()}`;

  constructor(readonly path: string) {}

  /** @throws if no folder can be made */
  static create(): RunFolder {
    return new RunFolder(mkdtempSync(join(tmpdir(), 'hotspan-run-')));
  }

  /**
   * Leaves the summary of this process or thread in place of the one before. Never throws: returns `false`
   * if the folder is gone, since the run is over.
   */
  leave(summary: Summary, isLast: boolean): boolean {
    const file = join(this.path, this.#name);
    try {
      writeFileSync(`${file}.new`, JSON.stringify(summary), { mode: 0o600 });
      renameSync(`${file}.new`, file + (isLast ? LAST : PART));
      if (isLast) rmSync(file + PART, { force: true });
      return true;
    } catch {
      return false;
    }
  }

  /** Tells the processes and threads of the run whether somebody looks. Never throws. */
  setLookedAt(isLookedAt: boolean): void {
    const file = join(this.path, LOOKED_AT);
    try {
      if (isLookedAt) writeFileSync(file, '', { mode: 0o600 });
      else rmSync(file, { force: true });
    } catch {
      // The run is over.
    }
  }

  get isLookedAt(): boolean {
    return existsSync(join(this.path, LOOKED_AT));
  }

  /**
   * Leaves traces of this process or thread for those who look. Never throws: returns `false` where the ones before
   * were not taken yet.
   */
  leaveTraces(traces: readonly NewestTrace[]): boolean {
    const file = join(this.path, `${this.#name}${TRACES}`);
    if (existsSync(file)) return false;
    try {
      writeFileSync(`${file}.new`, JSON.stringify(traces), { mode: 0o600 });
      renameSync(`${file}.new`, file);
      return true;
    } catch {
      return false;
    }
  }

  /** Takes the traces that were left, in the order in which they ended. Leaves out what cannot be read. */
  takeTraces(): NewestTrace[] {
    const taken = this.#names()
      .filter((name) => name.endsWith(TRACES))
      .flatMap((name) => this.#taken(join(this.path, name)));
    return taken.sort((a, b) => endOf(a.about) - endOf(b.about));
  }

  #taken(file: string): NewestTrace[] {
    try {
      const traces = parseJson(readFileSync(file, 'utf8'));
      unlinkSync(file);
      return Array.isArray(traces) ? traces.filter(isTrace) : [];
    } catch {
      return [];
    }
  }

  /** Returns what was left so far. Leaves out what cannot be read. */
  read(): Left {
    const last = this.#names().filter((name) => name.endsWith(LAST));
    const all = [...last, ...this.#unfinishedParts()];
    return {
      summaries: all.flatMap((name) => this.#summaryIn(name) ?? []),
      unfinished: this.unfinished(),
    };
  }

  /** Returns the processes that left a summary on the way, and no last one. */
  unfinished(): number[] {
    return this.#unfinishedParts().map((name) => Number.parseInt(name));
  }

  #unfinishedParts(): string[] {
    const names = this.#names();
    const parts = names.filter((name) => name.endsWith(PART));
    return parts.filter((part) => !names.includes(part.replace(PART, LAST)));
  }

  /** Returns `true` the first time that somebody of the run wants to say this. */
  isFirstToSay(line: string): boolean {
    try {
      writeFileSync(join(this.path, SAID + fnv1a([line])), '', { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'EEXIST';
    }
  }

  /** `true` if somebody has said something, which tells why nothing was traced. */
  get hasSaid(): boolean {
    return this.#names().some((name) => name.startsWith(SAID));
  }

  /** Never throws. */
  remove(): void {
    try {
      // A process of the run that lives on may leave something meanwhile.
      for (const name of this.#names()) unlinkSync(join(this.path, name));
      rmSync(this.path, { recursive: true, force: true });
    } catch {
      // The system empties its temporary folder itself.
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.path);
    } catch {
      return [];
    }
  }

  #summaryIn(name: string): Summary | undefined {
    try {
      const value = parseJson(readFileSync(join(this.path, name), 'utf8'));
      return findSummaryProblem(value) === undefined ? (value as Summary) : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Processes of one version leave them: this is for what is damaged. */
function isTrace(value: unknown): value is NewestTrace {
  const { about, picture = {} } = fields(value);
  return typeof fields(about).entry === 'string' && isObject(picture);
}
