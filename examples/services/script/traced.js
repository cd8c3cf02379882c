/** The command with hotspan in its code: `echo "Where is my refund?" | node script/traced.js`. */
import { text } from 'node:stream/consumers';
import { startTracing } from 'hotspan/node';
import { answer } from '../traced-assistant.js';

startTracing({ serviceName: 'script', printSummary: true });

const question = await text(process.stdin);
console.log(await answer(question));
// hotspan sends what still waits, and prints the summary, before the process is gone.
process.exit(0);
