import { InvalidArgumentError, Option, type Command } from 'commander';
import { BadInputError } from '../errors.js';
import { RANK_BY } from '../ranking/rank-rows.js';
import { addressesOfJaegers } from '../readers/clickhouse-api.js';
import { readSummary } from '../readers/read-summary.js';
import { isHttpUrl, JAEGER_URL, JAEGER_VARIABLE, jaegerUi } from '../report/jaeger-link.js';
import { toJson } from '../report/printable-summary.js';
import type { Bottleneck, RankBy, Summary } from '../summary.js';
import {
  addCommonOptions,
  count,
  choiceOf,
  repeatedName,
  printResult,
  type CommonOptions,
} from './command.js';
import { say, sayUnread } from './output.js';
import { addFileOptions, writeFiles, type FileOptions } from './written-files.js';

interface ReportOptions extends CommonOptions, FileOptions {
  readonly rankBy?: RankBy;
  readonly top?: number;
  readonly jaegerUrl?: string;
  readonly slow?: true;
  readonly by?: readonly string[];
}

const EXAMPLES = `  hotspan report traces.json
  hotspan report monday.jsonl.gz tuesday.jsonl.gz --rank-by cost --top 5
  hotspan report http://localhost:16686 --service shop --since 1h
  hotspan report 'http://localhost:8123/?database=otel' --service shop --since 1d
  hotspan report traces.json --slow
  hotspan report traces.json --html page.html --speedscope paths.json
  hotspan report traces.json --by session.id --by tool
  hotspan report summary.json --markdown >> "$GITHUB_STEP_SUMMARY"
  cat traces.json | hotspan report - --json`;

export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .description('rank what made users wait, and what it cost')
    .argument('<source...>', 'files or addresses of traces, or saved summaries')
    .addOption(new Option('--rank-by <figure>', 'order the rows by').choices([...RANK_BY]))
    .option('--top <count>', 'the most rows to print (default: 20; all as JSON)', count)
    .option(
      '--by <attribute>',
      'also group by an attribute, such as session.id, or by session, user, tenant, route, agent or tool; may be repeated',
      repeatedName,
    )
    .option('--slow', 'print what makes the slowest 5 % of each entry point slow, not the ranking')
    .addOption(jaegerUrlOption());
  addCommonOptions(addFileOptions(command), EXAMPLES).action(report);
}

async function report(sources: string[], options: ReportOptions): Promise<void> {
  const { rankBy, top, slow, by } = options;
  const jaegers = await addressesOfJaegers(sources);
  const jaegerUrl = findJaegerUrl(options.jaegerUrl, jaegers, process.env);
  const summary = await readSummary(sources, { ...choiceOf(options), rankBy, by });
  sayUnread([summary]);
  if (rankBy !== undefined) sayIfUnknown(summary, rankBy);
  writeFiles(options, summary, jaegerUrl);
  printResult(options, summary, { top, jaegerUrl, slow }, () =>
    toJson({ ...summary, bottlenecks: summary.bottlenecks.slice(0, top) }),
  );
}

/** The figures to rank by that a source may lack. */
const MAY_BE_UNKNOWN: Partial<Record<RankBy, readonly [(row: Bottleneck) => boolean, string]>> = {
  saving: [({ savingSeconds }) => savingSeconds !== undefined, 'no row has a known saving'],
  cost: [({ costUsd }) => costUsd !== undefined, 'no row has a known cost'],
  waste: [({ wastedSeconds = 0 }) => wastedSeconds > 0, 'no row has wasted time'],
};

function sayIfUnknown({ bottlenecks }: Summary, rankBy: RankBy): void {
  const [isKnown, problem] = MAY_BE_UNKNOWN[rankBy] ?? [];
  if (isKnown === undefined || bottlenecks.some(isKnown)) return;
  say(`${problem!}: the rows are ordered by critical time`);
}

export function jaegerUrlOption(): Option {
  return new Option(
    '--jaeger-url <url>',
    'link spans to the Jaeger UI there (default: HOTSPAN_JAEGER_URL, or the Jaeger that is read)',
  ).argParser(jaegerUrl);
}

function jaegerUrl(text: string): string {
  if (isHttpUrl(text)) return text;
  throw new InvalidArgumentError(`Expected ${JAEGER_URL.expected}.`);
}

/**
 * Finds the address of the Jaeger UI: in the option, or else among the sources, or else in the variable
 * HOTSPAN_JAEGER_URL.
 */
export function findJaegerUrl(
  option: string | undefined,
  sources: readonly string[],
  env: NodeJS.ProcessEnv,
): string | undefined {
  const variable = env[JAEGER_VARIABLE]?.trim() ?? '';
  const address = option ?? sources.find(isHttpUrl) ?? variable;
  if (address === '') return undefined;
  if (isHttpUrl(address)) return jaegerUi(address);
  throw new BadInputError(`${JAEGER_VARIABLE}: expected ${JAEGER_URL.expected}`);
}
