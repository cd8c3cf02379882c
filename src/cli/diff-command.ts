import type { Command } from 'commander';
import { diffSummaries } from '../summaries/diff.js';
import { isTerminal } from '../terminal.js';
import { diffToMarkdown, diffToText } from '../report/diff.js';
import { wholeNumber } from './arguments.js';
import { loadSummaries } from './load-summary.js';
import { addFormOptions, print, type FormOptions } from './output.js';
import { addSourceOptions, SOURCE_HELP, type SourceOptions } from './sources.js';

interface DiffOptions extends SourceOptions, FormOptions {
  readonly top?: number;
}

/** Adds `hotspan diff`. */
export function addDiffCommand(program: Command): void {
  const command = program
    .command('diff')
    .description('two sources side by side: what got faster, slower, cheaper, dearer')
    .argument('<before>', 'a file of traces, or a saved summary')
    .argument('<after>', 'another one')
    .option('--top <count>', 'how many rows to print', wholeNumber);
  addFormOptions(command);
  addSourceOptions(command).addHelpText('after', `${SOURCE_HELP}\n${EXAMPLES}`).action(diff);
}

const EXAMPLES = `
Examples:
  hotspan diff main.json branch.json
  hotspan diff before.jsonl.gz after.jsonl.gz --markdown >> "$GITHUB_STEP_SUMMARY"`;

async function diff(before: string, after: string, options: DiffOptions): Promise<void> {
  const { top } = options;
  const [first, second] = await loadSummaries([[before], [after]], options);
  const found = diffSummaries(first!, second!);
  if (options.json) print(JSON.stringify(found, null, 2));
  else if (options.markdown) print(diffToMarkdown(found, { top }));
  else print(diffToText(found, { top, color: isTerminal() }));
}
