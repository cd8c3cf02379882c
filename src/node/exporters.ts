import {
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { numberFrom } from './env-number.js';
import { otlpSettings } from '../delivery/otlp-settings.js';
import { OtlpSpanProcessor } from '../delivery/otlp-span-processor.js';

/**
 * How long one request may take, unless a variable says otherwise. OpenTelemetry's 10 s would hold up
 * the end of every program whose receiver hangs.
 */
const EXPORT_TIMEOUT_MILLIS = 1_500;

/** OpenTelemetry's default, 2,048, loses most of what an agent that fans out ends in one tick. */
const QUEUE_SIZE = 65_536;
/**
 * A batch is made into JSON in one go, and the event loop stands still for some 4 µs a span. With
 * OpenTelemetry's default, 512, there are twice as many requests, which cost 0.3 µs a span.
 */
const BATCH_SIZE = 1_024;
const DELAY_MILLIS = 5_000;

/** The processors that export, and the one among them that knows what arrived. */
export interface Exporters {
  readonly processors: readonly SpanProcessor[];
  readonly otlp: OtlpSpanProcessor | undefined;
}

/**
 * What `OTEL_TRACES_EXPORTER` asks for: `otlp` (the default), `console`, `none`, or several of them
 * with commas. Of the settings of `otlp` those in the `OTEL_EXPORTER_OTLP_*` and `OTEL_BSP_*`
 * variables come first.
 */
export function makeExporters(env: NodeJS.ProcessEnv, log: (line: string) => void): Exporters {
  const names = (env.OTEL_TRACES_EXPORTER ?? 'otlp').split(',').map((name) => name.trim());
  const processors: SpanProcessor[] = [];
  let otlp: OtlpSpanProcessor | undefined;
  for (const name of new Set(names)) {
    if (name === 'none') continue;
    if (name === 'console') {
      processors.push(new SimpleSpanProcessor(new ConsoleSpanExporter()));
      continue;
    }
    if (name !== 'otlp' && name !== '') {
      log(
        `hotspan: expected OTEL_TRACES_EXPORTER to be otlp, console or none, got "${name}"; otlp is used.`,
      );
    }
    if (otlp !== undefined) continue;
    sayIfOtherProtocol(env, log);
    otlp = makeOtlp(env, log);
    processors.push(otlp);
  }
  return { processors, otlp };
}

function makeOtlp(env: NodeJS.ProcessEnv, log: (line: string) => void): OtlpSpanProcessor {
  const countFrom = (variable: string) => numberFrom(env, variable, 1, log);
  const timeoutMillis =
    countFrom('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT') ??
    countFrom('OTEL_EXPORTER_OTLP_TIMEOUT') ??
    EXPORT_TIMEOUT_MILLIS;
  const exportTimeoutMillis = countFrom('OTEL_BSP_EXPORT_TIMEOUT') ?? timeoutMillis;
  return new OtlpSpanProcessor(
    otlpSettings(env, log),
    {
      maxQueueSize: countFrom('OTEL_BSP_MAX_QUEUE_SIZE') ?? QUEUE_SIZE,
      batchSize: countFrom('OTEL_BSP_MAX_EXPORT_BATCH_SIZE') ?? BATCH_SIZE,
      delayMillis: countFrom('OTEL_BSP_SCHEDULE_DELAY') ?? DELAY_MILLIS,
      timeoutMillis: Math.min(timeoutMillis, exportTimeoutMillis),
    },
    log,
  );
}

function sayIfOtherProtocol(env: NodeJS.ProcessEnv, log: (line: string) => void): void {
  const specific = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL?.trim() ?? '';
  const protocol = specific !== '' ? specific : (env.OTEL_EXPORTER_OTLP_PROTOCOL?.trim() ?? '');
  if (protocol === '' || protocol === 'http/json') return;
  log(
    `hotspan: expected OTEL_EXPORTER_OTLP_PROTOCOL to be http/json, got "${protocol}"; http/json is used.`,
  );
}
