import type { SlowSpan } from './bottleneck.js';

/** The kind of an {@link Insight}. */
export type InsightKind =
  | 'repeated-calls'
  | 'growing-context'
  | 'unused-prompt-cache'
  | 'slow-reader'
  | 'sequential-calls'
  | 'independent-calls'
  | 'many-short-calls'
  | 'costly-retries'
  | 'timeout'
  | 'slow-tail'
  | 'straggler'
  | 'small-pool'
  | 'cold-start'
  | 'agent-loop'
  | 'dominant'
  | 'blocked-event-loop';

/** An observation that may be worth a change, and the most that the change would save. */
export interface Insight {
  /** A newer hotspan may have more kinds. */
  readonly kind: InsightKind | (string & Record<never, never>);
  readonly severity: 'high' | 'medium' | 'low';
  /** The name of its row. */
  readonly segment: string;
  readonly service: string;
  /** What to do, in a few words: `Ask for all of them at once`. Absent in summaries of older versions. */
  readonly title?: string;
  /** At most 5 spans that show it, those with most time first. Absent where none is known. */
  readonly spans?: readonly SlowSpan[];
  /** The observation, in one sentence for people. */
  readonly message: string;
  /** The figures behind the message. */
  readonly evidence: Readonly<Record<string, number | string>>;
  readonly savingSeconds?: number;
  readonly savingUsd?: number;
}
