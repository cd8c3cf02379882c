import { LangfuseSpanProcessor } from '@langfuse/otel';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BottleneckSpanProcessor } from 'hotspan/processor';

const bottlenecks = new BottleneckSpanProcessor();
const sdk = new NodeSDK({ spanProcessors: [bottlenecks, new LangfuseSpanProcessor()] });
sdk.start();

import { awaitAllCallbacks } from '@langchain/core/callbacks/promises';
import { CallbackHandler } from '@langfuse/langchain';
import { startActiveObservation, startObservation } from '@langfuse/tracing';
import { tell } from '../tell.js';
import { makeChain } from './chain.js';

await startActiveObservation('agent', () => {
  startObservation('search', {}, { asType: 'tool' }).end();
  const asked = { model: 'gpt-4o', input: 'Where?' };
  const usageDetails = { input: 600, input_cached_tokens: 400, output: 100, total: 1_100 };
  startObservation('ask', asked, { asType: 'generation' }).update({ usageDetails }).end();
});
await makeChain().invoke({ place: 'France' }, { callbacks: [new CallbackHandler()] });
// LangChain calls its handlers in the background.
await awaitAllCallbacks();
await sdk.shutdown();
tell(bottlenecks.summary());
