import {
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { OtlpSpanProcessor } from '../delivery/otlp-span-processor.js';
import { oneOfWords, wholeNumber, type Environment } from './environment.js';
import { otlpSettings, otlpVariable } from './otlp-settings.js';

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

const EXPORTER = oneOfWords({ otlp: 'otlp', console: 'console', none: 'none' } as const);
const PROTOCOL = oneOfWords({ 'http/json': true });

/**
 * Makes the exporters that `OTEL_TRACES_EXPORTER` asks for: `otlp` (the default), `console`, `none`, or
 * several of them with commas in between.
 *
 * @returns the processors that export, and the one among them that knows what arrived
 */
export function makeExporters(env: Environment) {
  const given = env.readList('OTEL_TRACES_EXPORTER', EXPORTER, 'otlp is used') ?? ['otlp'];
  const names = new Set(given.map((name) => name ?? 'otlp'));
  const otlp = names.has('otlp') ? makeOtlp(env) : undefined;
  const processors: SpanProcessor[] = otlp === undefined ? [] : [otlp];
  if (names.has('console')) processors.push(new SimpleSpanProcessor(new ConsoleSpanExporter()));
  return { processors, otlp };
}

function makeOtlp(env: Environment): OtlpSpanProcessor {
  const count = (name: string) => env.read(name, wholeNumber(1));
  env.read(otlpVariable(env, 'PROTOCOL'), PROTOCOL, 'http/json is used');
  const timeoutMillis =
    count('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT') ??
    count('OTEL_EXPORTER_OTLP_TIMEOUT') ??
    EXPORT_TIMEOUT_MILLIS;
  const limits = {
    maxPending: count('OTEL_BSP_MAX_QUEUE_SIZE') ?? QUEUE_SIZE,
    batchSize: count('OTEL_BSP_MAX_EXPORT_BATCH_SIZE') ?? BATCH_SIZE,
    delayMillis: count('OTEL_BSP_SCHEDULE_DELAY') ?? DELAY_MILLIS,
    timeoutMillis: Math.min(timeoutMillis, count('OTEL_BSP_EXPORT_TIMEOUT') ?? timeoutMillis),
  };
  return new OtlpSpanProcessor(otlpSettings(env), limits, env.log);
}
