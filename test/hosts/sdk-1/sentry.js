import * as Sentry from '@sentry/node';
import { BottleneckSpanProcessor } from 'hotspan/processor';

const bottlenecks = new BottleneckSpanProcessor();
Sentry.init({
  dsn: process.env.SENTRY_DSN,
  tracesSampleRate: Number(process.env.SAMPLE_RATE ?? 1),
  openTelemetrySpanProcessors: [bottlenecks],
});

import * as hotspan from 'hotspan';
import { tell } from '../tell.js';
import { work } from '../work.js';

await work(hotspan);
await Sentry.flush(2_000);
tell(bottlenecks.summary());
process.exit();
