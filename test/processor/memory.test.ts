import { context, ROOT_CONTEXT, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { segment } from 'hotspan';
import { BottleneckSpanProcessor, type BottleneckOptions } from 'hotspan/processor';
import { afterEach, describe, expect, it } from 'vitest';
import { heapGrowth } from '../support/heap.js';

const LIMITS = { maxTraces: 100, maxSpansPerTrace: 500, maxSpans: 1_000, maxRows: 50 };
/** A record of a span is some 200 bytes: 50,000 that stay would be 10 MB. */
const SPANS = 50_000;
const FEW_MEGABYTES = 2;

function start(options: BottleneckOptions = LIMITS) {
  const bottlenecks = new BottleneckSpanProcessor(options);
  new NodeTracerProvider({ spanProcessors: [bottlenecks] }).register();
  return bottlenecks;
}

const startSpan = (name: string, parent?: Span) =>
  trace
    .getTracer('test')
    .startSpan(name, {}, parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT);

afterEach(() => {
  trace.disable();
  context.disable();
});

describe('memory does not grow', () => {
  it('with traces that end', async () => {
    start();
    const growth = await heapGrowth(SPANS / 5, () => {
      segment('root', () => {
        for (const name of ['a', 'b', 'c', 'd']) segment(name, () => 1);
      });
    });
    expect(growth).toBeLessThan(FEW_MEGABYTES);
  });

  it('with local roots that never end', async () => {
    const bottlenecks = start();
    const growth = await heapGrowth(SPANS, () => {
      startSpan('forgotten');
    });
    expect(growth).toBeLessThan(FEW_MEGABYTES);
    expect(bottlenecks.summary().traces.evicted).toBe(2 * SPANS - LIMITS.maxTraces);
  });

  it('with children that never end', async () => {
    start();
    const growth = await heapGrowth(SPANS / 2, () => {
      const root = startSpan('root');
      startSpan('forgotten', root);
      root.end();
    });
    expect(growth).toBeLessThan(FEW_MEGABYTES);
  });

  it('with one trace that never ends', async () => {
    const bottlenecks = start();
    const root = startSpan('worker');
    const growth = await heapGrowth(SPANS, () => startSpan('job', root).end());
    expect(growth).toBeLessThan(FEW_MEGABYTES);
    expect(bottlenecks.summary().spans.dropped).toBe(2 * SPANS - LIMITS.maxSpansPerTrace + 1);
  });

  // A timer that starts itself anew runs in the context of the run before: a chain without end.
  it.each([
    ['whose local root has ended', true],
    ['whose local root never ends', false],
  ])('with a chain of spans, each the child of the one before, %s', async (_, rootEnds) => {
    start();
    const root = startSpan('root');
    let last = startSpan('first', root);
    if (rootEnds) root.end();
    const growth = await heapGrowth(SPANS, () => {
      const next = startSpan('next', last);
      last.end();
      last = next;
    });
    expect(growth).toBeLessThan(FEW_MEGABYTES);
  });

  it('with names that never come back', async () => {
    const bottlenecks = start();
    let count = 0;
    const growth = await heapGrowth(SPANS, () => {
      count += 1;
      const span = startSpan(`user ${count}`);
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', `error ${count}`);
      span.end();
    });
    expect(growth).toBeLessThan(FEW_MEGABYTES);
    expect(bottlenecks.summary().bottlenecks).toHaveLength(LIMITS.maxRows + 1);
  });
});
