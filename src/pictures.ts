/**
 * What pictures of a summary are drawn from, as plain data. All of it is bounded. Rows and entry points are named by
 * `name` and `service`, as everywhere in a summary; times are seconds, money US dollars, absent is unknown or none.
 */
export interface Pictures {
  /** The call paths of all traces, parents before their children. At most 2,000; the rest is in boxes named `(other)`. */
  readonly callPaths: readonly CallPath[];
  /** A sample of the traces, weighted so that sums over it stand for all. */
  readonly sample: readonly SampledTrace[];
  /** Whole traces: of the entry points that took most time the slowest ones and a typical one. */
  readonly traces: readonly PictureTrace[];
  /** Absent where no local root was seen. */
  readonly timeline?: Timeline;
}

/** One box of the flame graph: a row where it was called by those above it. */
export interface CallPath {
  readonly name: string;
  readonly service: string;
  /** The place of its parent in the list. Absent for entry points. */
  readonly parent?: number;
  /**
   * What it stands for, if that is not work of its row: `failed` attempts, the `backoff` before the next one, a `wait`
   * of its parent for the row that it is named after, `idle` time. These have no children.
   */
  readonly means?: 'failed' | 'backoff' | 'wait' | 'idle';
  readonly calls: number;
  /** Its own, without that of its children: over all paths they add up to `latency.totalSeconds`. */
  readonly criticalSeconds: number;
  /** Its own. */
  readonly selfSeconds: number;
  /** Its own. */
  readonly costUsd?: number;
  /** Its own critical time in a slow trace of its entry point, and in a typical one, on average, from the sample. */
  readonly slowSeconds?: number;
  readonly typicalSeconds?: number;
}

/** One local root of the sample. */
export interface SampledTrace {
  readonly traceId: string;
  /** Its entry point. */
  readonly name: string;
  readonly service: string;
  readonly startEpochSeconds: number;
  readonly seconds: number;
  readonly isError?: true;
  readonly costUsd?: number;
  /** How many traces it stands for: 1 for the slowest. */
  readonly weight: number;
  /** What changes it: at most 12 rows, the largest saving first. */
  readonly rows: readonly SampledRow[];
  /**
   * What changes it as well: the failed attempts of the operations of at most 4 rows, with all inside them, and the
   * waits before further attempts, as if these took less time. Absent where no failed attempt was waited for.
   */
  readonly failedTries?: readonly SampledRow[];
}

/** How long a trace would take if the own work of one row took less. */
export interface SampledRow {
  readonly name: string;
  readonly service: string;
  /** With 0, 1/4, 1/2 and 3/4 of the row's own time. In between, a straight line is at most too long. */
  readonly seconds: readonly [number, number, number, number];
}

/** One whole trace, to draw as a waterfall. */
export interface PictureTrace {
  readonly traceId: string;
  /** Its entry point. */
  readonly name: string;
  readonly service: string;
  readonly why: 'slowest' | 'typical';
  readonly startEpochSeconds: number;
  readonly seconds: number;
  readonly costUsd?: number;
  /** Parents before their children. */
  readonly spans: readonly PictureSpan[];
  /** How many spans there was no room for: those with the least time. Absent if there are all. */
  readonly leftOut?: number;
}

/** One span of a waterfall. Its times are from the start of the trace. */
export interface PictureSpan {
  readonly spanId: string;
  /** The place of its parent in the list. */
  readonly parent?: number;
  /** The span's own name; `row` is there if its row has another. */
  readonly name: string;
  readonly service: string;
  readonly row?: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** When all else waited for it: from, to, from, to. */
  readonly critical?: readonly number[];
  /** The stretches of its own time in which it waited. */
  readonly waits?: readonly PictureWait[];
  readonly errorType?: string;
  readonly attempt?: {
    readonly number: number;
    readonly outcome?: string;
    readonly backoffSeconds?: number;
  };
  /** From its start. */
  readonly firstTokenSeconds?: number;
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly costUsd?: number;
}

/** A stretch of a span in which it waited, from the start of the trace. */
export interface PictureWait {
  readonly from: number;
  readonly to: number;
  /** The row that it waited for; absent for idle time. */
  readonly name?: string;
  readonly service?: string;
  /** The place in the list of the span whose end ended the wait, if it is in this trace. */
  readonly by?: number;
}

/** Figures over time, in at most 60 steps of one length. All lists have a figure for each step. */
export interface Timeline {
  readonly startEpochSeconds: number;
  readonly stepSeconds: number;
  /** Local roots that started in the step. */
  readonly calls: readonly number[];
  readonly errors: readonly number[];
  /** What they took together. */
  readonly totalSeconds: readonly number[];
  readonly maxSeconds: readonly number[];
  /** Cost by model; at most 10 models, the rest has none. Absent where nothing has a price. */
  readonly costUsd?: readonly {
    readonly model?: string;
    readonly provider?: string;
    readonly steps: readonly number[];
  }[];
}
