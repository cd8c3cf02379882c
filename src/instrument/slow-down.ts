import type { Span } from '@opentelemetry/api';

/** Makes chosen segments take longer. An experiment of `hotspan/node` sets one; else there is none. */
export interface SlowDown {
  /** Does `work`, the whole of a segment, and returns what it returns, later if it is to be slower. */
  run<T>(name: string, span: Span, work: (span: Span) => T): T;
}

let slowDown: SlowDown | undefined;

export function useSlowDown(next: SlowDown | undefined): void {
  slowDown = next;
}

export function currentSlowDown(): SlowDown | undefined {
  return slowDown;
}
