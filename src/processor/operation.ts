import { isPartOfOperation } from '../trace/folding.js';
import { NO_FACTS } from '../trace/span-facts.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { LiveSpan } from './trace-buffer.js';

/**
 * The operation that a span counts for: its own, or the one it is a part of. Throws where a span cannot
 * be read.
 */
export function operationOf(live: LiveSpan): SpanRecord {
  // Upwards to the first that is a part of nothing, and down again: no recursion, whatever the depth.
  const parts: SpanRecord[] = [];
  let operation: SpanRecord | undefined;
  for (let at: LiveSpan | undefined = live; at !== undefined; at = at.parent) {
    const record = at.recordAt();
    operation = at.parent === undefined ? at.outerOperation : undefined;
    parts.push(record);
    if (record.facts === NO_FACTS) {
      operation = undefined;
      break;
    }
  }
  for (const record of parts.reverse()) {
    if (operation === undefined || !isPartOfOperation(record, operation)) operation = record;
  }
  return operation!;
}

/** The same; undefined where a span cannot be read. */
export function operationOrNone(live: LiveSpan): SpanRecord | undefined {
  try {
    return operationOf(live);
  } catch {
    return undefined;
  }
}

/** The same, of a span whose trace was analyzed. */
export function foundOperation({ operation }: LiveSpan): SpanRecord {
  return operation;
}
