import { BadInputError } from '../errors.js';
import { fields } from '../fields.js';
import { readJaegerTrace } from './jaeger-json.js';
import { listIn, readResourceSpans } from './otlp.js';
import type { SpanSink } from './span-sink.js';

/** Thrown where a saved summary stands instead of traces; it can be used as what it is. */
export class SavedSummaryError extends BadInputError {
  override readonly name = 'SavedSummaryError';

  constructor(
    /** The name of the source. */
    readonly where: string,
    /** What was parsed: an object with a `schemaVersion` and `bottlenecks`, otherwise unchecked. */
    readonly summary: unknown,
  ) {
    super(`${where}: expected traces, but it is a saved summary`);
  }
}

/**
 * Reads a JSON value that holds traces: OTLP JSON, one document or an array of such, the answers of
 * Jaeger's APIs, what its UI downloads, one trace of it or an array of such. Anything else is counted as
 * unknown.
 *
 * @param where the name of the source, for the error
 * @throws SavedSummaryError when it is a summary of hotspan's own
 */
export function readDocument(value: unknown, sink: SpanSink, where: string): void {
  if (readKnown(value, sink, where)) return;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (readKnown(item, sink, where)) count += 1;
  }
  if (count === 0 && !(Array.isArray(value) && value.length === 0))
    sink.addUnknown(describe(value));
}

function readKnown(value: unknown, sink: SpanSink, where: string): boolean {
  const document = fields(value);
  if (document.schemaVersion !== undefined && Array.isArray(document.bottlenecks)) {
    throw new SavedSummaryError(where, value);
  }
  // The answer of Jaeger's API v3 has the document inside.
  for (const holder of [document, fields(document.result)]) {
    const resourceSpans = holder.resourceSpans ?? holder.resource_spans;
    if (!Array.isArray(resourceSpans)) continue;
    readResourceSpans(resourceSpans, sink);
    return true;
  }
  if (Array.isArray(document.data)) {
    for (const trace of listIn(document, 'data')) readJaegerTrace(trace, sink);
    return true;
  }
  if (!Array.isArray(document.spans)) return false;
  readJaegerTrace(value, sink);
  return true;
}

/** Names the shape of a JSON value, without its content. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array of something else';
  if (value === null || typeof value !== 'object')
    return value === null ? 'null' : `a ${typeof value}`;
  const keys = Object.keys(value).slice(0, 3);
  return keys.length === 0
    ? 'an empty object'
    : `an object with ${keys.map((key) => `"${key.slice(0, 40)}"`).join(', ')}`;
}
