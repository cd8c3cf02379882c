import { context, propagation, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { BottleneckSpanProcessor, type BottleneckOptions } from 'hotspan/processor';
import { afterEach } from 'vitest';

/** The real SDK, its spans in memory, with hotspan's processor in it. */
export interface Sdk {
  readonly bottlenecks: BottleneckSpanProcessor;
  /** The spans that ended, in that order. */
  spans(): ReadableSpan[];
  /** The one span of this name. */
  span(name: string): ReadableSpan;
  /** The name of the span's parent. */
  parentName(name: string): string | undefined;
}

/** Registers the real SDK for one test. */
export function startSdk(
  options: {
    bottlenecks?: BottleneckOptions;
    sampler?: Sampler;
    processors?: SpanProcessor[];
    /** Whether the spans are kept in memory. Default true. */
    exported?: boolean;
  } = {},
): Sdk {
  const exporter = new InMemorySpanExporter();
  const bottlenecks = new BottleneckSpanProcessor(options.bottlenecks);
  let ids = 0;
  const nextId = (length: number) => (ids += 1).toString(16).padStart(length, '0');
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'test' }),
    // Not random, so that a test may hold on to Math.random.
    idGenerator: { generateTraceId: () => nextId(32), generateSpanId: () => nextId(16) },
    spanProcessors: [
      ...(options.processors ?? []),
      bottlenecks,
      ...(options.exported === false ? [] : [new SimpleSpanProcessor(exporter)]),
    ],
    ...(options.sampler === undefined ? {} : { sampler: options.sampler }),
  });
  provider.register();
  const spans = () => exporter.getFinishedSpans();
  const span = (name: string) => {
    const found = spans().filter((candidate) => candidate.name === name);
    if (found.length !== 1) throw new Error(`expected one span ${name}, found ${found.length}`);
    return found[0]!;
  };
  return {
    bottlenecks,
    spans,
    span,
    parentName: (name) => {
      const id = span(name).parentSpanContext?.spanId;
      return spans().find((candidate) => candidate.spanContext().spanId === id)?.name;
    },
  };
}

/** Takes whatever is registered out of the process after every test of the file. */
export function stopSdkAfterEach(): void {
  afterEach(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
}

/** Seconds and nanoseconds as one number, exact. */
export function nanosOf([seconds, nanos]: readonly [number, number]): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}
