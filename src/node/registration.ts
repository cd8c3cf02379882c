import { context, propagation, trace, type TextMapPropagator } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';

/** The API's own provider stands in for a registered one, and has no tracer until there is one. */
export function isProviderRegistered(): boolean {
  const provider = trace.getTracerProvider() as {
    getDelegateTracer?: (name: string) => unknown;
  };
  return provider.getDelegateTracer?.('hotspan') !== undefined;
}

/**
 * Registers the provider, a context manager and the propagator, if there is one, with the API; those of
 * the latter two that the host has registered already stay.
 *
 * @returns takes out again what was registered here
 */
export function register(
  provider: BasicTracerProvider,
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
