import { Ranking } from '../../src/ranking/ranking.js';
import type { Summary } from '../../src/summary.js';
import { analyzed } from '../support/analyzed.js';
import type { SpanSketch } from '../support/trace.js';

/** A part of a request, one after another: it waits for something from outside, or computes. */
export interface Part {
  readonly name: string;
  readonly millis: number;
  /** `true` if it lets nothing else run meanwhile. */
  readonly blocks?: boolean;
}

export interface Request {
  readonly at: number;
  readonly parts: readonly Part[];
  readonly service?: string;
}

/** What it takes to go on with a request. */
const TURN_MILLIS = 0.03;

/** Runs requests in one event loop: what has become ready goes on in that order, once nothing blocks. */
export function eventLoop(requests: readonly Request[]): SpanSketch[][] {
  const traces = requests.map((): SpanSketch[] => []);
  const ready = requests.map(({ at }, request) => ({ at, request, part: -1, since: at }));
  let now = 0;
  for (;;) {
    ready.sort((a, b) => a.at - b.at);
    const next = ready.shift();
    if (next === undefined) return traces;
    now = Math.max(now, next.at) + TURN_MILLIS;
    const { parts, service = 'test' } = requests[next.request]!;
    const spans = traces[next.request]!;
    const end = (part: number, start: number) => {
      const { name, blocks } = parts[part]!;
      const facts = blocks === true ? { facts: { blockedSeconds: (now - start) / 1e3 } } : {};
      const parent = spans[0]!.id;
      spans.push({ id: `${name} ${part}`, name, parent, start, end: now, service, ...facts });
    };
    if (next.part < 0) spans.push({ id: 'req', start: now, end: now, service });
    else end(next.part, next.since);
    let part = next.part + 1;
    for (; parts[part]?.blocks === true; part += 1) {
      const start = now;
      now += parts[part]!.millis;
      end(part, start);
    }
    if (part < parts.length) {
      ready.push({ at: now + parts[part]!.millis, request: next.request, part, since: now });
    } else spans[0] = { ...spans[0]!, end: now };
  }
}

export function totalSeconds(traces: readonly SpanSketch[][]): number {
  return traces.reduce((sum, [root]) => sum + (root!.end - root!.start) / 1e3, 0);
}

export function summaryOf(traces: readonly SpanSketch[][]): Summary {
  const ranking = new Ranking();
  for (const spans of [...traces].sort((a, b) => a[0]!.end - b[0]!.end)) {
    ranking.addTrace(analyzed(spans), { originEpochMillis: 0, toleranceNanos: 0 });
  }
  return ranking.toSummary({ nowEpochMillis: 0 });
}
