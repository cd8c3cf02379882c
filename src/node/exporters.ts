import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { otlpEndpoint } from './otlp-endpoint.js';
import { ReportingExporter } from './reporting-exporter.js';

/**
 * How long one export may take, its retries included, unless a variable says otherwise. The
 * exporter's own 10 s would hold up the end of every program whose receiver is not there, because the
 * exporter waits for its retries. Less than what the end of the program waits, so that a loss is
 * counted by then.
 */
const EXPORT_TIMEOUT_MILLIS = 1_500;

/**
 * The SDK's defaults (2,048 and 512) lose most of what an agent that fans out ends in one tick.
 * A large queue needs large batches: at the end they are all exported side by side.
 */
const QUEUE_SIZE = 65_536;
const BATCH_SIZE = 4_096;

/** The processors that export, and the exporter that knows what arrived. */
export interface Exporters {
  readonly processors: readonly SpanProcessor[];
  readonly otlp: ReportingExporter | undefined;
  /** How long one export may take, in milliseconds. */
  readonly exportTimeoutMillis: number;
}

/**
 * What `OTEL_TRACES_EXPORTER` asks for: `otlp` (the default), `console`, `none`, or several of them
 * with commas. Of the settings of `otlp` those in the `OTEL_EXPORTER_OTLP_*` and `OTEL_BSP_*`
 * variables come first.
 */
export function makeExporters(env: NodeJS.ProcessEnv, log: (line: string) => void): Exporters {
  const names = (env.OTEL_TRACES_EXPORTER ?? 'otlp').split(',').map((name) => name.trim());
  const exportTimeoutMillis =
    countFrom(env, 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', log) ??
    countFrom(env, 'OTEL_EXPORTER_OTLP_TIMEOUT', log) ??
    EXPORT_TIMEOUT_MILLIS;
  const processors: SpanProcessor[] = [];
  let otlp: ReportingExporter | undefined;
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
    otlp = makeOtlp(env, log, exportTimeoutMillis);
    processors.push(
      new BatchSpanProcessor(otlp, {
        maxQueueSize: countFrom(env, 'OTEL_BSP_MAX_QUEUE_SIZE', log) ?? QUEUE_SIZE,
        maxExportBatchSize: countFrom(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', log) ?? BATCH_SIZE,
      }),
    );
  }
  return { processors, otlp, exportTimeoutMillis };
}

function makeOtlp(
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
  timeoutMillis: number,
): ReportingExporter {
  const { url, isValid } = otlpEndpoint(env);
  if (!isValid) {
    log(`hotspan: expected the OTLP endpoint in OTEL_* to be an http(s) URL; ${url} is used.`);
  }
  const exporter = new OTLPTraceExporter({ timeoutMillis, ...(isValid ? {} : { url }) });
  return new ReportingExporter(exporter, url, log);
}

/** The variable's number; undefined when it is not set, or no count from 1, which is said. */
function countFrom(
  env: NodeJS.ProcessEnv,
  variable: string,
  log: (line: string) => void,
): number | undefined {
  const text = env[variable]?.trim() ?? '';
  if (text === '') return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  log(
    `hotspan: expected ${variable} to be a whole number of at least 1, got "${text}"; it is ignored.`,
  );
  return undefined;
}
