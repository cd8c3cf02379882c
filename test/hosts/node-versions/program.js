import * as hotspan from 'hotspan';
import { startTracing } from 'hotspan/node';
import { tell } from '../tell.js';
import { work } from '../work.js';

const tracing = startTracing({ serviceName: 'elsewhere' });
await work(hotspan);
tell(tracing.summary());
if (process.argv.includes('exit')) process.exit();
await tracing.shutdown();
