import { startTracing } from 'hotspan/node';
import { runDemo } from './run-demo.js';

// The demo prints where the traces went, so hotspan need not log it.
const tracing = startTracing({ serviceName: 'research-agent', log: () => undefined });
await runDemo({ print: (line) => console.log(line), tracing });
