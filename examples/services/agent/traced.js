/** The agent with hotspan in its code: `node agent/traced.js`. */
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, stepCountIs, tool } from 'ai';
import { segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
import { z } from 'zod';
import { search } from '../assistant.js';

startTracing({ serviceName: 'agent', printSummary: true });

const openai = createOpenAI();

const { text } = await segment('answer', () =>
  generateText({
    model: openai.chat('gpt-4o'),
    prompt: 'Where is my refund?',
    tools: {
      search: tool({
        description: 'Finds help pages',
        inputSchema: z.object({ query: z.string() }),
        execute: ({ query }) => search(query),
      }),
    },
    stopWhen: stepCountIs(5),
    // The AI SDK makes a span of each step, call and tool.
    experimental_telemetry: { isEnabled: true, functionId: 'answer' },
  }),
);
console.log(text);
