import { trace } from '@opentelemetry/api';
import * as traceloop from '@traceloop/node-server-sdk';
import { throwAway, thrownAway } from '../throw-away.js';

const attributes = () => ({ 'app.text': 'text', 'app.number': 3, 'app.flag': true });

export function start(destination) {
  process.env.TRACELOOP_TELEMETRY = 'false';
  traceloop.initialize({
    appName: 'bench',
    apiKey: 'bench',
    baseUrl: destination.endpoint ?? 'http://127.0.0.1:9',
    traceloopSyncEnabled: false,
    silenceInitializationMessage: true,
    logLevel: 'error',
    ...(destination.kind === 'receiver' ? {} : { exporter: throwAway() }),
  });
  return {
    pair: () =>
      traceloop.withWorkflow({ name: 'outer' }, async () => {
        trace.getActiveSpan().setAttributes(attributes());
        return traceloop.withTask({ name: 'inner' }, async () => {
          trace.getActiveSpan().setAttributes(attributes());
          return 1;
        });
      }),
    flush: () => traceloop.forceFlush(),
    exported: thrownAway,
  };
}
