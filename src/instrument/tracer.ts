import { trace, type Tracer, type TracerProvider } from '@opentelemetry/api';
import { VERSION } from '../version.js';

let provider: TracerProvider | undefined;
let tracer: Tracer | undefined;
/** The provider that was last found to be backed by an SDK: it stays so until it is disabled. */
let backed: TracerProvider | undefined;

/** The tracer of whatever provider is registered now. */
export function currentTracer(): Tracer {
  return tracerOf(trace.getTracerProvider());
}

/** The same; undefined when no provider is registered, so that nobody would see a span. */
export function registeredTracer(): Tracer | undefined {
  const registered = trace.getTracerProvider();
  if (registered !== backed) {
    // The API's own provider stands in for a registered one, and has no tracer until there is one.
    const { getDelegateTracer } = registered as { getDelegateTracer?: (name: string) => unknown };
    if (getDelegateTracer?.call(registered, 'hotspan') === undefined && getDelegateTracer) {
      return undefined;
    }
    backed = registered;
  }
  return tracerOf(registered);
}

function tracerOf(registered: TracerProvider): Tracer {
  // The API hands out one provider object until it is disabled; its tracer follows registrations.
  if (tracer === undefined || provider !== registered) {
    provider = registered;
    tracer = registered.getTracer('hotspan', VERSION);
  }
  return tracer;
}
