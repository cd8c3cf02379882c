import { trace, type Tracer, type TracerProvider } from '@opentelemetry/api';
import { VERSION } from '../version.js';

let provider: TracerProvider | undefined;
let tracer: Tracer | undefined;
/** The provider that was last found to have an SDK behind it. It keeps that until it is disabled. */
let backed: TracerProvider | undefined;

/** `undefined` when no provider is registered, so that nobody would see a span. */
export function registeredTracer(): Tracer | undefined {
  const registered = trace.getTracerProvider();
  if (registered !== backed) {
    // The API's own provider has no tracer until another one is registered.
    const { getDelegateTracer } = registered as { getDelegateTracer?: (name: string) => unknown };
    if (getDelegateTracer?.call(registered, 'hotspan') === undefined && getDelegateTracer) {
      return undefined;
    }
    backed = registered;
  }
  return currentTracer(registered);
}

export function currentTracer(registered = trace.getTracerProvider()): Tracer {
  // The API returns the same provider until it is disabled; its tracer follows registrations.
  if (tracer === undefined || provider !== registered) {
    provider = registered;
    tracer = registered.getTracer('hotspan', VERSION);
  }
  return tracer;
}
