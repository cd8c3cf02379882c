import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { BottleneckSpanProcessor } from 'hotspan/processor';

const bottlenecks = new BottleneckSpanProcessor();
const sdk = new NodeSDK({
  spanProcessors: [bottlenecks, new BatchSpanProcessor(new OTLPTraceExporter())],
  instrumentations: [new OpenAIInstrumentation()],
});
sdk.start();

import { createRequire } from 'node:module';
import { llmCall } from 'hotspan';
import { tell } from '../tell.js';

// The instrumentation sees what is required after it is there.
const { OpenAI } = createRequire(import.meta.url)('openai');
const openai = new OpenAI({ maxRetries: 0 });
const ask = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Where?' }] };
await openai.chat.completions.create(ask);
const streamed = { ...ask, stream: true, stream_options: { include_usage: true } };
for await (const { choices } of await openai.chat.completions.create(streamed)) void choices;
await llmCall({ provider: 'openai', model: 'gpt-4o' }, () => openai.chat.completions.create(ask));
await sdk.shutdown();
tell(bottlenecks.summary());
