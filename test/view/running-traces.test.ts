import { describe, expect, it } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { readOtlpJson } from '../../src/readers/json-formats.js';
import { SpanSink } from '../../src/readers/span-sink.js';
import { TraceCollector } from '../../src/readers/trace-collector.js';
import { runningTracesOf } from '../../src/view/running-traces.js';
import { nextId, traceRequest } from './support.js';

function start() {
  const collector = new TraceCollector(new Ranking());
  const sink = new SpanSink(collector);
  return {
    arrives: (request: object) => readOtlpJson(request, sink),
    endRound: () => collector.endRound({ complete: 2, remote: 4, incomplete: 6 }),
    running: () => runningTracesOf(collector.open(), 0.5),
  };
}

describe('the traces that run', () => {
  it('are those whose local root has not come, until it does', () => {
    const { arrives, endRound, running } = start();
    const traceId = nextId(32);
    arrives(traceRequest());
    arrives(traceRequest({ remote: true, child: false }));
    expect(running()).toBeUndefined();
    arrives(traceRequest({ traceId, root: false }));
    for (let round = 0; round < 3; round += 1) endRound();
    // The span took a second, and came one and a half ago.
    const trace = { traceId, name: 'query', service: 'shop', seconds: 2.5, spans: 1 };
    expect(running()).toEqual({ count: 1, longest: [trace] });
    arrives(traceRequest({ traceId, child: false }));
    expect(running()).toBeUndefined();
  });

  it('are told by the row of their last step: an attempt has that of its operation', () => {
    const { arrives, running } = start();
    const attributes = { 'hotspan.attempt.number': 1, 'hotspan.attempt.outcome': 'error' };
    arrives(traceRequest({ root: false, childName: 'chat gpt-4o attempt', attributes }));
    expect(running()?.longest.map(({ name }) => name)).toEqual(['chat gpt-4o']);
  });

  it('are given up with the trace, when no root comes', () => {
    const { arrives, endRound, running } = start();
    arrives(traceRequest({ root: false }));
    for (let round = 0; round < 5; round += 1) endRound();
    expect(running()?.count).toBe(1);
    endRound();
    expect(running()).toBeUndefined();
  });

  it('are listed up to a number, the longest first', () => {
    const { arrives, endRound, running } = start();
    for (let at = 0; at < 30; at += 1) {
      if (at === 1) endRound();
      arrives(traceRequest({ root: false }));
    }
    const { count, longest } = running()!;
    expect([count, longest.length, longest[0]!.seconds, longest[1]!.seconds]).toEqual([
      30, 20, 1.5, 1,
    ]);
  });
});
