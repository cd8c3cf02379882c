import { singleLine } from '../format.js';
import type { PictureSpan, PictureTrace, Summary } from '../summary.js';
import { pairsOf, requirePictures } from './frames.js';

const MICROS = 1e6;

/** One event of the format: what `ph` means stands in its specification. */
type TraceEvent = Readonly<Record<string, unknown>> & { readonly ph: 'X' | 'M' | 's' | 'f' };

/**
 * Prints the whole traces of a summary in Chrome's Trace Event format, as Perfetto and DevTools read it: a process for
 * each trace, concurrent spans in threads of their own, the critical path in the first, and an arrow from the span that
 * ended a wait. Times are from the start of each trace.
 */
export function toChromeTrace(summary: Summary): string {
  const { traces } = requirePictures(summary);
  const traceEvents = traces.flatMap((trace, at) => eventsOf(trace, at + 1));
  return JSON.stringify({ displayTimeUnit: 'ms', traceEvents });
}

function eventsOf(trace: PictureTrace, pid: number): TraceEvent[] {
  const name = `${singleLine(trace.name)} (${trace.why}, ${trace.traceId})`;
  const lanes = lanesOf(trace.spans);
  const events: TraceEvent[] = [metadata('process_name', pid, 0, name)];
  events.push(metadata('thread_name', pid, 0, 'critical path'));
  for (const lane of new Set(lanes)) events.push(metadata('thread_name', pid, lane, 'spans'));
  for (const [at, span] of trace.spans.entries()) {
    const times = { from: span.startSeconds, to: span.endSeconds };
    events.push(complete(span, times, pid, lanes[at]!));
    for (const [from, to] of pairsOf(span.critical ?? [])) {
      events.push(complete(span, { from, to }, pid, 0));
    }
    for (const wait of span.waits ?? []) {
      const by = wait.by === undefined ? undefined : trace.spans[wait.by];
      if (by === undefined) continue;
      const id = `${pid}.${events.length}`;
      const common = { name: 'ends the wait', cat: 'wait', id, pid };
      // Just before its end: at the end it is over.
      const ts = by.endSeconds * MICROS - 0.001;
      events.push({ ...common, ph: 's', tid: lanes[wait.by!]!, ts });
      events.push({ ...common, ph: 'f', bp: 'e', tid: lanes[at]!, ts: wait.to * MICROS });
    }
  }
  return events;
}

function complete(span: PictureSpan, times: Times, pid: number, tid: number): TraceEvent {
  const { name, service, spanId, errorType, attempt, model, inputTokens, outputTokens } = span;
  const { costUsd, firstTokenSeconds } = span;
  const figures = { model, inputTokens, outputTokens, costUsd, firstTokenSeconds };
  return {
    ...{ ph: 'X', name: singleLine(name), cat: singleLine(service), pid, tid },
    ...{ ts: times.from * MICROS, dur: (times.to - times.from) * MICROS },
    args: { spanId, errorType, ...attempt, ...figures },
  };
}

interface Times {
  readonly from: number;
  readonly to: number;
}

function metadata(what: string, pid: number, tid: number, name: string): TraceEvent {
  return { ph: 'M', name: what, pid, tid, args: { name } };
}

/**
 * Gives each span a thread, from 1, in which every other span is apart from it, or around it, or inside: viewers draw
 * no others. A span stays in its parent's thread where it can.
 */
export function lanesOf(spans: readonly PictureSpan[]): number[] {
  const lanes: number[] = [];
  /** The spans of each thread that are around whatever comes next, by place. */
  const open: PictureSpan[][] = [];
  const order = [...spans.keys()].sort(
    (a, b) =>
      spans[a]!.startSeconds - spans[b]!.startSeconds ||
      spans[b]!.endSeconds - spans[a]!.endSeconds ||
      a - b,
  );
  for (const at of order) {
    const span = spans[at]!;
    const fits = (lane: number) => {
      const around = (open[lane] ??= []);
      while (around.length > 0 && around.at(-1)!.endSeconds <= span.startSeconds) around.pop();
      return around.length === 0 || around.at(-1)!.endSeconds >= span.endSeconds;
    };
    let lane = lanes[span.parent ?? -1] ?? 1;
    if (!fits(lane)) for (lane = 1; !fits(lane);) lane += 1;
    open[lane]!.push(span);
    lanes[at] = lane;
  }
  return lanes;
}
