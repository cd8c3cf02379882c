import { context, ROOT_CONTEXT, trace, type Context, type Span } from '@opentelemetry/api';
import { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace-node';
import { segment } from 'hotspan';
import { AlwaysRecordSampler, BottleneckSpanProcessor, type SdkSpan } from 'hotspan/processor';
import { describe, expect, it } from 'vitest';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();

/** A span as SDK 1.x shows it to its processors. */
function asOfSdk1(span: Span): SdkSpan {
  const { parentSpanContext, instrumentationScope } = span as unknown as SdkSpan;
  const { name, kind, startTime, endTime, status, attributes } = span as unknown as SdkSpan;
  const old = { name, kind, startTime, endTime, status, attributes };
  const parent = { parentSpanId: parentSpanContext?.spanId };
  const scope = { instrumentationLibrary: instrumentationScope };
  const gone = { parentSpanContext: undefined, instrumentationScope: undefined };
  const spanContext = () => span.spanContext();
  return { ...old, ...parent, ...scope, ...gone, spanContext };
}

describe('in a host with SDK 1.x', () => {
  it('spans find their parents, and remote ones begin a trace here', () => {
    startSdk();
    const bottlenecks = new BottleneckSpanProcessor();
    const tracer = trace.getTracer('own');
    const start = (name: string, within: Context) => {
      const span = tracer.startSpan(name, {}, within);
      const old = asOfSdk1(span);
      bottlenecks.onStart(old, within);
      const end = () => {
        span.end();
        const { endTime } = span as unknown as SdkSpan;
        bottlenecks.onEnd(Object.assign(old, { endTime }));
      };
      return { inside: trace.setSpanContext(within, span.spanContext()), end };
    };
    const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true };
    for (const from of [ROOT_CONTEXT, trace.setSpanContext(ROOT_CONTEXT, ids)]) {
      const root = start('root', from);
      const child = start('child', root.inside);
      child.end();
      root.end();
    }
    const { traces, spans, bottlenecks: rows } = bottlenecks.summary();
    expect([traces.analyzed, spans]).toEqual([2, { analyzed: 4, late: 0, dropped: 0 }]);
    expect(rows.map(({ name, calls }) => [name, calls]).sort()).toEqual([
      ['child', 2],
      ['root', 2],
    ]);
  });
});

describe('in a host whose sampler leaves out all', () => {
  it('an empty summary says why', () => {
    const sdk = startSdk({ sampler: new AlwaysOffSampler() });
    segment('outer', () => segment('inner', () => 1));
    expect(sdk.bottlenecks.summary().warnings).toEqual([
      "the host's sampler left out all segments (2): record them with " +
        '`new AlwaysRecordSampler(sampler)` of hotspan/processor, or see docs/hosts.md',
    ]);
    sdk.bottlenecks.reset();
    expect(sdk.bottlenecks.summary().warnings).toEqual([]);
  });

  it.each([new AlwaysOnSampler(), new AlwaysRecordSampler(new AlwaysOffSampler())])(
    'nothing is said with %s, nor of what was left out before',
    (sampler) => {
      const sdk = startSdk({ sampler });
      segment('outer', () => 1);
      expect(sdk.bottlenecks.summary()).toMatchObject({ traces: { analyzed: 1 }, warnings: [] });
    },
  );

  it('nothing is said without a provider', () => {
    const bottlenecks = new BottleneckSpanProcessor();
    const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0 };
    context.with(trace.setSpanContext(ROOT_CONTEXT, remote), () => segment('outer', () => 1));
    expect(bottlenecks.summary().warnings).toEqual([]);
  });
});
