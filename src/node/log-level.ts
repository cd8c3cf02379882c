import { format } from 'node:util';
import { context, diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';

const LEVELS: Readonly<Record<string, DiagLogLevel>> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
};

/**
 * Logs what OpenTelemetry has to say about itself, from the level of `OTEL_LOG_LEVEL` on. Without that
 * variable it stays as the host has set it, by default silent.
 */
export function setLogLevel(env: NodeJS.ProcessEnv, log: (line: string) => void): void {
  const name = env.OTEL_LOG_LEVEL?.trim().toLowerCase() ?? '';
  if (name === '') return;
  const level = Object.hasOwn(LEVELS, name) ? LEVELS[name] : undefined;
  if (level === undefined) {
    const known = Object.keys(LEVELS).join(', ');
    log(`hotspan: expected OTEL_LOG_LEVEL to be one of ${known}, got "${name}"; it is ignored.`);
    return;
  }
  const say = (message: string, ...more: unknown[]) => {
    // Behind the colon is what the receiver said, which may hold what is private.
    const isOfExport = isTracingSuppressed(context.active());
    const text = isOfExport ? (message.split(':', 1)[0] ?? '') : format(message, ...more);
    log(`OpenTelemetry: ${withoutCredentials(text)}`);
  };
  const logger: DiagLogger = { error: say, warn: say, info: say, debug: say, verbose: say };
  diag.setLogger(logger, { logLevel: level, suppressOverrideMessage: true });
}

/** Variables are quoted when they cannot be read, and a URL may hold a password. */
function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/\s@]*@/g, '//');
}
