import { context, createContextKey, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { llmCall, segment } from 'hotspan';
import { rerank } from 'hotspan/report';
import { startTracing, type TracingOptions } from 'hotspan/node';
import { describe, expect, it, vi } from 'vitest';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { tracingInTests } from '../support/tracing.js';

const { lines, start, receive } = tracingInTests();

describe('startTracing', () => {
  it('sends every span to an OTLP/HTTP receiver, with parents, cost and attempts', async () => {
    const receiver = await receive();
    const tracing = start({ serviceName: 'shop' });
    await segment('answer', async () => {
      await llmCall(
        { provider: 'openai', model: 'gpt-4o', maxAttempts: 2, backoffMillis: 0 },
        ({ attempt }) => {
          if (attempt === 1) throw new Error('again');
          return { usage: { prompt_tokens: 1_000, completion_tokens: 100 } };
        },
      );
    });
    await tracing.forceFlush();

    const byName = new Map(receiver.spans.map((span) => [span.name, span]));
    const [answer, chat] = [byName.get('answer'), byName.get('chat gpt-4o')];
    const attempts = receiver.spans.filter(({ name }) => name === 'chat gpt-4o attempt');
    expect(receiver.spans).toHaveLength(4);
    expect(chat?.parentSpanId).toBe(answer?.spanId);
    expect(attempts.map(({ parentSpanId }) => parentSpanId)).toEqual([chat?.spanId, chat?.spanId]);
    expect(attempts.map(({ attributes }) => attributes['hotspan.attempt.outcome'])).toEqual([
      'error',
      'success',
    ]);
    expect(chat?.attributes).toMatchObject({
      'gen_ai.usage.cost': 0.0035,
      'hotspan.attempt.count': 2,
    });
    expect(answer?.resource).toMatchObject({
      'service.name': 'shop',
      'host.name': expect.any(String) as string,
      'process.pid': process.pid,
    });
    expect(tracing.delivery()).toEqual({
      endpoint: `${receiver.endpoint}/v1/traces`,
      ended: 4,
      delivered: 4,
      dropped: 0,
      pending: 0,
    });
    expect(lines).toEqual([]);
  });

  it('ranks what it sends', async () => {
    await receive();
    const tracing = start({ serviceName: 'shop' });
    segment('work', () => 1);
    await tracing.shutdown();
    const summary = tracing.summary();
    expect(summary).toMatchObject({ services: ['shop'], bottlenecks: [{ name: 'work' }] });
    expect(summary.toText()).toContain('work');
    expect(JSON.parse(summary.toJson())).toEqual(JSON.parse(JSON.stringify(summary)));
  });

  it('prints the ranking of a reranked copy', async () => {
    await receive();
    const tracing = start();
    segment('outer', () => segment('inner', () => 1));
    const again = rerank(tracing.summary(), 'total');
    expect(again.toText()).toContain('ranked by total time');
    expect(JSON.parse(again.toJson())).toMatchObject({ rankedBy: 'total' });
  });

  it('records neither the command line nor the environment', async () => {
    const receiver = await receive();
    const tracing = start();
    segment('work', () => 1);
    await tracing.forceFlush();
    const keys = Object.keys(receiver.spans[0]?.resource ?? {});
    expect(keys.filter((key) => key.startsWith('process.command'))).toEqual([]);
    expect(keys).not.toContain('process.owner');
  });

  it('can be started again after its shutdown', async () => {
    const receiver = await receive();
    await start({ serviceName: 'first' }).shutdown();
    const second = start({ serviceName: 'second' });
    segment('work', () => 1);
    await second.forceFlush();
    expect(receiver.spans.map(({ resource }) => resource['service.name'])).toEqual(['second']);
  });

  it('loses nothing of a burst of 40,000 spans in one tick', async () => {
    const receiver = await receive();
    // The queue is what is looked at here, not how quick the machine is.
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '20000');
    const tracing = start();
    segment('burst', () => {
      for (let n = 0; n < 40_000; n += 1) segment('one', () => n);
    });
    await tracing.forceFlush();
    expect(tracing.delivery()).toMatchObject({ ended: 40_001, delivered: 40_001, dropped: 0 });
    expect(receiver.spans).toHaveLength(40_001);
  });
});

describe('the OTEL_ variables', () => {
  it('name the service and add to the resource', async () => {
    const receiver = await receive();
    vi.stubEnv('OTEL_SERVICE_NAME', 'from-env');
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'team=search,deployment.environment.name=test');
    const tracing = start({ resourceAttributes: { team: 'mine' } });
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(receiver.spans[0]?.resource).toMatchObject({
      'service.name': 'from-env',
      'deployment.environment.name': 'test',
      team: 'mine',
    });
    expect(tracing.summary().services).toEqual(['from-env']);
  });

  it('set endpoint and headers, and the headers are told to nobody', async () => {
    const receiver = await receive(500);
    vi.stubEnv(
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      `${receiver.endpoint.replace('//', '//me:secret@')}/custom?key=secret`,
    );
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=secret');
    const tracing = start();
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(receiver.headers[0]).toMatchObject({ authorization: expect.any(String) as string });
    expect(tracing.delivery()).toMatchObject({
      endpoint: `${receiver.endpoint}/custom`,
      dropped: 1,
      reason: 'HTTP 500',
    });
    expect(lines.join()).not.toContain('secret');
  });

  it.each(['localhost:4318', 'not a url', 'grpc://localhost:4317'])(
    'are told when the endpoint is no http(s) URL: %s',
    async (endpoint) => {
      vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
      const tracing = start();
      expect(tracing.delivery().endpoint).toBe('http://localhost:4318/v1/traces');
      await tracing.shutdown();
      expect(lines).toEqual([
        'hotspan: expected OTEL_EXPORTER_OTLP_ENDPOINT to be an http(s) URL; ' +
          'http://localhost:4318/v1/traces is used.',
      ]);
    },
  );

  it.each(['0', '-1', '0.5', 'many'])(
    'are ignored, and said so, where they are no whole number from 1: %s',
    async (value) => {
      const receiver = await receive();
      vi.stubEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', value);
      const tracing = start();
      segment('work', () => 1);
      await tracing.forceFlush();
      expect(receiver.spans).toHaveLength(1);
      expect(lines).toEqual([
        'hotspan: expected OTEL_BSP_MAX_EXPORT_BATCH_SIZE to be a whole number of at least 1, ' +
          `got "${value}"; it is ignored.`,
      ]);
    },
  );

  it('switch it off', async () => {
    vi.stubEnv('OTEL_SDK_DISABLED', 'TRUE');
    const tracing = start();
    expect(segment('work', (span) => span.isRecording())).toBe(false);
    await tracing.forceFlush();
    expect(tracing.summary().traces.analyzed).toBe(0);
    expect(tracing.delivery()).toEqual({ ended: 0, delivered: 0, dropped: 0, pending: 0 });
  });

  it('leave the ranking on when nothing is to be exported', async () => {
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
    const tracing = start();
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(tracing.summary().traces.analyzed).toBe(1);
    expect(tracing.delivery()).toEqual({ ended: 0, delivered: 0, dropped: 0, pending: 0 });
  });

  it('can ask for the console', () => {
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'console');
    const printed = vi.spyOn(console, 'dir').mockImplementation(() => undefined);
    start();
    segment('work', () => 1);
    expect(printed.mock.calls[0]?.[0]).toMatchObject({ name: 'work' });
  });

  it('are told when they name an exporter that is not there', async () => {
    const receiver = await receive();
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'zipkin');
    const tracing = start();
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(lines).toEqual([
      'hotspan: expected OTEL_TRACES_EXPORTER to be otlp, console or none, got "zipkin"; otlp is used.',
    ]);
    expect(receiver.spans).toHaveLength(1);
  });
});

describe('a receiver that does not take the spans', () => {
  it('costs one line when it is not there, and no time at the end', async () => {
    // A port that was just free.
    const gone = await startOtlpReceiver();
    await gone.close();
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', gone.endpoint);
    const tracing = start();
    segment('one', () => 1);
    await tracing.forceFlush();
    segment('two', () => 2);
    await tracing.shutdown();
    expect(lines).toEqual([
      `hotspan: spans do not arrive at ${gone.endpoint}/v1/traces (connection refused); ` +
        'the summary is complete without them.',
    ]);
    expect(tracing.delivery()).toMatchObject({ ended: 2, delivered: 0, dropped: 2, pending: 0 });
    expect(tracing.summary().traces.analyzed).toBe(2);
  });

  it('does not hold up the end when it hangs', async () => {
    await receive('hang');
    const tracing = start();
    segment('work', () => 1);
    await tracing.shutdown();
    expect(tracing.summary().traces.analyzed).toBe(1);
    expect(tracing.delivery()).toMatchObject({ ended: 1, delivered: 0, dropped: 1, pending: 0 });
    expect(lines).toHaveLength(1);
  });

  it('may take as long as the variable says', async () => {
    await receive('hang');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '50');
    const tracing = start();
    segment('work', () => 1);
    await tracing.shutdown();
    expect(tracing.delivery()).toMatchObject({ dropped: 1, reason: 'no answer in time' });
  });
});

describe('sampling', () => {
  it('exports the traces that matter, ranks all, and says what share that was', async () => {
    const receiver = await receive();
    const tracing = start({ sampling: { tail: { slowest: 0, oneIn: 1_000_000_000 } } });
    for (let i = 0; i < 99; i += 1) segment('fine', () => 1);
    const fail = () =>
      segment('broken', () => {
        throw new Error('no');
      });
    expect(fail).toThrow('no');
    await tracing.forceFlush();
    expect(receiver.spans.map(({ name }) => name)).toEqual(['broken']);
    const summary = tracing.summary();
    expect(summary.traces.analyzed).toBe(100);
    expect(summary.sampled).toEqual({ traces: 100, exported: 1, spansLeftOut: 99 });
    expect(summary.toText()).toContain('1.0 % of 100 traces exported, by sampling');
  });

  it.each([{ ratio: 0.5 }, { ratio: 0.5, tail: { slowest: 0, oneIn: 1 } }])(
    'says what share was exported when a part is chosen at the start: %j',
    async (sampling) => {
      const receiver = await receive();
      const tracing = start({ sampling });
      for (let i = 0; i < 200; i += 1) segment('root', () => segment('part', () => 1));
      await tracing.forceFlush();
      const exported = receiver.spans.filter(({ name }) => name === 'root').length;
      expect(exported).toBeGreaterThan(40);
      expect(exported).toBeLessThan(160);
      const summary = tracing.summary();
      expect(summary.traces.analyzed).toBe(200);
      expect(summary.sampled).toEqual({
        ...{ traces: 200, exported },
        spansLeftOut: 400 - receiver.spans.length,
      });
      expect(summary.toText()).toContain('% of 200 traces exported, by sampling');
    },
  );

  it('says so, too, when those who call decided it, of as many traces as were ranked', async () => {
    await receive();
    const tracing = start();
    for (const [id, traceFlags] of [
      ['1', 0],
      ['1', 0],
      ['2', 1],
    ] as const) {
      const caller = { traceId: id.repeat(32), spanId: '1'.repeat(16), traceFlags, isRemote: true };
      context.with(trace.setSpanContext(context.active(), caller), () =>
        segment('served', () => 1),
      );
    }
    const { sampled, traces } = tracing.summary();
    expect(sampled).toEqual({ traces: traces.analyzed, exported: 1, spansLeftOut: 2 });
    expect(traces.analyzed).toBe(3);
  });

  it('says nothing of a share when all is exported, or nothing ever is', async () => {
    await receive();
    const all = start();
    segment('work', () => 1);
    expect(all.summary()).not.toHaveProperty('sampled');
    await all.shutdown();
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
    const none = start({ sampling: { ratio: 0 } });
    segment('work', () => 1);
    expect(none.summary()).not.toHaveProperty('sampled');
  });

  it('exports what is open when it ends', async () => {
    const receiver = await receive();
    const tracing = start({ sampling: { tail: { slowest: 0, oneIn: 1_000_000_000 } } });
    trace.getTracer('t').startActiveSpan('open', () => segment('ended', () => 1));
    await tracing.shutdown();
    expect(receiver.spans.map(({ name }) => name)).toEqual(['ended']);
  });

  it('can leave what is not exported out of the ranking', async () => {
    await receive();
    const tracing = start({ sampling: { ratio: 0, rankUnsampled: false } });
    segment('work', () => 1);
    expect(tracing.summary().traces.analyzed).toBe(0);
  });
});

describe('what the host has registered', () => {
  it('stays: its context manager', async () => {
    await receive();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const key = createContextKey('host');
    await start().shutdown();
    const seen = context.with(context.active().setValue(key, 'kept'), () =>
      context.active().getValue(key),
    );
    expect(seen).toBe('kept');
    context.disable();
  });

  it('is not needed: contexts and trace headers are passed on', async () => {
    await receive();
    const tracing = start();
    const headers: Record<string, string> = {};
    segment('call', () => propagation.inject(context.active(), headers));
    expect(headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    await tracing.shutdown();
    expect(propagation.fields()).toEqual([]);
  });
});

describe('wrong use of startTracing', () => {
  it.each([
    [{ serviceName: '' }, '`serviceName` to be a non-empty string, got ""'],
    [{ serviceName: 5 }, '`serviceName` to be a non-empty string, got 5'],
    [{ service: 'a' }, 'startTracing: unknown option "service", expected one of: serviceName'],
    [
      { resourceAttributes: { a: {} } },
      '`resourceAttributes.a` to be a string, number or boolean, got an object',
    ],
    [
      { bottlenecks: { maxTraces: -1 } },
      'startTracing: expected `bottlenecks.maxTraces` to be a whole number of at least 1, got -1',
    ],
    [{ printSummary: 'yaml' }, '`printSummary` to be true, false, text or json, got a string'],
    [{ exitHandling: 'no' }, '`exitHandling` to be true or false, got a string'],
    [{ sampling: { tail: { slowest: 2 } } }, '`sampling.tail.slowest` to be a number from 0 to 1'],
    [{ resourceAttributes: 'x' }, '`resourceAttributes` to be an object, got a string'],
    [{ log: 'stderr' }, '`log` to be a function, got a string'],
  ])('throws at once: %j', (options, message) => {
    expect(() => startTracing(options as TracingOptions)).toThrow(message);
    expect(segment('work', (span) => span.isRecording())).toBe(false);
  });

  it('throws when a provider is registered, and leaves that one alone', async () => {
    const first = start();
    expect(() => startTracing()).toThrow('expected no OpenTelemetry provider yet');
    segment('work', () => 1);
    expect(first.summary().traces.analyzed).toBe(1);
    await first.shutdown();
    expect(trace.getTracer('x').startSpan('y').isRecording()).toBe(false);
  });
});
