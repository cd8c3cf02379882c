import { format } from 'node:util';
import { context, diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { withoutSecrets } from '../secrets.js';
import { oneOfWords, type Environment } from './environment.js';

const LEVEL = oneOfWords({
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
});

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
