import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BottleneckSpanProcessor } from 'hotspan/processor';

const bottlenecks = new BottleneckSpanProcessor();
const sdk = new NodeSDK({
  spanProcessors: [bottlenecks, new BatchSpanProcessor(new OTLPTraceExporter())],
});
sdk.start();

import OpenAI from 'openai';
import { llmCall, segment } from 'hotspan';
import { tell } from '../tell.js';

const ask = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Where?' }] };
await segment('answer', () =>
  llmCall({ provider: 'openai', model: 'gpt-4o' }, () =>
    new OpenAI({ maxRetries: 0 }).chat.completions.create(ask),
  ),
);
await sdk.shutdown();
tell(bottlenecks.summary());
