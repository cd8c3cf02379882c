import { getOrMake } from '../bounded.js';
import { follows, hasFailed, makeAttempts } from './retried-requests.js';
import type { SpanRecord } from './span-record.js';
import { preorder, SpanNode, type TraceTree } from './trace-tree.js';

/** The newest calls of a model that failed and may be tried again; more beside each other would be odd. */
const MAX_FAILED = 100;

/**
 * Puts the spans of a call that was made again into one operation, where each is a call of a model of its own:
 * beside each other, of one model, each after one that failed, with `http.request.resend_count` or the same
 * input. Those that tell of their attempts themselves are left alone.
 *
 *     answer         ├────────────────┤        answer         ├────────────────┤
 *     . chat          ├──┤               ->    . chat          ├──────────────┤
 *     . chat (1)           ├─────────┤         . . attempt 1   ├──┤
 *                                              . . attempt 2        ├─────────┤
 *
 * Expects a tree that is not analyzed yet, and may change it. O(n).
 */
export function joinRetriedCalls(tree: TraceTree): TraceTree {
  const parents = new Set<SpanNode>();
  for (const { record, parent } of tree.nodes) {
    if (parent !== undefined && mayBeRetried(record)) parents.add(parent);
  }
  let isChanged = false;
  for (const parent of parents) isChanged = joinInside(parent) || isChanged;
  return isChanged ? { ...tree, nodes: preorder([...tree.roots, ...tree.orphans]) } : tree;
}

/** `true` if the span may be one of several for one call: it was sent again, or failed and tells its input. */
export function mayBeRetried({ facts, errorType }: SpanRecord): boolean {
  return facts.resends !== undefined || (facts.inputHash !== undefined && errorType !== undefined);
}

function joinInside(parent: SpanNode): boolean {
  const joined = chainsOf(parent.children).filter((chain) => chain.length > 1);
  if (joined.length === 0) return false;
  const parts = new Set(joined.flat());
  const others = parent.children.filter((child) => !parts.has(child));
  parent.children = [...others, ...joined.map((chain) => operationOver(chain, parent))];
  return true;
}

/** The calls of each model, those in one list that are one call. */
function chainsOf(children: readonly SpanNode[]): SpanNode[][] {
  const all: SpanNode[][] = [];
  const failed = new Map<string, SpanNode[][]>();
  for (const node of [...children].sort((a, b) => a.startNanos - b.startNanos)) {
    const { llmCall, attempt } = node.record.facts;
    if (llmCall === undefined || attempt !== undefined || hasAttempts(node)) continue;
    const key = [node.record.service, llmCall.requestModel ?? llmCall.model].join('\n');
    const open = getOrMake(failed, key, () => []);
    const at = open.findLastIndex((chain) => isNext(node, chain.at(-1)!));
    const chain = at < 0 ? [] : open.splice(at, 1)[0]!;
    if (chain.length === 0) all.push(chain);
    chain.push(node);
    if (hasFailed(node)) open.push(chain);
    if (open.length > MAX_FAILED) open.shift();
  }
  return all;
}

function isNext(node: SpanNode, last: SpanNode): boolean {
  const { resends = 0, inputHash } = node.record.facts;
  const { resends: before = 0, inputHash: asked } = last.record.facts;
  const isSame = inputHash !== undefined && inputHash === asked;
  return (resends > before || isSame) && follows(node, last);
}

function hasAttempts({ children }: SpanNode): boolean {
  return children.some(({ record }) => record.facts.attempt !== undefined);
}

/** The operation has what the last attempt tells: its answer, or its error. */
function operationOver(chain: readonly SpanNode[], parent: SpanNode): SpanNode {
  const first = chain[0]!;
  const last = chain.at(-1)!;
  const record: SpanRecord = { ...last.record, startNanos: first.record.startNanos };
  const operation = new SpanNode(record);
  operation.parent = parent;
  operation.stillRunning = last.stillRunning;
  operation.startNanos = first.startNanos;
  operation.endNanos = last.endNanos;
  operation.children = [...chain];
  makeAttempts(chain);
  for (const node of chain) {
    node.parent = operation;
    node.record = { ...node.record, name: `${node.record.name} attempt` };
    node.operation = node.record;
  }
  return operation;
}
