import { ROOT_CONTEXT, TraceFlags, type HrTime, type SpanContext } from '@opentelemetry/api';
import { BottleneckSpanProcessor } from '../../src/processor/bottleneck-span-processor.js';
import type { Summary } from '../../src/summary.js';
import type { SpanRecord } from '../../src/trace/span-record.js';

/** A second of work is so far in the past that no span ends in the future. */
const EPOCH_NANOS = BigInt(Date.now() - 3_600_000) * 1_000_000n;
/** Of two that the simulator has at one moment. */
const APART_NANOS = 1_000;
/** So many spans end before the process has time for what is done later. */
const SPANS_IN_A_TURN = 50;

/**
 * Hands spans to the processor in the order in which they start and end, as an SDK would, with the times that they
 * have, and returns what it says of them.
 */
export async function rankLive(records: readonly SpanRecord[]): Promise<Summary> {
  const processor = new BottleneckSpanProcessor();
  const spans = new Map(records.map((record) => [record, spanOf(record)]));
  let handed = 0;
  for (const { record, isEnd } of eventsOf(records)) {
    const span = spans.get(record)!;
    if (isEnd) processor.onEnd(span);
    else processor.onStart(span, ROOT_CONTEXT);
    handed += 1;
    if (handed % SPANS_IN_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const summary = processor.summary();
  await processor.shutdown();
  return summary;
}

/** Lets what starts or ends at one moment do so one after another, as in a process. */
export function spaceOut(records: readonly SpanRecord[]): SpanRecord[] {
  const times = new Map(records.map((record) => [record, { startNanos: 0, endNanos: 0 }]));
  let last = -Infinity;
  for (const { record, isEnd, at } of eventsOf(records)) {
    last = Math.max(at, last + APART_NANOS);
    times.get(record)![isEnd ? 'endNanos' : 'startNanos'] = last;
  }
  return records.map((record) => ({ ...record, ...times.get(record) }));
}

function eventsOf(records: readonly SpanRecord[]) {
  // Those of one moment: parents start first, and end last; in the simulator they are recorded last.
  const order = new Map(records.map((record, at) => [record, at]));
  const events = records.flatMap((record) => [
    { record, isEnd: false, at: record.startNanos, rank: Number(record.spanId) },
    { record, isEnd: true, at: record.endNanos, rank: order.get(record)! },
  ]);
  const isEmpty = ({ startNanos, endNanos }: SpanRecord) => startNanos === endNanos;
  const phase = ({ record, isEnd }: (typeof events)[number]) =>
    isEmpty(record) ? 1 : Number(!isEnd) * 2;
  return events.sort((a, b) => a.at - b.at || phase(a) - phase(b) || a.rank - b.rank);
}

function spanOf(record: SpanRecord) {
  const { name, startNanos, endNanos, service, errorType, traceId, spanId, parentSpanId } = record;
  const contextOf = (id: string): SpanContext => ({
    traceId,
    spanId: id,
    traceFlags: TraceFlags.SAMPLED,
  });
  const { attempt } = record.facts;
  return {
    name,
    kind: 0,
    startTime: timeOf(startNanos),
    endTime: timeOf(endNanos),
    status: { code: errorType === undefined ? 0 : 2 },
    attributes: {
      ...(errorType === undefined ? {} : { 'error.type': errorType }),
      ...(attempt === undefined
        ? {}
        : {
            'hotspan.attempt.number': attempt.number,
            'hotspan.attempt.outcome': attempt.outcome,
            'hotspan.attempt.backoff': attempt.backoffSeconds,
          }),
    },
    resource: { attributes: { 'service.name': service } },
    ...(parentSpanId === undefined ? {} : { parentSpanContext: contextOf(parentSpanId) }),
    spanContext: () => contextOf(spanId),
  };
}

function timeOf(nanos: number): HrTime {
  const epoch = EPOCH_NANOS + BigInt(Math.round(nanos));
  return [Number(epoch / 1_000_000_000n), Number(epoch % 1_000_000_000n)];
}
