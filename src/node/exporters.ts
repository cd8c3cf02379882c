import { ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { otlpSettings } from '../delivery/otlp-settings.js';
import { OtlpSpanProcessor } from '../delivery/otlp-span-processor.js';
import { oneOfWords, wholeNumber, type Environment } from '../environment.js';

/** OpenTelemetry's 10 s would hold up the end of every program whose receiver hangs. */
const EXPORT_TIMEOUT_MILLIS = 1_500;
/** OpenTelemetry's default, 2,048, loses most of what an agent that fans out ends in one tick. */
const QUEUE_SIZE = 65_536;
const QUEUE_BYTES = 64 * 2 ** 20;
/** A request costs as much as encoding some hundred spans. OpenTelemetry's default is 512. */
const BATCH_SIZE = 4_096;
const DELAY_MILLIS = 5_000;

const EXPORTER = oneOfWords({ otlp: 'otlp', console: 'console', none: 'none' } as const);

/**
 * Makes the exporters that `OTEL_TRACES_EXPORTER` asks for: `otlp` (the default), `console`, `none`, or
 * several of them with commas in between. `otlp` is the one that knows what arrived.
 */
export function makeExporters(env: Environment) {
  const given = env.readList('OTEL_TRACES_EXPORTER', EXPORTER, 'otlp is used') ?? ['otlp'];
  const names = new Set(given.map((name) => name ?? 'otlp'));
  const otlp = names.has('otlp') ? makeOtlp(env) : undefined;
  const processors = [
    ...(otlp === undefined ? [] : [otlp]),
    ...(names.has('console') ? [new SimpleSpanProcessor(new ConsoleSpanExporter())] : []),
  ];
  return { processors, otlp };
}

function makeOtlp(env: Environment): OtlpSpanProcessor {
  const count = (name: string) => env.read(`OTEL_${name}`, wholeNumber(1));
  const ofTraces = count('EXPORTER_OTLP_TRACES_TIMEOUT');
  const timeoutMillis = ofTraces ?? count('EXPORTER_OTLP_TIMEOUT') ?? EXPORT_TIMEOUT_MILLIS;
  const limits = {
    maxPending: count('BSP_MAX_QUEUE_SIZE') ?? QUEUE_SIZE,
    maxPendingBytes: env.read('HOTSPAN_MAX_QUEUE_BYTES', wholeNumber(1)) ?? QUEUE_BYTES,
    batchSize: count('BSP_MAX_EXPORT_BATCH_SIZE') ?? BATCH_SIZE,
    delayMillis: count('BSP_SCHEDULE_DELAY') ?? DELAY_MILLIS,
    timeoutMillis: Math.min(timeoutMillis, count('BSP_EXPORT_TIMEOUT') ?? timeoutMillis),
  };
  return new OtlpSpanProcessor(otlpSettings(env), limits, env.log);
}
