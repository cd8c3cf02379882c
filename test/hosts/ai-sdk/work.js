import { llmCall, segment } from 'hotspan';
import { z } from 'zod';

// One call with a tool, which asks the model twice; one streamed, one embedding, and one inside an `llmCall`.
export async function work(ai, createOpenAI, telemetry) {
  const openai = createOpenAI();
  const ask = { model: openai.chat('gpt-4o'), prompt: 'Where?', ...telemetry };
  const search = ai.tool({
    description: 'Finds places.',
    inputSchema: z.object({}),
    execute: () => Promise.resolve('Paris'),
  });
  await segment('answer', () =>
    ai.generateText({ ...ask, tools: { search }, stopWhen: ai.stepCountIs(2) }),
  );
  await segment('stream', () => ai.streamText(ask).consumeStream());
  const model = openai.textEmbeddingModel('text-embedding-3-small');
  await segment('embed', () => ai.embed({ model, value: 'Paris', ...telemetry }));
  await llmCall({ provider: 'openai', model: 'gpt-4o' }, () => ai.generateText(ask));
}
