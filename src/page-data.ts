import type { Summary } from './summary.js';

/** What a page is drawn from: the JSON that stands in it. */
export interface PageData {
  readonly summary: Summary;
  readonly about: PageAbout;
}

/** What a page needs to know beside the summary. */
export interface PageAbout {
  /** Of hotspan. */
  readonly version: string;
  /** The address of Jaeger's UI, without credentials and without a slash at its end. */
  readonly jaegerUrl?: string;
  /** `true` if newer data follows. */
  readonly live?: true;
  /** The latency of what users waited for: without health checks and start-up. */
  readonly latency: Pick<Summary['latency'], 'count' | 'p50Seconds' | 'p95Seconds' | 'maxSeconds'>;
}
