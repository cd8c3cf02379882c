import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { TraceCollector, type CollectorOptions } from '../../src/readers/trace-collector.js';
import { heapGrowth } from '../support/heap.js';
import { records } from '../support/trace.js';
import { expectSound, NOW } from './support.js';

/** Spans as `trace:span<parent`, in the order in which they come; each from 0 to 10 ms. */
function collected(spans: readonly string[], options?: CollectorOptions) {
  const ranking = new Ranking();
  const collector = new TraceCollector(ranking, options);
  for (const text of spans) add(collector, text);
  collector.closeAll();
  return { summary: ranking.toSummary({ nowEpochMillis: NOW }), collector };
}

function add(collector: TraceCollector, text: string): void {
  const [, traceId = '', id = '', parent] = /^(.*):(\w+)(?:<(\w+))?$/.exec(text)!;
  const trace = collector.trace(traceId);
  trace.originSeconds ??= NOW / 1000;
  const sketch = { id, start: 0, end: 10, ...(parent === undefined ? {} : { parent }) };
  const [record] = records([sketch]);
  collector.add(trace, { ...record!, traceId });
  if (collector.isFull) collector.closeOldest();
}

describe('spans of a trace', () => {
  it('come scattered, children first', () => {
    const { summary } = collected(['a:x<r', 'b:x<r', 'a:r', 'b:y<x', 'b:r']);
    expect(summary).toMatchObject({
      traces: { analyzed: 2, incomplete: 0 },
      spans: { analyzed: 5, late: 0 },
      latency: { count: 2 },
    });
  });

  it('that come when it was closed are late', () => {
    const limits = { maxSpans: 3, maxCompleteSpans: 1 };
    const { summary } = collected(['a:r', 'b:r', 'c:r', 'a:x<r'], limits);
    expect(summary).toMatchObject({ traces: { analyzed: 3 }, spans: { analyzed: 3, late: 1 } });
  });

  it('are waited for while some are known to be missing', () => {
    const limits = { maxSpans: 6, maxCompleteSpans: 1 };
    const { summary } = collected(['a:x<r', 'b:r', 'c:r', 'd:r', 'a:r', 'e:r'], limits);
    expect(summary).toMatchObject({
      traces: { analyzed: 5, incomplete: 0 },
      spans: { analyzed: 6, late: 0 },
    });
  });

  it('are not waited for without end', () => {
    const limits = { maxSpans: 2, maxCompleteSpans: 1 };
    const { summary } = collected(['a:x<r', 'b:x<r', 'c:x<r', 'd:x<r', 'a:r'], limits);
    expect(summary).toMatchObject({
      traces: { analyzed: 4, incomplete: 4 },
      spans: { analyzed: 4, late: 1 },
    });
  });

  it('beyond what one trace may have are counted', () => {
    const { summary } = collected(['a:r', 'a:x<r', 'a:y<r', 'a:z<r'], { maxSpansPerTrace: 2 });
    expect(summary).toMatchObject({
      traces: { analyzed: 1, incomplete: 1 },
      spans: { analyzed: 2, dropped: 2 },
    });
  });

  it('count only when their trace is wanted, late ones too', () => {
    const { summary, collector } = collected(['a:r', 'b:r', 'c:r', 'a:x<r', 'b:x<r'], {
      maxSpans: 1,
      isWanted: ({ traceId }) => traceId === 'b',
    });
    expect(collector.wantedTraces).toBe(1);
    expect(summary).toMatchObject({ traces: { analyzed: 1 }, spans: { analyzed: 1, late: 1 } });
  });
});

it('every span is counted once, whatever the limits and the order', () => {
  const span = fc.tuple(
    fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    fc.nat({ max: 30 }),
    fc.nat({ max: 30 }),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(span, { maxLength: 60, selector: ([trace, id]) => `${trace}${id}` }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      (spans, maxSpans, maxCompleteSpans) => {
        const texts = spans.map(([trace, id, parent]) => `${trace}:s${id}<s${parent}`);
        const { summary } = collected(texts, { maxSpans, maxCompleteSpans });
        expectSound(summary);
        const { analyzed, late, dropped } = summary.spans;
        expect(analyzed + late + dropped).toBe(spans.length);
        expect(summary.bottlenecks.reduce((sum, row) => sum + row.calls, 0)).toBe(spans.length);
      },
    ),
  );
});

it.each([
  ['complete traces', ['r', 'x<r', 'y<r']],
  ['traces whose root never comes', ['x<r', 'y<r', 'z<r']],
])('%s take the same memory however many there are', async (_, spans) => {
  const ranking = new Ranking();
  const collector = new TraceCollector(ranking, { maxSpans: 3_000, maxCompleteSpans: 1_000 });
  let traces = 0;
  const growth = await heapGrowth(1, () => {
    for (let count = 0; count < 30_000; count += 1) {
      traces += 1;
      for (const span of spans) add(collector, `${traces}:${span}`);
    }
  });
  expect(growth).toBeLessThan(2);
});
