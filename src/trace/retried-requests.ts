import type { AttemptOutcome } from '../semconv.js';
import { isPartOfOperation } from './operation.js';
import { addFacts, type SpanRecord } from './span-record.js';
import type { SpanNode } from './trace-tree.js';

/** Two requests that overlap by less still follow each other: clocks are not exact. */
const TOLERANCE_NANOS = 1_000_000;

/**
 * Makes attempts of the HTTP requests directly inside a call of a model, where its client tried again: one
 * after another, and all but the last failed. Changes their records. The node's place is known.
 *
 *     chat    ├───────────────────┤
 *     POST     ├──┤                          429: attempt 1
 *     POST           ├──────────┤            200: attempt 2, after a wait
 *
 * Calls that tell of their attempts themselves are left alone, and so is what is inside an attempt.
 */
export function findRetries(call: SpanNode): void {
  const { children } = call;
  if (children.length < 2 || attemptAround(call) !== undefined) return;
  const requests = children
    .filter(({ record }) => isRequestOf(record, call.operation))
    .sort((a, b) => a.startNanos - b.startNanos);
  const hasOwn = children.some(({ record: { facts } }) => {
    return facts.attempt !== undefined || facts.llmCall !== undefined;
  });
  if (requests.length > 1 && !hasOwn && areRetries(requests)) makeAttempts(requests);
}

/** Makes spans that follow each other the attempts of one operation. */
export function makeAttempts(spans: readonly SpanNode[]): void {
  spans.forEach((node, at) => {
    const before = spans[at - 1];
    const waited = before === undefined ? 0 : node.startNanos - before.endNanos;
    const isLast = at === spans.length - 1;
    const outcome: AttemptOutcome = isLast && !hasFailed(node) ? 'success' : 'error';
    const backoffSeconds = Math.max(0, waited) / 1e9;
    const attempt = { number: at + 1, outcome, backoffSeconds };
    const facts = addFacts(node.record.facts, { attempt });
    node.record = { ...node.record, facts };
    node.operation = node.record;
  });
}

export function follows(after: SpanNode, before: SpanNode): boolean {
  return after.startNanos >= before.endNanos - TOLERANCE_NANOS;
}

export function hasFailed({ record: { facts, errorType } }: SpanNode): boolean {
  return facts.mayBeSentAgain ?? errorType !== undefined;
}

function areRetries(requests: readonly SpanNode[]): boolean {
  return requests.every((node, at) => {
    const before = requests[at - 1];
    return before === undefined || (hasFailed(before) && follows(node, before));
  });
}

function isRequestOf(record: SpanRecord, operation: SpanRecord): boolean {
  return record.facts.isHttpClient === true && isPartOfOperation(record, operation);
}

/** The attempt around a span that counts for the same operation. */
export function attemptAround({ parent, operation }: Partial<SpanNode>): SpanNode | undefined {
  for (let at = parent; at !== undefined && at.operation === operation; at = at.parent) {
    if (at.record.facts.attempt !== undefined) return at;
  }
  return undefined;
}
