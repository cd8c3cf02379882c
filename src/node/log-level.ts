import { format } from 'node:util';
import { diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
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
  // Variables are quoted when they cannot be read, and a URL may hold a password.
  const say = (message: string, ...more: unknown[]) =>
    env.log(`OpenTelemetry: ${withoutSecrets(format(message, ...more))}`);
  const logger: DiagLogger = { error: say, warn: say, info: say, debug: say, verbose: say };
  diag.setLogger(logger, { logLevel, suppressOverrideMessage: true });
}
