import { defined } from '../sums.js';
import { isPartOfOperation, mayBePart } from './operation.js';
import {
  addFacts,
  NO_FACTS,
  type CallFigures,
  type LlmCall,
  type SpanFacts,
  type SpanRecord,
} from './span-record.js';
import { OWN_SCOPE } from '../version.js';
import type { SpanNode, TraceTree } from './trace-tree.js';

/** The calls inside a span. */
interface CallsBelow {
  /** Those that are in no other call, tool or failed attempt. */
  readonly outermost: SpanNode[];
  /** `true` if one may have written what the span above says was written; an embedding writes nothing. */
  readonly mayWrite: boolean;
}

/**
 * Decides which spans are calls of a model, where that depends on the spans inside them. Expects a tree that is not
 * analyzed yet, and changes the records of its spans. O(n).
 *
 *     invoke_agent  30 tokens         its sum       invoke_agent  30 tokens       a call
 *     . chat        10                a call        . execute_tool
 *     . chat        20                a call
 *
 * - Figures of a span that is no certain call are those of a call if no call inside explains them.
 * - A span that names no model is no call if there are calls inside it, and neither is one that holds several
 *   of its model: what it tells is their sum. The same of one that tells, behind a span of something else, of a
 *   call that another instrumentation reports. What hotspan's user calls a call is one, whatever others are inside.
 * - An operation that says nothing of a model is a call if its attempts do.
 */
export function findCalls({ nodes }: TraceTree): void {
  const below = new Map<SpanNode, CallsBelow>();
  // Children come after their parents.
  for (let at = nodes.length - 1; at >= 0; at -= 1) {
    const node = nodes[at]!;
    const { facts } = node.record;
    let calls = below.get(node);
    if (facts !== NO_FACTS) calls = callsIn(node, facts, calls);
    if (calls === undefined || node.parent === undefined) continue;
    const known = below.get(node.parent);
    below.set(node.parent, known === undefined ? calls : joined(known, calls));
  }
}

/** Returns the calls for the span above. */
function callsIn(node: SpanNode, facts: SpanFacts, below: CallsBelow | undefined) {
  const { attempt, llmCall, ifAlone, isToolCall } = facts;
  if (attempt !== undefined || isToolCall === true) {
    if (attempt !== undefined) takeForCall(node.parent, llmCall);
    // What a tool asks is not what the call around it asked, and what failed is no part of an answer.
    const isApart = attempt?.outcome !== 'success';
    return isApart && below !== undefined ? { ...below, outermost: [] } : below;
  }
  if (llmCall === undefined) {
    if (ifAlone?.llmCall === undefined || node.stillRunning) return below;
    if (explains(below, ifAlone)) return below;
    node.operation = node.record = asCall(node.record);
  } else if (below !== undefined && isSumOf(node, below.outermost)) {
    node.operation = node.record = asSum(node.record);
    return below;
  }
  return { outermost: [node], mayWrite: (below?.mayWrite ?? false) || mayWrite(node.record) };
}

/** The operation of attempts that say which model they asked is a call of it, if it says nothing itself. */
function takeForCall(operation: SpanNode | undefined, llmCall: LlmCall | undefined): void {
  if (operation === undefined || llmCall === undefined) return;
  const { record } = operation;
  const { attempt, isToolCall, ifAlone, llmCall: known } = record.facts;
  if ((known ?? attempt ?? isToolCall ?? ifAlone) !== undefined) return;
  operation.operation = operation.record = {
    ...record,
    facts: addFacts(record.facts, { llmCall }),
  };
}

function explains(below: CallsBelow | undefined, { outputTokens = 0 }: CallFigures): boolean {
  return below !== undefined && (below.mayWrite || outputTokens === 0);
}

function mayWrite({ facts: { inputTokens, outputTokens = 0 }, errorType }: SpanRecord): boolean {
  return outputTokens > 0 || (inputTokens === undefined && errorType === undefined);
}

function isSumOf(node: SpanNode, calls: readonly SpanNode[]): boolean {
  const { llmCall } = node.record.facts;
  if (llmCall?.model === undefined) return true;
  const same = calls.filter(({ record }) => {
    const isAnswered = record.errorType === undefined && record.facts.cacheHit === undefined;
    const areOwn = llmCall.reporter === OWN_SCOPE && record.facts.llmCall?.reporter === OWN_SCOPE;
    return isAnswered && !areOwn && isPartOfOperation(record, node.record);
  });
  const [first] = same;
  if (first === undefined) return false;
  if (same.length === 1) {
    return isOfOther(first, llmCall) && hasSameTokens(first, node) && !isWithinCall(first, node);
  }
  // Two instrumentations may tell of one call each.
  const reporters = new Set(same.map(({ record }) => record.facts.llmCall?.reporter));
  return reporters.size < same.length;
}

/** Of one instrumentation they are two calls, as alike as they may be. */
function isOfOther({ record: { facts } }: SpanNode, { reporter }: LlmCall): boolean {
  return reporter === undefined || facts.llmCall?.reporter !== reporter;
}

function hasSameTokens({ record: { facts: a } }: SpanNode, { record: { facts: b } }: SpanNode) {
  if (a.inputTokens === undefined && a.outputTokens === undefined) return false;
  return a.inputTokens === b.inputTokens && a.outputTokens === b.outputTokens;
}

/** `true` if no span between the two is something else than a part of the call. */
function isWithinCall(inner: SpanNode, call: SpanNode): boolean {
  for (let at = inner.parent; at !== undefined && at !== call; at = at.parent) {
    if (!mayBePart(at.record)) return false;
  }
  return true;
}

/** The record of a span with no call inside it: of a call, if it may be one. */
function asCall(record: SpanRecord): SpanRecord {
  const { ifAlone } = record.facts;
  if (ifAlone === undefined) return record;
  return { ...record, facts: addFacts(record.facts, { ...ifAlone, ifAlone: undefined }) };
}

/** The record of a span that is no call after all. */
function asSum(record: SpanRecord): SpanRecord {
  const { warnings, blockedSeconds, after } = record.facts;
  const facts = { ...defined({ warnings, blockedSeconds, after }), ifAlone: record.facts };
  return { ...record, facts };
}

function joined(a: CallsBelow, b: CallsBelow): CallsBelow {
  const [most, few] = a.outermost.length < b.outermost.length ? [b, a] : [a, b];
  for (const call of few.outermost) most.outermost.push(call);
  return { outermost: most.outermost, mayWrite: a.mayWrite || b.mayWrite };
}
