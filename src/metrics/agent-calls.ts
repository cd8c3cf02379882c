import { rowNameOf } from '../trace/row-names.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { SpanNode } from '../trace/trace-tree.js';

const AGENT = 'invoke_agent ';
/** How far up an agent is looked for. */
const MAX_DEPTH = 50;

/** Returns the name of the agent whose invocation a span is. */
export function agentOf(record: SpanRecord): string | undefined {
  if (record.facts.llmCall !== undefined) return undefined;
  const name = rowNameOf(record);
  return name.startsWith(AGENT) ? name.slice(AGENT.length) : undefined;
}

/** Returns the name of the agent that a span ran in. */
export function agentAround({ parent }: Partial<SpanNode>): string | undefined {
  let node = parent;
  for (let depth = 0; node !== undefined && depth < MAX_DEPTH; depth += 1) {
    const agent = agentOf(node.record);
    if (agent !== undefined) return agent;
    node = node.parent;
  }
  return undefined;
}

/**
 * Counts the calls of models and tools in one invocation of an agent. What runs in an agent inside it is counted
 * there:
 *
 *     planner  [-----------------]      2 inferences, 1 tool
 *     chat      [-]         [-]
 *     search        [-----]
 *     reader        [-----]             1 inference
 *     chat           [--]
 */
export function callsOfAgent({ children }: Partial<SpanNode>) {
  const calls = { inferences: 0, tools: 0 };
  const left = [...(children ?? [])];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    const { record, operation } = node;
    if (agentOf(record) !== undefined) continue;
    const { llmCall, isToolCall, cacheHit } = record.facts;
    if (record === operation && cacheHit === undefined) {
      if (isToolCall === true) calls.tools += 1;
      else if (llmCall !== undefined && !rowNameOf(record).startsWith('embeddings ')) {
        calls.inferences += 1;
      }
    }
    for (const child of node.children) left.push(child);
  }
  return calls;
}
