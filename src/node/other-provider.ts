import { join } from 'node:path';
import { trace, type TraceAPI } from '@opentelemetry/api';
import { pick, text } from '../fields.js';

const SET = 'setGlobalTracerProvider';
/** Later ones leave OpenTelemetry to the program: a provider beside them is somebody else's. */
const LAST_SENTRY_WITH_PROVIDER = 10;
const PROCESSOR = 'new BottleneckSpanProcessor()';

/** The provider that is registered, behind the API's own that stands in for it. */
export function registeredProvider(): unknown {
  const proxy = trace.getTracerProvider() as { getDelegate?: () => unknown };
  return proxy.getDelegate?.();
}

/** Says whose provider it is, and what to write so that hotspan ranks its spans. */
export function describeProvider(provider: unknown): {
  readonly whose: string;
  readonly hint: string;
} {
  const sentry = text(pick(globalThis, ['__SENTRY__', 'version']));
  if (sentry !== undefined && Number.parseInt(sentry, 10) <= LAST_SENTRY_WITH_PROVIDER) {
    return {
      whose: `Sentry ${sentry}`,
      hint: `Sentry.init({ openTelemetrySpanProcessors: [${PROCESSOR}] })`,
    };
  }
  const { name } = (Object(provider) as object).constructor;
  const inSdk = `new NodeSDK({ spanProcessors: [${PROCESSOR}, new BatchSpanProcessor(exporter)] })`;
  const alone = `new NodeTracerProvider({ spanProcessors: [${PROCESSOR}] })`;
  return { whose: name, hint: `${inSdk} or ${alone}` };
}

/**
 * Calls `onOther` before the program registers a provider of its own, with what its OpenTelemetry's API is.
 * Without that the API would refuse the second provider, and the program's own telemetry would be lost.
 */
export function watchForOtherProvider(
  folder: string,
  onOther: (provider: unknown) => void,
): () => void {
  const unwatch = [...new Set([trace, apiOf(folder)])].map((api) => {
    const original = Reflect.get<TraceAPI, typeof SET>(api, SET);
    const watching: typeof original = (provider) => {
      stop();
      onOther(provider);
      return api.setGlobalTracerProvider(provider);
    };
    api.setGlobalTracerProvider = watching;
    return () => {
      if (api.setGlobalTracerProvider === watching) api.setGlobalTracerProvider = original;
    };
  });
  const stop = () => {
    for (const each of unwatch) each();
  };
  return stop;
}

/** The application may have a copy of the API of its own. */
function apiOf(folder: string): TraceAPI {
  // A bundler would follow an import of it, and warn that it cannot.
  const { createRequire } = process.getBuiltinModule('node:module');
  try {
    const api: unknown = createRequire(join(folder, 'package.json'))('@opentelemetry/api');
    const { trace: own } = api as { readonly trace?: TraceAPI };
    return typeof own?.setGlobalTracerProvider === 'function' ? own : trace;
  } catch {
    return trace;
  }
}
