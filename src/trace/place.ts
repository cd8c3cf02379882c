import { findRetries } from './retried-requests.js';
import { rowNameOf } from './row-names.js';
import { isPartOfOperation, isTransport } from './operation.js';
import { NO_FACTS } from './span-record.js';
import type { SpanNode } from './trace-tree.js';

/** Finds what a node is a part of; its parent's place is known already. */
export function findPlace(node: SpanNode): void {
  const { parent, record } = node;
  if (parent !== undefined) node.failedAttempt = parent.failedAttempt;
  if (isOfOuterServer(node)) node.operation = parent!.operation;
  if (record.facts === NO_FACTS) return;
  if (parent !== undefined && isPart(node, parent)) node.operation = parent.operation;
  const { attempt, isToolCall, llmCall } = record.facts;
  if (attempt !== undefined && attempt.outcome !== 'success') node.failedAttempt = node;
  if (isToolCall === true) takeTransport(node);
  if (llmCall !== undefined) findRetries(node);
}

/** `true` for a framework's span of the request that its server's span, around it, is already of. */
export function isOfOuterServer({ record, parent }: SpanNode): boolean {
  if (record.kind !== 'server' || parent?.record.kind !== 'server') return false;
  return record.service === parent.record.service && rowNameOf(record) === rowNameOf(parent.record);
}

function isPart({ record }: SpanNode, parent: SpanNode): boolean {
  if (isPartOfOperation(record, parent.operation)) return true;
  // What looks up or opens a connection belongs to where its request does.
  const isFolded = parent.operation !== parent.record;
  return record.facts.isConnection === true && isFolded && isTransport(parent.record.facts);
}

/** A tool that does nothing but send requests to one host is one row with them. */
function takeTransport({ operation, record, children }: SpanNode): void {
  if (operation !== record) return;
  const isOnlyTransport = children.every(({ record: { facts } }) => {
    return isTransport(facts) && facts.llmCall === undefined;
  });
  if (!isOnlyTransport) return;
  const addresses = new Set(children.map((child) => child.record.facts.address));
  addresses.delete(undefined);
  if (addresses.size > 1) return;
  for (const child of children) child.operation = operation;
}
