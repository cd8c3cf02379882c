import { toleranceOf, walkCriticalPath, type CriticalPathOptions } from './critical-path.js';
import { cutChildren, selfTime } from './self-time.js';
import { isPartOfOperation } from './folding.js';
import type { SpanNode, TraceTree } from './trace-tree.js';

/** How a trace is analyzed. */
export interface AnalysisOptions extends CriticalPathOptions {
  /**
   * Count attempts, and the HTTP client spans inside LLM calls, as parts of their operation. Default
   * true. The rule: {@link isPartOfOperation}.
   */
  readonly fold?: boolean;
}

/**
 * Fills in every node's operation, self time and critical time. Only what hangs below a local root
 * can be critical: orphans have self time alone. O(n log n), no recursion, never throws.
 */
export function analyzeTrace(tree: TraceTree, options: AnalysisOptions = {}): void {
  const fold = options.fold ?? true;
  const tolerance = toleranceOf(options);
  for (const node of tree.nodes) {
    const outer = node.parent?.operation;
    node.inFailedAttempt = isInFailedAttempt(node.parent);
    if (fold && outer !== undefined && isPartOfOperation(node.record, outer))
      node.operation = outer;
    cutChildren(node, tolerance);
    node.selfNanos = selfTime(node);
  }
  for (const root of tree.roots) {
    walkCriticalPath(root, addCriticalTime, options);
  }
}

function isInFailedAttempt(parent: SpanNode | undefined): boolean {
  if (parent === undefined) return false;
  const { attempt } = parent.record.facts;
  return parent.inFailedAttempt || (attempt !== undefined && attempt.outcome !== 'success');
}

function addCriticalTime(node: SpanNode, startNanos: number, endNanos: number): void {
  node.criticalNanos += endNanos - startNanos;
}
