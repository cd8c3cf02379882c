import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { BottleneckSpanProcessor } from 'hotspan/processor';
import { LangSmithOTLPTraceExporter } from 'langsmith/experimental/otel/exporter';
import { LangSmithOTLPSpanProcessor } from 'langsmith/experimental/otel/processor';
import { initializeOTEL } from 'langsmith/experimental/otel/setup';

const bottlenecks = new BottleneckSpanProcessor();
const toLangSmith = new LangSmithOTLPSpanProcessor(new LangSmithOTLPTraceExporter());
const provider = new NodeTracerProvider({ spanProcessors: [bottlenecks, toLangSmith] });
provider.register();
initializeOTEL({ globalTracerProvider: provider });

import { setTimeout } from 'node:timers/promises';
import { traceable } from 'langsmith/traceable';
import { wrapOpenAI } from 'langsmith/wrappers';
import OpenAI from 'openai';
import { tell } from '../tell.js';

const openai = wrapOpenAI(new OpenAI({ maxRetries: 0 }));
const search = traceable((query) => [query], { name: 'search', run_type: 'tool' });
const answer = traceable(
  async (question) => {
    const [content] = await search(question);
    return openai.chat.completions.create({
      model: 'gpt-4o',
      messages: [{ role: 'user', content }],
    });
  },
  { name: 'answer' },
);
await answer('Where?');
// LangSmith ends its spans when it sends its batch.
while (bottlenecks.summary().traces.analyzed === 0) await setTimeout(20);
await provider.forceFlush();
tell(bottlenecks.summary());
process.exit();
