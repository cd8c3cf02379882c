#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { RANK_BY, rerank, type RankBy } from '../analysis/summary.js';
import { isTerminal } from '../node/printable-summary.js';
import { toJson } from '../report/json.js';
import { toText } from '../report/text.js';
import { VERSION } from '../version.js';
import { BadInputError, readSavedSummary } from './saved-summary.js';

const BAD_INPUT = 2;

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new InvalidArgumentError('Expected a whole number of at least 1.');
  }
  return number;
}

const program = new Command('hotspan')
  .description('What made the user wait, what it cost, and what to make faster.')
  .version(VERSION)
  .exitOverride();

program
  .command('report')
  .description('print a saved summary (what tracing.summary().toJson() returned)')
  .argument('<file>', 'the JSON file')
  .addOption(new Option('--rank-by <figure>', 'order of the rows').choices([...RANK_BY]))
  .option('--top <count>', 'how many rows to print', wholeNumber)
  .option('--json', 'print JSON instead of a table')
  .action((file: string, options: { rankBy?: RankBy; top?: number; json?: boolean }) => {
    const saved = readSavedSummary(file);
    const summary = options.rankBy === undefined ? saved : rerank(saved, options.rankBy);
    const text = options.json
      ? toJson({ ...summary, bottlenecks: summary.bottlenecks.slice(0, options.top) })
      : toText(summary, { top: options.top, color: isTerminal() });
    process.stdout.write(`${text}\n`);
  });

// `hotspan report … | head` closes the pipe early: that is no error.
process.stdout.on('error', () => process.exit());

try {
  program.parse();
} catch (error) {
  if (error instanceof BadInputError) {
    process.stderr.write(`hotspan: ${error.message}\n`);
    process.exitCode = BAD_INPUT;
  } else if (error instanceof CommanderError) {
    // Commander has said what is wrong; --help and --version come here with 0.
    process.exitCode = error.exitCode === 0 ? 0 : BAD_INPUT;
  } else {
    throw error;
  }
}
