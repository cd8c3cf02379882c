/**
 * A program that ends in the way that its first argument names. Its second argument says how many spans
 * end before that. Two more spans are still open. Right before its end, the program writes the time in
 * milliseconds since the epoch to stdout.
 */
import { setInterval, setTimeout } from 'node:timers';
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';

const [way = 'return', spans = '100'] = process.argv.slice(2);
if (way === 'process.exit() in a listener') process.on('exit', () => process.exit(3));
const tracing = startTracing({ serviceName: 'ending', printSummary: 'json' });

const aboutToEnd = () => {
  // All in one turn of the event loop, so that no request is on its way yet.
  for (let i = 0; i < Number(spans); i += 1) segment('work', () => i);
  void segment('answer', () => segment('ask the model', () => new Promise(() => undefined)));
  process.stdout.write(`${Date.now()}\n`);
};

const stayAlive = () => setInterval(() => undefined, 1_000);

const ways = {
  return: () => aboutToEnd(),
  beforeExit: () => process.once('beforeExit', aboutToEnd),
  shutdown: async () => {
    aboutToEnd();
    await tracing.shutdown();
  },
  'process.exit()': () => {
    stayAlive();
    aboutToEnd();
    process.exit(7);
  },
  'uncaught exception': () => {
    stayAlive();
    aboutToEnd();
    throw new Error('from the program');
  },
  'unhandled rejection': () => {
    stayAlive();
    aboutToEnd();
    void Promise.reject(new Error('from the program'));
  },
  SIGTERM: () => {
    stayAlive();
    aboutToEnd();
  },
  SIGINT: () => {
    stayAlive();
    aboutToEnd();
  },
  'SIGTERM, own handler': () => {
    stayAlive();
    process.on('SIGTERM', () => process.exit(5));
    aboutToEnd();
  },
  'SIGTERM, handlers removed': () => {
    stayAlive();
    process.removeAllListeners('SIGTERM');
    aboutToEnd();
  },
  'SIGTERM, busy': () => {
    aboutToEnd();
    // The signal comes while the thread does not listen, and its last work is done right after.
    process.kill(process.pid, 'SIGTERM');
    void tracing.shutdown().then(stayAlive);
  },
  'process.exit() in a listener': () => {
    stayAlive();
    aboutToEnd();
    process.exit(7);
  },
};

// Waits until the event loop runs.
setTimeout(() => void ways[way](), 10);
