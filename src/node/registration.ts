import { context, propagation, trace, type TextMapPropagator } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** Returns `true` if a provider is registered. Until then the API's own stands in, and has no tracer. */
export function isProviderRegistered(): boolean {
  const provider = trace.getTracerProvider() as {
    getDelegateTracer?: (name: string) => unknown;
  };
  return provider.getDelegateTracer?.('hotspan') !== undefined;
}

/**
 * Registers the provider, a context manager and the propagator with the API. A context manager or
 * propagator that the host has registered stays.
 *
 * @returns a function that removes what was registered here
 */
export function register(
  provider: NodeTracerProvider,
  propagator: TextMapPropagator | undefined,
): () => void {
  const manager = new AsyncLocalStorageContextManager().enable();
  const isOurContext = context.setGlobalContextManager(manager);
  const isOurPropagation = propagator !== undefined && propagation.setGlobalPropagator(propagator);
  trace.setGlobalTracerProvider(provider);
  return () => {
    const current = trace.getTracerProvider() as { getDelegate?: () => unknown };
    if (current.getDelegate?.() === provider) trace.disable();
    if (isOurContext) context.disable();
    if (isOurPropagation) propagation.disable();
  };
}
