import { existsSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { V8CpuProfile } from './v8-profile.js';

/** The `.cpuprofile` files of this process; the oldest go when there are too many. */
export class ProfileFiles {
  readonly #written: string[] = [];
  #count = 0;

  constructor(
    private directory: string,
    private readonly maxFiles: number,
  ) {}

  /** Returns a name that no other process or thread uses. Throws when the working directory is gone. */
  nextName(): string {
    // The program may change its working directory later on.
    this.directory = resolve(this.directory);
    this.#count += 1;
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    return `hotspan-${time}-${process.pid}-${threadId}-${this.#count}.cpuprofile`;
  }

  /** Synchronous: at the end of a program there is no later. Throws when it cannot write. */
  write(name: string, profile: V8CpuProfile): void {
    makeDirectory(this.directory);
    writeFileSync(join(this.directory, name), JSON.stringify(profile));
    this.#written.push(name);
    while (this.#written.length > this.maxFiles) this.#remove(this.#written.shift()!);
  }

  #remove(name: string): void {
    try {
      unlinkSync(join(this.directory, name));
    } catch {
      // Somebody else took it away.
    }
  }
}

/** Throws when one cannot be made, where Node's own `recursive` does not come back, as in `/proc`. */
function makeDirectory(path: string): void {
  const missing: string[] = [];
  for (let at = path; at !== dirname(at) && !existsSync(at); at = dirname(at)) missing.push(at);
  for (const directory of missing.reverse()) {
    try {
      mkdirSync(directory);
    } catch (error) {
      // Another process or thread may have been quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
