import { getOrMake } from '../bounded.js';
import { formatCount, formatSaving, plural } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { isPolling } from './call-names.js';
import { ByRow, NANOS, type InsightRule } from './rule.js';
import { Shown } from './shown.js';

/** Calls of one tool with one input in a trace, without anything new in between: two may be a retry. */
const MIN_SAME = 3;

class Loops extends Shown {
  traces = 0;
  calls = 0;
  mostCalls = 0;
  savedNanos = 0;
  savedUsd = 0;
}

/** Finds agents that go in circles: that call a tool again with an input that it had, and nothing new in between. */
export function agentLoop(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Loops());
  return {
    looksAt: 'tools',
    addTrace({ tools, calls }) {
      if (tools.length < MIN_SAME) return;
      const asking = findAsking(calls);
      for (const repeated of repeatsIn(tools, rowOf)) {
        // The first call was needed.
        if (repeated.length < MIN_SAME - 1) continue;
        const loops = rows.of(repeated[0]!.tool.record);
        loops.traces += 1;
        loops.calls += repeated.length;
        loops.mostCalls = Math.max(loops.mostCalls, repeated.length + 1);
        for (const repeat of repeated) {
          loops.show(repeat.tool);
          const asked = asking(repeat);
          loops.savedNanos += repeat.tool.criticalInsideNanos + (asked?.criticalInsideNanos ?? 0);
          loops.savedUsd += asked?.used?.costUsd ?? 0;
        }
      }
    },
    findings: () =>
      rows.findings('agent-loop', ({ traces, calls, mostCalls, savedNanos, savedUsd }, name) => {
        if (traces === 0) return undefined;
        const savingSeconds = savedNanos / NANOS;
        const savingUsd = savedUsd > 0 ? savedUsd : undefined;
        return {
          message:
            `An agent called ${name} with the same input up to ${formatCount(mostCalls)} times, with nothing ` +
            `new in between: ${formatCount(calls)} calls too many in ${plural(traces, 'trace')}. Remember the ` +
            `answer, or stop at the second call: saves up to ${formatSaving(savingSeconds, savingUsd)}`,
          evidence: { traces, calls, mostCalls },
          savingSeconds,
          savingUsd,
        };
      }),
  };
}

interface Repeat {
  readonly before: SpanNode;
  readonly tool: SpanNode;
}

/** Returns, for each tool and input, the calls after the first without a call between them that was not made before. */
function repeatsIn(tools: readonly SpanNode[], rowOf: RowOf): Iterable<Repeat[]> {
  const repeats = new Map<string, Repeat[]>();
  const lastAt = new Map<string, number>();
  const sorted = [...tools].sort(byStart);
  let lastNew = -1;
  sorted.forEach((tool, at) => {
    const { inputHash } = tool.record.facts;
    const { name, service } = rowOf(tool.record);
    const key = `${service}\n${name}\n${inputHash ?? at}`;
    const before = isPolling(name) ? undefined : lastAt.get(key);
    lastAt.set(key, at);
    if (before === undefined) lastNew = at;
    else if (before >= lastNew && sorted[before]!.endNanos <= tool.startNanos) {
      getOrMake(repeats, key, () => []).push({ before: sorted[before]!, tool });
    }
  });
  return repeats.values();
}

/** In whatever order they arrived. */
function byStart(a: SpanNode, b: SpanNode): number {
  return a.startNanos - b.startNanos || (a.record.spanId < b.record.spanId ? -1 : 1);
}

/** Finds the call of a model that asked for a repeat: the last one to end before it. */
function findAsking(calls: readonly SpanNode[]): (repeat: Repeat) => SpanNode | undefined {
  const sorted = [...calls].sort((a, b) => a.endNanos - b.endNanos);
  return ({ before, tool }) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]!.endNanos <= tool.startNanos) low = middle + 1;
      else high = middle;
    }
    const last = sorted[low - 1];
    return last !== undefined && last.startNanos >= before.endNanos ? last : undefined;
  };
}
