import type { Command } from 'commander';
import { readSummaries } from '../readers/read-summary.js';
import { diffSummaries } from '../summaries/diff.js';
import { addCommonOptions, count, choiceOf, printResult, type CommonOptions } from './command.js';
import { toHtml } from '../report/html.js';
import { sayUnread } from './output.js';
import { findJaegerUrl, jaegerUrlOption } from './report-command.js';
import { writeFile } from './written-files.js';

interface DiffOptions extends CommonOptions {
  readonly top?: number;
  readonly html?: string;
  readonly jaegerUrl?: string;
}

const EXAMPLES = `  hotspan diff main.json branch.json
  hotspan diff main.json branch.json --html page.html
  hotspan diff before.jsonl.gz after.jsonl.gz --markdown >> "$GITHUB_STEP_SUMMARY"`;

export function addDiffCommand(program: Command): void {
  const command = program
    .command('diff')
    .description('compare two sources: what got faster, slower, cheaper, dearer')
    .argument('<before>', 'a file or address of traces, or a saved summary')
    .argument('<after>', 'another one')
    .option('--html <file>', 'also write a page to look at in a browser')
    .option('--top <count>', 'the most rows to print', count)
    .addOption(jaegerUrlOption());
  addCommonOptions(command, EXAMPLES).action(diff);
}

async function diff(before: string, after: string, options: DiffOptions): Promise<void> {
  const { top, html } = options;
  const jaegerUrl = findJaegerUrl(options.jaegerUrl, [before, after], process.env);
  const [first, second] = await readSummaries([before, after], choiceOf(options));
  sayUnread([first!, second!]);
  const result = diffSummaries(first!, second!);
  if (html !== undefined) writeFile('the page', html, toHtml(result, { jaegerUrl }));
  printResult(options, result, { top });
}
