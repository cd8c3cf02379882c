import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { startActiveObservation } from '@langfuse/tracing';
import { throwAway, thrownAway } from '../throw-away.js';

const metadata = () => ({ text: 'text', number: 3, flag: true });

export function start(destination) {
  const processor = new LangfuseSpanProcessor({
    publicKey: 'pk-lf-bench',
    secretKey: 'sk-lf-bench',
    baseUrl: destination.endpoint ?? 'http://127.0.0.1:9',
    ...(destination.kind === 'receiver' ? {} : { exporter: throwAway() }),
  });
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  provider.register();
  return {
    pair: () =>
      startActiveObservation('outer', async (outer) => {
        outer.update({ metadata: metadata() });
        return startActiveObservation('inner', async (inner) => {
          inner.update({ metadata: metadata() });
          return 1;
        });
      }),
    flush: () => processor.forceFlush(),
    exported: thrownAway,
  };
}
