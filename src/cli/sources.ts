import type { Command } from 'commander';
import { wholeNumber } from './arguments.js';

/** Which traces of the sources are read. */
export interface SourceOptions {
  readonly service?: string;
  readonly since?: string;
  readonly name?: string;
  readonly limit?: number;
}

/** What a SOURCE may be, for the help of every command that reads some. */
export const SOURCE_HELP = `
A source is a file with a Jaeger JSON export, OTLP JSON (one document or one per line), either of them
gzipped, or a summary that was saved as JSON; - for stdin; or the address of a Jaeger, with --service.
Several are read as one.`;

/** Adds `--service`, `--since`, `--name` and `--limit`. */
export function addSourceOptions(command: Command): Command {
  return command
    .option(
      '--service <name>',
      'only traces in which this service takes part; a Jaeger address needs one',
    )
    .option(
      '--since <time>',
      'only traces since then: 15m, 2h or 7d ago, or 2026-11-24T08:00:00Z (default: all; of a Jaeger the last hour)',
    )
    .option('--name <name>', 'only traces with a segment of this name')
    .option(
      '--limit <count>',
      'how many traces to ask a Jaeger for, the newest first (default: 1000)',
      wholeNumber,
    );
}
