import { createRequire } from 'node:module';
import { metrics, trace } from '@opentelemetry/api';
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai';
import { segment } from 'hotspan';
import type { Instrumentation, SdkSpan } from 'hotspan/node';
import { describe, expect, it } from 'vitest';
import { tracingInTests } from '../support/tracing.js';

const { lines, start, receive } = tracingInTests();

class Fake implements Instrumentation {
  readonly calls: string[] = [];
  #tracer = trace.getTracer('none');

  constructor(readonly instrumentationName = 'fake') {}
  enable(): void {
    this.calls.push('enable');
    this.#tracer.startSpan(`of ${this.instrumentationName}`).end();
  }
  disable(): void {
    this.calls.push('disable');
  }
  setTracerProvider(provider: { getTracer: (name: string) => ReturnType<typeof trace.getTracer> }) {
    this.#tracer = provider.getTracer(this.instrumentationName);
  }
}

describe('startTracing({ instrumentations })', () => {
  it('has them make their spans with its provider, until the shutdown', async () => {
    await receive();
    const [one, other] = [new Fake('one'), new Fake('other')];
    const tracing = start({ instrumentations: [one, [[other]]] });
    await tracing.shutdown();
    expect(
      tracing
        .summary()
        .bottlenecks.map(({ name }) => name)
        .sort(),
    ).toEqual(['of one', 'of other']);
    expect([one.calls, other.calls]).toEqual([
      ['enable', 'disable'],
      ['enable', 'disable'],
    ]);
  });

  it('gives them the global provider of metrics, without which calls of OpenAI would end in an uncaught error', async () => {
    await receive();
    const openai = new OpenAIInstrumentation();
    const given: unknown[] = [];
    const setMeterProvider = openai.setMeterProvider.bind(openai);
    openai.setMeterProvider = (provider) => {
      given.push(provider);
      setMeterProvider(provider);
    };
    start({ instrumentations: [openai] });
    expect(given).toEqual([metrics.getMeterProvider()]);
    const { OpenAI } = createRequire(import.meta.url)('openai') as typeof import('openai');
    const fetch = () => Promise.reject(new Error('no network'));
    const client = new OpenAI({ apiKey: 'none', maxRetries: 0, fetch });
    const asked = client.chat.completions.create({ model: 'gpt-4o', messages: [] });
    // An error of the instrumentation would be an unhandled rejection, which vitest reports.
    await expect(asked).rejects.toThrow('Connection error');
  });

  it('leaves out one that fails, and says so in one line', async () => {
    await receive();
    const broken = new Fake('broken');
    broken.enable = () => {
      throw new Error('not today\n  at line 2');
    };
    const tracing = start({ instrumentations: [broken, new Fake('good')] });
    expect(tracing.summary().spans.analyzed).toBe(1);
    expect(lines).toEqual([
      'hotspan: broken could not be switched on, and is left out (not today).',
    ]);
  });

  it.each([
    [
      [{}],
      'expected `instrumentations[0]` to have the methods enable, disable and setTracerProvider, got an object',
    ],
    [[new Fake(), [new Fake(), 1]], 'expected `instrumentations[1][1]` to have the methods'],
    [[Fake], 'setTracerProvider (it is a class: write `new` before it), got a function'],
    [new Fake(), 'expected `instrumentations` to be a list, got an object'],
  ])('refuses what is none', (instrumentations, message) => {
    expect(() => start({ instrumentations } as never)).toThrow(message);
  });
});

describe('startTracing({ spanProcessors })', () => {
  it('gives them every span as well', async () => {
    await receive();
    const seen: string[] = [];
    let isShut = false;
    const tracing = start({
      spanProcessors: [
        {
          onStart: () => undefined,
          onEnd: (span: SdkSpan) => seen.push(span.name),
          forceFlush: () => Promise.resolve(),
          shutdown: () => {
            isShut = true;
            return Promise.resolve();
          },
        },
      ],
    });
    segment('outer', () => segment('inner', () => 1));
    expect(seen).toEqual(['inner', 'outer']);
    expect(tracing.summary().spans.analyzed).toBe(2);
    await tracing.shutdown();
    expect(isShut).toBe(true);
  });

  it('refuses what is none', () => {
    expect(() => start({ spanProcessors: [{}] } as never)).toThrow(
      'startTracing: expected `spanProcessors[0]` to have the methods onStart, onEnd, forceFlush and shutdown, got an object',
    );
  });
});

describe('a provider that is there first', () => {
  it('is named, with what to write for it', async () => {
    await receive();
    const first = start();
    expect(() => start()).toThrow(
      /^startTracing: expected no OpenTelemetry provider yet, but one is registered \(NodeTracerProvider\)\. .* new NodeSDK\(\{ spanProcessors: \[/,
    );
    await first.shutdown();
  });

  it.each([
    [
      '10.1.0',
      /\(Sentry 10\.1\.0\).* Sentry\.init\(\{ openTelemetrySpanProcessors: \[new BottleneckSpanProcessor\(\)\] \}\)$/,
    ],
    ['11.0.0', /\(NodeTracerProvider\).* new NodeTracerProvider\(\{ spanProcessors: \[/],
  ])('is Sentry where Sentry %s has one', async (version, message) => {
    await receive();
    const first = start();
    Object.assign(globalThis, { __SENTRY__: { version } });
    try {
      expect(() => start()).toThrow(message);
    } finally {
      Reflect.deleteProperty(globalThis, '__SENTRY__');
      await first.shutdown();
    }
  });
});
