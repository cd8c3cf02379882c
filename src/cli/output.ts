import { Option, type Command } from 'commander';
import { BAD_INPUT } from './exit-codes.js';
import { say } from './failure.js';

/** In which form the output is; a table for a person when neither is set. */
export interface FormOptions {
  readonly json?: true;
  readonly markdown?: true;
}

/** Adds `--json` and `--markdown`. */
export function addFormOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', 'print JSON').conflicts('markdown'))
    .addOption(new Option('--markdown', 'print Markdown, for a GitHub comment or job summary'));
}

/** Prints the output that was asked for. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Ends quietly when the reader of the output has gone, as `head` does; says what else goes wrong. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    say(`the output could not be written (${error.code ?? error.message})`);
    process.exit(BAD_INPUT);
  });
  // Nobody is left to be told.
  process.stderr.on('error', () => undefined);
}
