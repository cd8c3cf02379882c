import { createRequire } from 'node:module';
import type { TextMapPropagator } from '@opentelemetry/api';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';

/** Loaded where it is asked for: few do, and it takes as long as all of hotspan's own code. */
function b3(): typeof import('@opentelemetry/propagator-b3') {
  return createRequire(import.meta.url)('@opentelemetry/propagator-b3') as ReturnType<typeof b3>;
}

/** What OpenTelemetry's specification names; `jaeger`, `xray` and `ottrace` are deprecated or of vendors. */
const PROPAGATORS: Readonly<Record<string, () => TextMapPropagator>> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => new (b3().B3Propagator)(),
  b3multi: () => {
    const { B3InjectEncoding, B3Propagator } = b3();
    return new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER });
  },
};

const DEFAULT = 'tracecontext,baggage';

/**
 * What `OTEL_PROPAGATORS` asks for, by default the W3C's trace context and baggage; undefined for
 * `none`. Names that are not known are left out, and said.
 */
export function makePropagator(
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): TextMapPropagator | undefined {
  const given = env.OTEL_PROPAGATORS?.trim() ?? '';
  const names = new Set((given === '' ? DEFAULT : given).split(',').map((name) => name.trim()));
  if (names.has('none')) return undefined;
  const propagators: TextMapPropagator[] = [];
  for (const name of names) {
    const make = Object.hasOwn(PROPAGATORS, name) ? PROPAGATORS[name] : undefined;
    if (make !== undefined) propagators.push(make());
    else {
      const known = [...Object.keys(PROPAGATORS), 'none'].join(', ');
      log(`hotspan: expected OTEL_PROPAGATORS to name ${known}, got "${name}"; it is left out.`);
    }
  }
  return new CompositePropagator({ propagators });
}
