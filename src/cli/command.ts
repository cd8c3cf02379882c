import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ReadOptions } from '../readers/read-options.js';
import { toMarkdown, toText, type MarkdownOptions, type Reportable } from '../report/print.js';
import { lookOf } from '../terminal.js';
import { print } from './output.js';
import { showProgress } from './progress.js';

export interface CommonOptions {
  readonly service?: string;
  readonly since?: string;
  readonly name?: string;
  readonly entry?: string;
  readonly shard?: string;
  readonly limit?: number;
  readonly json?: true;
  readonly markdown?: true;
}

const SOURCE_HELP = `
A source is a file with OTLP (JSON: one document, or one on each line; or Protocol Buffers), JSON of Jaeger,
Tempo or Zipkin, rows of ClickHouse's otel_traces (JSONEachRow), or a summary saved with --json; any of them
may be packed with gzip. It may also be the address of a Jaeger or of a ClickHouse's HTTP interface, or - for
standard input. Several sources are read as one.`;

export function addCommonOptions(command: Command, examples: string, help = ''): Command {
  return command
    .addOption(new Option('--json', 'print JSON').conflicts('markdown'))
    .addOption(new Option('--markdown', 'print Markdown, for a GitHub comment or job summary'))
    .option('--service <name>', 'read only traces with a span of this service')
    .option(
      '--since <time>',
      'read only traces that started since then: 15m, 2h or 7d ago, or 2026-11-24T08:00:00Z (default: all of a file, the last hour of a server)',
    )
    .option('--name <name>', 'read only traces with a segment of this name')
    .option(
      '--entry <name>',
      'only traces of this entry point, or service/name where several services have it',
    )
    .option('--shard <part>', 'only the traces of one part, such as 3/16, by their ids')
    .option(
      '--limit <count>',
      'the most traces to ask a server for, the newest first (default: 1000 of a Jaeger, all of a ClickHouse)',
      count,
    )
    .addHelpText('after', `${help}${SOURCE_HELP}\n\nExamples:\n${examples}`);
}

export function choiceOf({
  service,
  since,
  name,
  entry,
  shard,
  limit,
}: CommonOptions): ReadOptions {
  return { service, since, name, entry, shard, limit, onProgress: showProgress() };
}

export function printResult(
  { json, markdown }: CommonOptions,
  result: Reportable,
  look: MarkdownOptions = {},
  toJson = () => JSON.stringify(result, null, 2),
): void {
  if (json) print(toJson());
  else if (markdown) print(toMarkdown(result, look));
  else print(toText(result, { ...look, ...lookOf() }));
}

/** Collects what an option that may be repeated is given. */
export function repeated(text: string, others: readonly string[] = []): readonly string[] {
  return [...others, text];
}

/** As {@link repeated}, for names. */
export function repeatedName(text: string, others: readonly string[] = []): readonly string[] {
  if (text.trim() === '') throw new InvalidArgumentError('Expected a name.');
  return repeated(text, others);
}

export function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}
