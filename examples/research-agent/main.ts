import { startTracing } from 'hotspan/node';
import { runDemo } from './run-demo.js';

const view = process.argv.includes('--view');
// The demo prints where the traces went, so hotspan need not log it: only where the page is.
const log = view ? console.error : () => undefined;
const tracing = startTracing({ serviceName: 'research-agent', view, log });
const print = (line: string) => console.log(line);
await runDemo({ print, tracing, ...(view ? { beforeEnd: untilInterrupted } : {}) });

/** The page goes with the process. */
async function untilInterrupted(): Promise<void> {
  print('The page stays until you press Ctrl-C.\n');
  const keptAlive = setInterval(() => undefined, 60_000);
  await new Promise((resolve) => process.once('SIGINT', resolve));
  clearInterval(keptAlive);
}
