import * as traceloop from '@traceloop/node-server-sdk';
import { BottleneckSpanProcessor } from 'hotspan/processor';
import OpenAI from 'openai';

const bottlenecks = new BottleneckSpanProcessor();
traceloop.initialize({ processor: bottlenecks, instrumentModules: { openAI: OpenAI } });

import { tell } from '../tell.js';

const openai = new OpenAI({ maxRetries: 0 });
await traceloop.withWorkflow({ name: 'answer' }, async () => {
  await traceloop.withTool({ name: 'search' }, () => Promise.resolve([]));
  await openai.chat.completions.create({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'Where?' }],
  });
});
await traceloop.forceFlush();
tell(bottlenecks.summary());
process.exit();
