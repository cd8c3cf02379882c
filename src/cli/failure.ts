import { CommanderError } from 'commander';
import { printable } from '../format.js';
import { BAD_INPUT } from './exit-codes.js';
import { BadInputError } from '../errors.js';

const MAX_LENGTH = 1000;

/** Ends the command with what went wrong, in one line on stderr and never with a stack trace. */
export function reportFailure(error: unknown): void {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong; --help and --version come here with 0.
    process.exitCode = error.exitCode === 0 ? 0 : BAD_INPUT;
    return;
  }
  process.exitCode = BAD_INPUT;
  say(inOneLine(error));
}

/** Prints a line on stderr. */
export function say(line: string): void {
  process.stderr.write(`hotspan: ${printable(line, MAX_LENGTH)}\n`);
}

function inOneLine(error: unknown): string {
  if (!(error instanceof Error)) return `something unexpected happened: ${String(error)}`;
  const isExpected = error instanceof BadInputError || 'syscall' in error;
  return isExpected ? error.message : `something unexpected happened: ${error.message}`;
}
