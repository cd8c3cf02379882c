import { Command } from 'commander';
import { withoutUser } from '../readers/source-name.js';
import { VERSION } from '../version.js';
import { addCheckCommand } from './check-command.js';
import { addDiffCommand } from './diff-command.js';
import { say } from './failure.js';
import { addReportCommand } from './report-command.js';

const HELP = `
Examples:
  hotspan report traces.json
  hotspan diff before.json after.json
  hotspan check traces.json --max p95:search=300ms --max cost=0.05

"hotspan report --help" has more. Output goes to stdout, notes to stderr; it exits with 0, with 1 when a
budget is broken, and with 2 on bad input or usage.`;

/** The command line of `hotspan`. Its errors are thrown, after a line on stderr. */
export function makeProgram(): Command {
  const program = new Command('hotspan')
    .description('What made the user wait, what it cost, and what to make faster.')
    .version(VERSION)
    .addHelpText('after', HELP)
    .showSuggestionAfterError()
    .exitOverride();
  addReportCommand(program);
  addDiffCommand(program);
  addCheckCommand(program);
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ outputError: (text) => say(usageLine(command, text)) });
  }
  return program;
}

/** Commander repeats arguments that are wrong; in an address there may be a password. */
function withoutUsers(text: string): string {
  return text.replace(/'(https?:.*@.*)'/gis, (_, address: string) => `'${withoutUser(address)}'`);
}

/** What Commander says over several lines, as one, with where to look. */
function usageLine(command: Command, text: string): string {
  const said = withoutUsers(text)
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  const path = command.parent === null ? '' : `${command.parent.name()} `;
  return `${said} (see ${path}${command.name()} --help)`;
}
