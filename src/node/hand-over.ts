import { trace, type Tracer, type TracerProvider } from '@opentelemetry/api';

/**
 * Returns a function that has all tracers of a provider make their spans with the one that is registered from
 * then on. Instrumentations are often made before their provider is, and their spans would be lost.
 */
export function prepareHandOver(provider: TracerProvider): () => void {
  // As many as the SDK keeps itself.
  const given = new Map<Tracer, Parameters<TracerProvider['getTracer']>>();
  const getTracer = provider.getTracer.bind(provider);
  provider.getTracer = (...asked) => {
    const tracer = getTracer(...asked);
    given.set(tracer, asked);
    return tracer;
  };
  return () => {
    for (const [tracer, asked] of given) {
      const next = trace.getTracerProvider().getTracer(...asked);
      Object.assign(tracer, {
        startSpan: next.startSpan.bind(next),
        startActiveSpan: next.startActiveSpan.bind(next),
      });
    }
    given.clear();
  };
}
