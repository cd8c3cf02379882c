import type { CallsOfTrace } from '../trace/calls-of-trace.js';
import type { SpanRecord } from '../trace/span-record.js';
import { buildTraceTree, type TraceTree } from '../trace/trace-tree.js';
import { separateShared, type SharedSpan } from './shared-spans.js';

/** The spans of one trace, as far as they have come. */
export class CollectedTrace {
  /** The second since the epoch that its times are relative to; of its first span. */
  originSeconds: number | undefined;
  records: SpanRecord[] = [];
  isOfSeveralServices = false;
  /** Of models, if there are any. */
  calls: CallsOfTrace | undefined;
  /** How many spans it had when it was last found to be incomplete. */
  spansWhenIncomplete = 0;
  /** The round of the collector in which it got its last span. */
  round = 0;
  /** `true` if it was found to lack no spans but those that led to it in other processes. */
  hasLocalRoots = false;
  /** `true` if spans of it found no room. */
  overflowed = false;
  /** Zipkin's spans that client and server share. */
  readonly shared: SharedSpan[] = [];

  constructor(readonly traceId: string) {}

  tree(): TraceTree {
    const { records, shared } = this;
    return buildTraceTree(shared.length === 0 ? records : separateShared(records, shared));
  }
}

/** `true` if no span seems to be missing. */
export function isComplete({ roots, orphans }: TraceTree): boolean {
  return orphans.length === 0 && roots.every(({ record }) => record.parentSpanId === undefined);
}

/** `true` if spans of this process are missing, in which its roots were. */
export function lacksParents({ roots }: TraceTree): boolean {
  return roots.some(({ record }) => record.parentSpanId !== undefined && !record.parentIsRemote);
}
