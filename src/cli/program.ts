import { Command } from 'commander';
import { addressWithoutSecrets } from '../secrets.js';
import { VERSION } from '../version.js';
import { addCheckCommand } from './check-command.js';
import { addDiffCommand } from './diff-command.js';
import { say } from './output.js';
import { addReportCommand } from './report-command.js';
import { addRunCommand } from './run-command.js';
import { addViewCommand } from './view-command.js';
import { addWhatIfCommand } from './what-if-command.js';

const HELP = `
Examples:
  hotspan report traces.json
  hotspan diff before.json after.json
  hotspan check traces.json --max p95:search=300ms --max cost=0.05
  hotspan what-if traces.json --row search --factor 0.5
  hotspan run -- node app.js
  hotspan view

"hotspan report --help" says more. Results go to stdout, notes to stderr. Exit codes: 0, 1 when a budget is
broken, 2 on bad input or usage, 3 when some of the input could not be read; of "run", that of the program.`;

export function makeProgram(): Command {
  const program = new Command('hotspan')
    .description('What made the user wait, what it cost, and what to make faster.')
    .version(VERSION)
    .addHelpText('after', HELP)
    .showSuggestionAfterError()
    // What stands after the command of "run" is the command's own.
    .enablePositionalOptions()
    .exitOverride();
  addReportCommand(program);
  addDiffCommand(program);
  addCheckCommand(program);
  addWhatIfCommand(program);
  addRunCommand(program);
  addViewCommand(program);
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ outputError: (text) => say(usageLine(command, text)) });
  }
  return program;
}

/** Puts Commander's lines into one, and says where to look. */
function usageLine(command: Command, text: string): string {
  const said = text
    // Commander repeats wrong arguments, and an address may hold a password.
    .replace(/'(https?:.*@.*)'/gis, (_, address: string) => `'${addressWithoutSecrets(address)}'`)
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  const path = command.parent === null ? '' : `${command.parent.name()} `;
  return `${said} (see ${path}${command.name()} --help)`;
}
