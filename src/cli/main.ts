#!/usr/bin/env node
import '../doors/hotspan.js'; // build.js says why.
import { reportFailure, watchInterrupts, watchOutput } from './output.js';
import { makeProgram } from './program.js';

watchOutput();
watchInterrupts();
// Catches what happens beside the command: errors of streams, promises that nobody awaits.
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
