import { context, SpanStatusCode, trace, type SpanContext } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import fc from 'fast-check';
import { segment } from 'hotspan';
import {
  AlwaysRecordSampler,
  TailSamplingSpanProcessor,
  type TailSamplingOptions,
} from 'hotspan/processor';
import { describe, expect, it } from 'vitest';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();

describe('AlwaysRecordSampler', () => {
  it('has everything ranked, and nothing exported that is not sampled', () => {
    const sdk = startSdk({ sampler: new AlwaysRecordSampler(new AlwaysOffSampler()) });
    segment('answer', () => segment('search', () => 1));
    expect(sdk.bottlenecks.summary().spans.analyzed).toBe(2);
    expect(sdk.spans()).toEqual([]);
  });

  it('leaves the decision to the other sampler, and tells those who are called', () => {
    const sdk = startSdk({ sampler: new AlwaysRecordSampler(new TraceIdRatioBasedSampler(0.5)) });
    const flags: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      segment('answer', (span) => flags.push(span.spanContext().traceFlags));
    }
    expect(sdk.bottlenecks.summary().traces.analyzed).toBe(20);
    expect(flags.filter((flag) => flag !== 0)).toHaveLength(sdk.spans().length);
    expect(new AlwaysRecordSampler(new AlwaysOffSampler()).toString()).toBe(
      'AlwaysRecordSampler{AlwaysOffSampler}',
    );
  });
});

interface MadeSpan {
  readonly id: number;
  readonly traceId?: string;
  readonly parent?: Partial<SpanContext>;
  readonly millis?: number;
  readonly failed?: boolean;
  readonly attributes?: Record<string, unknown>;
  readonly name?: string;
  readonly flags?: number;
}

/** The part of a span that the sampling reads. */
function made({ id, traceId, parent, millis = 10, failed = false, ...more }: MadeSpan) {
  const spanContext = {
    traceId: traceId ?? id.toString(16).padStart(32, '0'),
    spanId: id.toString(16).padStart(16, '0'),
    traceFlags: more.flags ?? 1,
  };
  return {
    name: more.name ?? 'root',
    kind: 0,
    startTime: [1, 0] as [number, number],
    endTime: [1, millis * 1e6] as [number, number],
    status: { code: failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: more.attributes ?? {},
    parentSpanContext:
      parent === undefined ? undefined : { ...spanContext, spanId: 'f'.repeat(16), ...parent },
    spanContext: () => spanContext,
  };
}
type Made = ReturnType<typeof made>;

function sampling(options: TailSamplingOptions) {
  const passedOn: Made[] = [];
  const tail = new TailSamplingSpanProcessor(
    {
      onStart: () => undefined,
      onEnd: (span: Made) => passedOn.push(span),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
    options,
  );
  const start = (span: Made) => tail.onStart(span, context.active());
  const run = (...spans: Made[]) => {
    for (const span of spans) start(span);
    for (const span of [...spans].reverse()) tail.onEnd(span);
  };
  return { tail, passedOn, start, run };
}

/** By its id no trace of these tests is chosen, but one that ends in zeros. */
const UNCHOSEN = 'a'.repeat(24) + 'ffffffff';
const CHOSEN = 'a'.repeat(24) + '00000000';
const NOTHING = { errors: false, slowest: 0, oneIn: 1_000_000 };

describe('TailSamplingSpanProcessor', () => {
  it('keeps whole traces with an error anywhere in them', () => {
    const { run, passedOn, tail } = sampling({ ...NOTHING, errors: true });
    const traceId = UNCHOSEN;
    const good = made({ id: 1, traceId: 'b'.repeat(32) });
    run(good);
    const [root, child] = [
      made({ id: 2, traceId }),
      made({ id: 3, traceId, parent: {}, failed: true }),
    ];
    run(root, child);
    expect(passedOn).toEqual([child, root]);
    expect(tail.share).toEqual({ traces: 2, exported: 1, spansLeftOut: 1 });
  });

  it('does not take a failed attempt for an error', () => {
    const { run, passedOn } = sampling({ ...NOTHING, errors: true });
    const attributes = { 'hotspan.attempt.number': 1 };
    const traceId = UNCHOSEN;
    run(made({ id: 1, traceId }), made({ id: 2, traceId, parent: {}, failed: true, attributes }));
    expect(passedOn).toEqual([]);
  });

  it('keeps the slowest of each name, also when the service becomes slower', () => {
    const { run, passedOn } = sampling({ ...NOTHING, slowest: 0.05 });
    let id = 0;
    const many = (name: string, base: number) => {
      const before = passedOn.length;
      for (let i = 0; i < 4_000; i += 1) {
        run(
          made({
            id: (id += 1),
            traceId: `${String(id).padStart(24, '0')}ffffffff`,
            name,
            millis: base + ((i * 7919) % 1_000) / 10,
          }),
        );
      }
      return passedOn.length - before;
    };
    for (const kept of [many('quick', 1), many('slow', 500)]) {
      expect(kept).toBeGreaterThan(4_000 * 0.03);
      expect(kept).toBeLessThan(4_000 * 0.07);
    }
    // At first all of them are slower than before, which is soon the new normal.
    expect(many('quick', 50)).toBeLessThan(2_000);
    expect(many('quick', 50)).toBeLessThan(4_000 * 0.07);
  });

  it('keeps one in so many of the rest, the same in every service', () => {
    const ids = fc.sample(fc.integer({ min: 0, max: 0xffffffff }), { numRuns: 20_000, seed: 1 });
    const keptBy = (oneIn: number) => {
      const { run, passedOn } = sampling({ ...NOTHING, oneIn });
      ids.forEach((random, i) =>
        run(
          made({
            id: i,
            traceId: i.toString(16).padStart(24, '0') + random.toString(16).padStart(8, '0'),
          }),
        ),
      );
      return new Set(passedOn.map((span) => span.spanContext().traceId));
    };
    const [hundredth, tenth] = [keptBy(100), keptBy(10)];
    expect([...hundredth].every((traceId) => tenth.has(traceId))).toBe(true);
    expect(keptBy(1).size).toBe(20_000);
  });

  it('has what ends late follow its trace', () => {
    const { run, passedOn, start, tail } = sampling(NOTHING);
    for (const traceId of [CHOSEN, UNCHOSEN]) {
      const late = made({ id: 9, traceId, parent: {} });
      start(late);
      run(made({ id: 8, traceId }));
      tail.onEnd(late);
    }
    expect(passedOn.map((span) => span.spanContext().traceId)).toEqual([CHOSEN, CHOSEN]);
    expect(tail.share.spansLeftOut).toBe(2);
  });

  it('waits for every local root of a trace that is open', () => {
    const { passedOn, start, tail } = sampling({ ...NOTHING, errors: true });
    const traceId = UNCHOSEN;
    const parent = { isRemote: true };
    const [a, b] = [
      made({ id: 1, traceId, parent }),
      made({ id: 2, traceId, parent, failed: true }),
    ];
    start(a);
    start(b);
    tail.onEnd(a);
    expect(passedOn).toEqual([]);
    tail.onEnd(b);
    expect(passedOn).toEqual([a, b]);
  });

  it('keeps what is open at shutdown, and nothing that was not sampled at the head', async () => {
    const { passedOn, start, tail } = sampling(NOTHING);
    const [root, child] = [
      made({ id: 1 }),
      made({ id: 2, traceId: made({ id: 1 }).spanContext().traceId, parent: {} }),
    ];
    start(root);
    tail.onEnd(child);
    const unsampled = made({ id: 3, flags: 0 });
    start(unsampled);
    tail.onEnd(unsampled);
    await tail.shutdown();
    expect(passedOn).toEqual([child]);
  });

  it('loses no span of a trace that has two local roots', async () => {
    const { passedOn, start, tail } = sampling(NOTHING);
    const traceId = made({ id: 1 }).spanContext().traceId;
    start(made({ id: 1 }));
    const child = made({ id: 2, traceId, parent: {} });
    tail.onEnd(child);
    start(made({ id: 3, traceId }));
    await tail.shutdown();
    expect(passedOn).toEqual([child]);
  });

  it('stays within its memory, and loses count of nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ trace: fc.nat(30), isRoot: fc.boolean(), ends: fc.boolean() }), {
          maxLength: 200,
        }),
        fc.integer({ min: 1, max: 20 }),
        (events, maxSpans) => {
          const { passedOn, start, tail } = sampling({ oneIn: 2, slowest: 0, maxSpans });
          let ended = 0;
          let openTraces = 0;
          events.forEach(({ trace: number, isRoot, ends }, i) => {
            const traceId = (number * 0x11111111).toString(16).padStart(32, '0');
            const span = made({ id: i, traceId, ...(isRoot ? {} : { parent: {} }) });
            start(span);
            if (ends) {
              tail.onEnd(span);
              ended += 1;
            } else openTraces += 1;
            expect(ended - passedOn.length - tail.share.spansLeftOut).toBeLessThanOrEqual(maxSpans);
          });
          void tail.shutdown();
          expect(passedOn.length + tail.share.spansLeftOut).toBe(ended);
          expect(openTraces).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it('works with the SDK: all is ranked, and the traces that matter are exported', () => {
    const exporter = new InMemorySpanExporter();
    const tail = new TailSamplingSpanProcessor(new SimpleSpanProcessor(exporter), {
      ...NOTHING,
      errors: true,
    });
    const sdk = startSdk({ processors: [tail], exported: false });
    trace.getTracer('t').startSpan('fine').end();
    for (let i = 0; i < 5; i += 1) segment('fine', () => 1);
    const fail = () =>
      segment('answer', () =>
        segment('search', () => {
          throw new Error('no');
        }),
      );
    expect(fail).toThrow('no');
    const names = exporter.getFinishedSpans().map(({ name }) => name);
    expect(names.filter((name) => name !== 'fine')).toEqual(['search', 'answer']);
    expect(sdk.bottlenecks.summary().spans.analyzed).toBe(8);
  });

  it.each([
    { errors: 1 },
    { slowest: 2 },
    { slowest: Number.NaN },
    { oneIn: 0 },
    { maxSpans: 0.5 },
    { keep: 1 },
  ])('refuses wrong options: %j', (options) => {
    expect(() => sampling(options as TailSamplingOptions)).toThrow(/^TailSamplingSpanProcessor: /);
  });
});
