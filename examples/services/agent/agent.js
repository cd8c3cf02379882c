/** An agent on the AI SDK, without a change: `npx hotspan run -- node agent/agent.js`. */
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, stepCountIs, tool } from 'ai';
import { z } from 'zod';
import { search } from '../assistant.js';

const openai = createOpenAI();

const { text } = await generateText({
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
});
console.log(text);
