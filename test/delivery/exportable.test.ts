import type { Attributes } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import fc from 'fast-check';
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { exportable } from '../../src/delivery/exportable.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';

function spanWith(attributes: Attributes) {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const span = provider.getTracer('t').startSpan('work', { attributes });
  span.addEvent('event', attributes);
  span.addLink({ context: span.spanContext(), attributes });
  span.end();
  return exporter.getFinishedSpans()[0]!;
}

afterEach(() => {
  vi.unstubAllEnvs();
  trace.disable();
});

describe('exportable', () => {
  it('writes as text what OTLP has no number for, and keeps the rest', () => {
    const span = spanWith({
      nan: NaN,
      inf: -Infinity,
      large: 1e20,
      list: [1, NaN],
      fine: 0.5,
      text: 'a',
    });
    const sent = exportable(span);
    const expected = {
      nan: 'NaN',
      inf: '-Infinity',
      large: '100000000000000000000',
      list: ['1', 'NaN'],
      fine: 0.5,
      text: 'a',
    };
    expect(sent.attributes).toEqual(expected);
    expect(sent.events[0]).toMatchObject({ name: 'event', attributes: expected });
    expect(sent.links[0]?.attributes).toEqual(expected);
    expect(sent.spanContext()).toBe(span.spanContext());
    expect(sent.name).toBe('work');
    expect(span.attributes.nan).toBeNaN();
  });

  it('is the span itself when nothing is wrong with it', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.maxSafeInteger(), fc.string(), fc.boolean())),
        (attributes) => {
          const span = spanWith(attributes);
          expect(exportable(span)).toBe(span);
        },
      ),
    );
  });

  it('keeps one span from costing the others', async () => {
    const receiver = await startOtlpReceiver();
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.endpoint);
    const tracing = startTracing({ log: () => undefined });
    segment('bad', { attributes: { ratio: 0 / 0 } }, () => 1);
    segment('good', () => 1);
    await tracing.shutdown();
    await receiver.close();
    expect(receiver.spans.map(({ name, attributes }) => [name, attributes.ratio])).toEqual([
      ['bad', 'NaN'],
      ['good', undefined],
    ]);
  });
});
