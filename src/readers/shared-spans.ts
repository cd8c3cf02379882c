import type { SpanRecord } from '../trace/span-record.js';

/** Longer than any id that is sent, so that it is nobody else's. */
const SERVER_SIDE = '-server';

/** Zipkin's id of a span that client and server share. */
export interface SharedSpan {
  readonly spanId: string;
  readonly service: string;
}

/** The id that the server's side of a shared span has here. */
export function serverSideOf(spanId: string): string {
  return `${spanId}${SERVER_SIDE}`;
}

/**
 * Zipkin's client and server may share a span: both have its id. Makes the server's side a child of the client's,
 * and hangs what the server did below it. A server's side without a client's keeps its own parent.
 */
export function separateShared(
  records: readonly SpanRecord[],
  shared: readonly SharedSpan[],
): SpanRecord[] {
  const services = new Map(shared.map(({ spanId, service }) => [spanId, service]));
  const clients = new Set(records.map(({ spanId }) => spanId));
  return records.map((record) => {
    const { spanId, parentSpanId = '', service } = record;
    const own = spanId.endsWith(SERVER_SIDE) ? spanId.slice(0, -SERVER_SIDE.length) : '';
    if (services.has(own)) return clients.has(own) ? { ...record, parentSpanId: own } : record;
    if (services.get(parentSpanId) !== service) return record;
    return { ...record, parentSpanId: serverSideOf(parentSpanId) };
  });
}
