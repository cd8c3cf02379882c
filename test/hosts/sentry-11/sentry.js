import * as Sentry from '@sentry/node';
import { startTracing } from 'hotspan/node';

Sentry.init({ dsn: process.env.SENTRY_DSN, tracesSampleRate: 1 });
const tracing = startTracing({ serviceName: 'shop' });

import * as hotspan from 'hotspan';
import { tell } from '../tell.js';
import { work } from '../work.js';

await Sentry.startSpan({ name: 'of Sentry' }, () => work(hotspan));
await tracing.shutdown();
await Sentry.flush(2_000);
tell(tracing.summary());
process.exit();
