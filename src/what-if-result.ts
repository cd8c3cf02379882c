import type { Summary, Unread } from './summary.js';

/** How long traces take, in seconds. */
export type WhatIfLatency = Omit<Summary['latency'], 'count' | 'durations' | 'groups'>;

/** The answer of `whatIf`: plain data, `schemaVersion` 1. */
export interface WhatIfResult {
  readonly schemaVersion: 1;
  /** The row that was found. */
  readonly row: { readonly name: string; readonly service: string };
  readonly factor: number;
  /** How many traces were replayed: local roots, as in the latency of a summary. */
  readonly traces: number;
  readonly before: WhatIfLatency;
  readonly after: WhatIfLatency;
  /** Time saved in all traces together; negative when they take longer. */
  readonly savingSeconds: number;
  /** `savingSeconds`, divided by the traces. */
  readonly savingSecondsPerTrace: number;
  /** `savingSeconds` as a share of the time before, at most 1. */
  readonly savingShare: number;
  /** How much could not be read. Absent when everything was. */
  readonly unread?: Unread;
  /** What could not be read, one sentence each. */
  readonly warnings: readonly string[];
}
