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
const PROMPT_LENGTH = 200_000;

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
    const { traces, running } = bottlenecks.summary();
    expect(traces.evicted).toBeGreaterThanOrEqual(2 * SPANS - LIMITS.maxTraces);
    expect(running!.count).toBeGreaterThan(0);
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
      // Without numbers, which share a row.
      const span = startSpan(`user ${count.toString(2).replaceAll('0', 'a').replaceAll('1', 'b')}`);
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', `error ${count}`);
      span.end();
    });
    expect(growth).toBeLessThan(FEW_MEGABYTES);
    expect(bottlenecks.summary().bottlenecks).toHaveLength(LIMITS.maxRows + 1);
  });

  /** A new one each time, with all its characters in memory. */
  const prompt = () => Buffer.alloc(PROMPT_LENGTH, 'y').toString('latin1');

  it('with prompts as names, models, services and kinds of errors', async () => {
    const bottlenecks = start({});
    let count = 0;
    const growth = await heapGrowth(150, () => {
      count += 1;
      const span = startSpan(`${count} ${prompt()}`);
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', `${count} ${prompt()}`);
      span.end();
      const call = startSpan(`call ${count} ${prompt()}`);
      call.setAttribute('gen_ai.operation.name', 'chat');
      call.setAttribute('gen_ai.request.model', `${count} ${prompt()}`);
      call.setAttribute('hotspan.llm.input_hash', `${count} ${prompt()}`);
      call.setAttribute('hotspan.warning', [`${count} ${prompt()}`]);
      call.end();
    });
    expect(growth).toBeLessThan(2 * FEW_MEGABYTES);
    const { bottlenecks: rows, slowest } = bottlenecks.summary();
    for (const { name } of [...rows, ...slowest]) expect(name.length).toBeLessThan(250);
  });

  it('with spans that are forgotten with a prompt in their name or attributes', async () => {
    const bottlenecks = start({});
    let count = 0;
    const growth = await heapGrowth(1_000, () => {
      count += 1;
      if (count % 2 === 0) startSpan(`${count} ${prompt()}`);
      else startSpan('forgotten').setAttribute('prompt', [prompt()]);
    });
    // They would be 200 MB.
    expect(growth).toBeLessThan(75);
    const { traces, running } = bottlenecks.summary();
    expect(traces.evicted).toBeGreaterThan(1_000);
    expect(running!.count).toBeLessThan(1_000);
  });

  it('and an open span that holds much does not push out those that hold little', () => {
    const bottlenecks = start({});
    const small = Array.from({ length: 10 }, () => startSpan('small'));
    for (let count = 0; count < 1_000; count += 1) startSpan(`${count} ${prompt()}`);
    for (const span of small) span.end();
    expect(bottlenecks.summary().bottlenecks).toMatchObject([{ name: 'small', calls: 10 }]);
  });
});
