import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import type { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** The API's own provider stands in for a registered one, and has no tracer until there is one. */
export function isProviderRegistered(): boolean {
  const provider = trace.getTracerProvider() as {
    getDelegateTracer?: (name: string) => unknown;
  };
  return provider.getDelegateTracer?.('hotspan') !== undefined;
}

/**
 * Registers the provider, a context manager and the W3C propagators with the API; those of the latter
 * two that the host has registered already stay.
 *
 * @returns takes out again what was registered here
 */
export function register(provider: NodeTracerProvider): () => void {
  const manager = new AsyncLocalStorageContextManager().enable();
  const isOurContext = context.setGlobalContextManager(manager);
  const isOurPropagation = propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
    }),
  );
  provider.register({ contextManager: null, propagator: null });
  return () => {
    const current = trace.getTracerProvider() as { getDelegate?: () => unknown };
    if (current.getDelegate?.() === provider) trace.disable();
    if (isOurContext) context.disable();
    if (isOurPropagation) propagation.disable();
  };
}
