import { singleLine } from '../format.js';
import type { PictureSpan, PictureTrace, Summary } from '../summary.js';
import { pairsOf, requirePictures } from './frames.js';

const MICROS = 1e6;

/** One event of the format: what `ph` means stands in its specification. */
type TraceEvent = Readonly<Record<string, unknown>> & { readonly ph: 'X' | 'M' | 's' | 'f' };

/** Times are whole microseconds: readers cut fractions off, which may put the end of a span after that of its parent. */
type Slice = TraceEvent & { readonly ts: number; readonly dur: number };

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
  const slices = trace.spans.flatMap((span, at) => [
    complete(span, { from: span.startSeconds, to: span.endSeconds }, pid, lanes[at]!),
    ...pairsOf(span.critical ?? []).map(([from, to]) => complete(span, { from, to }, pid, 0)),
  ]);
  // Of those that start at once, readers take the first for the outer one.
  events.push(...slices.sort((a, b) => a.ts - b.ts || b.dur - a.dur));
  for (const [at, span] of trace.spans.entries()) {
    for (const wait of span.waits ?? []) {
      const by = wait.by === undefined ? undefined : trace.spans[wait.by];
      if (by === undefined) continue;
      const id = `${pid}.${events.length}`;
      const common = { name: 'ends the wait', cat: 'wait', id, pid };
      const [from, to] = [within(by, by.endSeconds), within(span, wait.to)];
      events.push({ ...common, ph: 's', tid: lanes[wait.by!]!, ts: from });
      events.push({ ...common, ph: 'f', bp: 'e', tid: lanes[at]!, ts: to });
    }
  }
  return events;
}

function microsOf(seconds: number): number {
  return Math.round(seconds * MICROS);
}

/** An arrow holds on to the span that is open then: at its end it is over. */
function within({ startSeconds, endSeconds }: PictureSpan, seconds: number): number {
  const last = Math.max(microsOf(startSeconds), microsOf(endSeconds) - 0.5);
  return Math.min(microsOf(seconds), last);
}

function complete(span: PictureSpan, times: Times, pid: number, tid: number): Slice {
  const { name, service, spanId, errorType, attempt, model, inputTokens, outputTokens } = span;
  const { costUsd, firstTokenSeconds } = span;
  const figures = { model, inputTokens, outputTokens, costUsd, firstTokenSeconds };
  const ts = microsOf(times.from);
  return {
    ...{ ph: 'X', name: singleLine(name), cat: singleLine(service), pid, tid },
    ...{ ts, dur: microsOf(times.to) - ts },
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
