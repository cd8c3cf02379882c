import { startTracing } from 'hotspan/node';
import { runDemo } from './run-demo.js';

// The demo says itself where the traces went, so hotspan need not.
const tracing = startTracing({ serviceName: 'research-agent', log: () => undefined });
await runDemo({ print: (line) => console.log(line), tracing });
