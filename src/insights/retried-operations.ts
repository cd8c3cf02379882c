import type { SpanNode } from '../trace/trace-tree.js';
import { NANOS } from './rule.js';

/** What attempts, and the waits before them, took and cost. */
interface SpentOnAttempts {
  readonly nanos: number;
  readonly criticalNanos: number;
  readonly usd: number;
}

/** The operations of attempts, each once, but for those that their callers gave up: they say nothing of retries. */
export function operationsOf(attempts: readonly SpanNode[]): SpanNode[] {
  const operations = new Set(attempts.map(({ parent }) => parent));
  return [...operations].filter((operation): operation is SpanNode => {
    if (operation === undefined || operation.stillRunning) return false;
    return !attemptsOf(operation).some(({ record }) => record.facts.attempt?.outcome === 'aborted');
  });
}

/** In the order of their numbers. */
export function attemptsOf({ children }: SpanNode): SpanNode[] {
  const numberOf = ({ record }: SpanNode) => record.facts.attempt?.number ?? 0;
  return children
    .filter((node) => !node.stillRunning && numberOf(node) > 0)
    .sort((a, b) => numberOf(a) - numberOf(b));
}

export function isFurtherAttempt({ record }: SpanNode): boolean {
  return (record.facts.attempt?.number ?? 0) > 1;
}

/** @param further attempts, of which the waits before them count */
export function spentOn(
  attempts: readonly SpanNode[],
  further: readonly SpanNode[],
  operation: SpanNode,
): SpentOnAttempts {
  let nanos = 0;
  let criticalNanos = 0;
  let waited = 0;
  let usd = 0;
  for (const { record, criticalInsideNanos } of attempts) {
    nanos += record.endNanos - record.startNanos;
    criticalNanos += criticalInsideNanos;
    usd += record.facts.costUsd ?? 0;
  }
  for (const { record } of further) waited += (record.facts.attempt?.backoffSeconds ?? 0) * NANOS;
  // The waits are the operation's own time.
  criticalNanos += Math.min(waited, operation.criticalNanos);
  return { nanos: nanos + waited, criticalNanos, usd };
}
