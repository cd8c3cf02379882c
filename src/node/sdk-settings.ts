import { arch, hostname } from 'node:os';
import { format } from 'node:util';
import { context, diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import type { SpanLimits } from '@opentelemetry/sdk-trace-node';
import { withoutSecrets } from '../secrets.js';
import { SERVICE_NAME } from '../semconv.js';
import { oneOfWords, wholeNumber, type Environment } from '../environment.js';
import type { TracingOptions } from './start-tracing.js';

const LEVEL = oneOfWords({
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
});

/** OpenTelemetry's default for limits where no variable is set. */
const COUNT = 128;

/**
 * Logs what OpenTelemetry has to say about itself, from the level of `OTEL_LOG_LEVEL` on. Without that
 * variable it stays as the host has set it, by default silent.
 */
export function setLogLevel(env: Environment): void {
  const logLevel = env.read('OTEL_LOG_LEVEL', LEVEL);
  if (logLevel === undefined) return;
  const say = (message: string, ...more: unknown[]) => {
    // Behind the colon of an export's message stands what the receiver said, which may be private.
    const isOfExport = isTracingSuppressed(context.active());
    const text = isOfExport ? message.split(':', 1)[0]! : format(message, ...more);
    // Variables are quoted when they cannot be read, and a URL may hold a password.
    env.log(`OpenTelemetry: ${withoutSecrets(text)}`);
  };
  const logger: DiagLogger = { error: say, warn: say, info: say, debug: say, verbose: say };
  diag.setLogger(logger, { logLevel, suppressOverrideMessage: true });
}

/**
 * The options come before `OTEL_SERVICE_NAME`, and that before `OTEL_RESOURCE_ATTRIBUTES`. The SDK's own
 * process detector also records the command line, in which people pass keys, and its host detector is
 * asynchronous, which holds every span back until it is done. Neither is used.
 */
export function makeResource(
  options: TracingOptions,
  env: Environment,
  defaultName = 'unknown_service:node',
) {
  const { serviceName, resourceAttributes } = options;
  const here = resourceFromAttributes({
    [SERVICE_NAME]: defaultName,
    'host.name': hostname(),
    'host.arch': arch(),
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
  });
  const given = resourceFromAttributes({
    ...resourceAttributes,
    ...(serviceName === undefined ? {} : { [SERVICE_NAME]: serviceName }),
  });
  const named = detectResources({ detectors: [envDetector] });
  // The detector drops all attributes when it cannot read one, and does not report it.
  const name = 'OTEL_RESOURCE_ATTRIBUTES';
  const isGiven = /[^,\s]/.test(env.text(name) ?? '');
  if (isGiven && Object.keys(named.attributes).every((key) => key === SERVICE_NAME)) {
    env.complain(name, 'key=value,key=value with "," and "=" percent-encoded within');
  }
  return here.merge(named).merge(given);
}

/**
 * Reads the limits of spans; those of spans come before those of all attributes. OpenTelemetry's SDK reads
 * the variables as well, but drops everything by a limit below 0, and does not report a wrong one.
 */
export function spanLimits(env: Environment): Required<SpanLimits> {
  const limit = (name: string, least = 0) => env.read(`OTEL_${name}`, wholeNumber(least));
  // Both are read, so that a mistake in either is reported.
  const length = limit('ATTRIBUTE_VALUE_LENGTH_LIMIT', 1);
  const count = limit('ATTRIBUTE_COUNT_LIMIT');
  // The specification's name, and the one that the SDK has for it.
  const ofPart = (part: string) =>
    limit(`${part}_ATTRIBUTE_COUNT_LIMIT`) ?? limit(`SPAN_ATTRIBUTE_PER_${part}_COUNT_LIMIT`);
  return {
    attributeValueLengthLimit: limit('SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 1) ?? length ?? Infinity,
    attributeCountLimit: limit('SPAN_ATTRIBUTE_COUNT_LIMIT') ?? count ?? COUNT,
    eventCountLimit: limit('SPAN_EVENT_COUNT_LIMIT') ?? COUNT,
    linkCountLimit: limit('SPAN_LINK_COUNT_LIMIT') ?? COUNT,
    attributePerEventCountLimit: ofPart('EVENT') ?? COUNT,
    attributePerLinkCountLimit: ofPart('LINK') ?? COUNT,
  };
}
