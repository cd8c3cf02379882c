import { CommanderError } from 'commander';
import { BadInputError } from '../errors.js';
import { plural, singleLine } from '../format.js';
import { withoutSecrets } from '../secrets.js';
import type { Unread } from '../summary.js';
import { eraseProgress } from './progress.js';

/** A budget was broken, or could not be checked. */
export const BUDGET_BROKEN = 1;
/** Bad input or wrong usage: one line on stderr says what was expected. */
export const BAD_INPUT = 2;
/** The command worked, but some of the input could not be read: the result lacks it. */
const INCOMPLETE = 3;
/** What a shell reports of a program that was stopped with Ctrl-C. */
const INTERRUPTED = 130;

const MAX_LENGTH = 1000;

export function print(text: string): void {
  eraseProgress();
  process.stdout.write(`${text}\n`);
}

export function say(line: string): void {
  eraseProgress();
  process.stderr.write(`hotspan: ${singleLine(withoutSecrets(line), MAX_LENGTH)}\n`);
}

/** Says, also with the exit code, that the result lacks a part of the input. */
export function sayUnread(parts: readonly { readonly unread?: Unread | undefined }[]): void {
  const sum = (name: keyof Unread) =>
    parts.reduce((all, { unread }) => all + (unread?.[name] ?? 0), 0);
  const [damaged, spans] = [sum('damaged'), sum('spans')];
  const counts = [
    ...(damaged > 0 ? [plural(damaged, 'damaged piece')] : []),
    ...(spans > 0 ? [`${plural(spans, 'span')} without a usable id`] : []),
  ];
  if (counts.length === 0) return;
  process.exitCode ??= INCOMPLETE;
  say(`the result lacks what could not be read: ${counts.join(' and ')}`);
}

/** Ends the command with one line on stderr that says what went wrong, without a stack trace. */
export function reportFailure(error: unknown): void {
  // Commander has already said what is wrong; --help and --version come here with 0.
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  process.exitCode = isHelp ? 0 : BAD_INPUT;
  if (error instanceof CommanderError) return;
  const message = error instanceof Error ? error.message : String(error);
  const isExpected =
    error instanceof BadInputError || (error instanceof Error && 'syscall' in error);
  say(isExpected ? message : `something unexpected happened: ${message}`);
}

const interrupt = () => process.exit(INTERRUPTED);

/** Ends the command at Ctrl-C. A second one would be needed only for a step that does not listen. */
export function watchInterrupts(): void {
  process.once('SIGINT', interrupt);
}

/** Leaves Ctrl-C to a program that the command runs. */
export function leaveInterrupts(): void {
  process.removeListener('SIGINT', interrupt);
}

/** Ends quietly when nobody reads the output on, as after `head`; says what else goes wrong with it. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    say(`the output could not be written (${error.code ?? error.message})`);
    process.exit(BAD_INPUT);
  });
  // Nobody is left to be told.
  process.stderr.on('error', () => undefined);
}
