import { join } from 'node:path';
import { context, propagation, trace, type TextMapPropagator } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import type { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { oneOfWords, type Environment } from '../environment.js';

const B3_PACKAGE = '@opentelemetry/propagator-b3';

type B3Encoding = 'SINGLE_HEADER' | 'MULTI_HEADER';
interface B3Package {
  readonly B3Propagator: new (options: { injectEncoding: unknown }) => TextMapPropagator;
  readonly B3InjectEncoding: Readonly<Record<B3Encoding, unknown>>;
}

/** The names of OpenTelemetry's specification, without `jaeger`, `xray` and `ottrace`, which are deprecated or of vendors. */
const PROPAGATOR = oneOfWords<((env: Environment) => TextMapPropagator | undefined) | 'none'>({
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: (env) => makeB3(env, 'SINGLE_HEADER'),
  b3multi: (env) => makeB3(env, 'MULTI_HEADER'),
  none: 'none',
});

/** Until a provider is registered, the API's own stands in, and has no tracer. */
export function isProviderRegistered(): boolean {
  const provider = trace.getTracerProvider() as { getDelegateTracer?: (name: string) => unknown };
  return provider.getDelegateTracer?.('hotspan') !== undefined;
}

/**
 * Returns a function that removes what was registered here. A context manager or propagator that the
 * host has registered stays.
 */
export function register(provider: NodeTracerProvider, env: Environment): () => void {
  const propagator = makePropagator(env);
  const manager = new AsyncLocalStorageContextManager().enable();
  const isOurContext = context.setGlobalContextManager(manager);
  const isOurPropagation = propagator !== undefined && propagation.setGlobalPropagator(propagator);
  trace.setGlobalTracerProvider(provider);
  let isOurs = true;
  return () => {
    // Another may have taken the place since.
    if (!isOurs) return;
    isOurs = false;
    const current = trace.getTracerProvider() as { getDelegate?: () => unknown };
    if (current.getDelegate?.() === provider) trace.disable();
    if (isOurContext) context.disable();
    if (isOurPropagation) propagation.disable();
  };
}

/** By default the W3C's trace context and baggage; `undefined` for `none`. */
function makePropagator(env: Environment): TextMapPropagator | undefined {
  const given = env.readList('OTEL_PROPAGATORS', PROPAGATOR);
  if (given?.includes('none') === true) return undefined;
  const propagators =
    given === undefined
      ? [new W3CTraceContextPropagator(), new W3CBaggagePropagator()]
      : given.map((make) => (typeof make === 'function' ? make(env) : undefined));
  return new CompositePropagator({ propagators: propagators.filter((made) => made !== undefined) });
}

/** B3 is no dependency of hotspan's: few ask for it. */
function makeB3(env: Environment, encoding: B3Encoding) {
  // A bundler would follow an import of it, and warn that it cannot.
  const { createRequire } = process.getBuiltinModule('node:module');
  for (const from of [join(process.cwd(), 'program.js'), process.argv[1] ?? '']) {
    try {
      const { B3Propagator, B3InjectEncoding } = createRequire(from)(B3_PACKAGE) as B3Package;
      return new B3Propagator({ injectEncoding: B3InjectEncoding[encoding] });
    } catch {
      // It is not installed there.
    }
  }
  env.log(
    `hotspan: OTEL_PROPAGATORS asks for b3, which needs a package: npm install ${B3_PACKAGE}. ` +
      'Until then b3 is ignored.',
  );
  return undefined;
}
