#!/usr/bin/env node
import { INTERRUPTED } from './exit-codes.js';
import { reportFailure } from './failure.js';
import { watchOutput } from './output.js';
import { makeProgram } from './program.js';

watchOutput();
// Reading is given up at once; a second Ctrl-C ends a step that does not listen.
process.once('SIGINT', () => process.exit(INTERRUPTED));
// Of what runs beside the command: a stream, a promise that nobody awaits.
process.on('uncaughtException', (error) => {
  reportFailure(error);
  process.exit();
});

const program = makeProgram();
try {
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  reportFailure(error);
}
