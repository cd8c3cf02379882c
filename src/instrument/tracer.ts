import { trace, type Tracer, type TracerProvider } from '@opentelemetry/api';
import { VERSION } from '../version.js';

let provider: TracerProvider | undefined;
let tracer: Tracer | undefined;

/** The tracer of whatever provider is registered now. */
export function currentTracer(): Tracer {
  // The API hands out one provider object until it is disabled; its tracer follows registrations.
  const registered = trace.getTracerProvider();
  if (tracer === undefined || provider !== registered) {
    provider = registered;
    tracer = registered.getTracer('hotspan', VERSION);
  }
  return tracer;
}
