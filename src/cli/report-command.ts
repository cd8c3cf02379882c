import { Option, type Command } from 'commander';
import type { Bottleneck, RankBy, Summary } from '../summary.js';
import { RANK_BY, rerank } from '../ranking/rank-rows.js';
import { isTerminal } from '../terminal.js';
import { toJson } from '../report/json.js';
import { toMarkdown } from '../report/markdown.js';
import { toText } from '../report/text.js';
import { findJaegerUrl, jaegerUrlOption, wholeNumber } from './arguments.js';
import { say } from './failure.js';
import { loadSummary } from './load-summary.js';
import { addFormOptions, print, type FormOptions } from './output.js';
import { addSourceOptions, SOURCE_HELP, type SourceOptions } from './sources.js';

interface ReportOptions extends SourceOptions, FormOptions {
  readonly rankBy?: RankBy;
  readonly top?: number;
  readonly jaegerUrl?: string;
}

/** Adds `hotspan report`. */
export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .description('rank what made users wait, and what it cost')
    .argument('<source...>', 'files or addresses of traces, or saved summaries')
    .addOption(new Option('--rank-by <figure>', 'order of the rows').choices([...RANK_BY]))
    .option('--top <count>', 'how many rows to print (default: 20; all as JSON)', wholeNumber);
  addFormOptions(command).addOption(jaegerUrlOption());
  addSourceOptions(command).addHelpText('after', `${SOURCE_HELP}\n${EXAMPLES}`).action(report);
}

const EXAMPLES = `
Examples:
  hotspan report traces.json
  hotspan report monday.jsonl.gz tuesday.jsonl.gz --rank-by cost --top 5
  hotspan report http://localhost:16686 --service shop --since 1h
  hotspan report summary.json --markdown >> "$GITHUB_STEP_SUMMARY"
  cat traces.json | hotspan report - --json`;

async function report(sources: string[], options: ReportOptions): Promise<void> {
  const { rankBy, top } = options;
  const jaegerUrl = findJaegerUrl(options.jaegerUrl, sources, process.env);
  const loaded = await loadSummary(sources, options);
  const summary = rankBy === undefined ? loaded : rerank(loaded, rankBy);
  if (rankBy !== undefined) sayIfMissing(summary, rankBy);
  if (options.json) {
    print(toJson({ ...summary, bottlenecks: summary.bottlenecks.slice(0, top) }));
  } else if (options.markdown) {
    print(toMarkdown(summary, { top, jaegerUrl }));
  } else {
    print(toText(summary, { top, jaegerUrl, color: isTerminal() }));
  }
}

/** What not every source has to rank by: whether a row has it, and what is said when none has. */
const MAY_BE_MISSING: Partial<
  Record<RankBy, { readonly isIn: (row: Bottleneck) => boolean; readonly text: string }>
> = {
  saving: {
    isIn: (row) => row.savingSeconds !== undefined,
    text: 'no savings are known of this source',
  },
  cost: { isIn: (row) => row.costUsd !== undefined, text: 'no cost is known of this source' },
  waste: { isIn: (row) => (row.wastedSeconds ?? 0) > 0, text: 'nothing was wasted in this source' },
};

function sayIfMissing({ bottlenecks }: Summary, rankBy: RankBy): void {
  const figure = MAY_BE_MISSING[rankBy];
  if (figure === undefined || bottlenecks.some(figure.isIn)) return;
  say(`${figure.text}; its rows are in the order of critical time`);
}
