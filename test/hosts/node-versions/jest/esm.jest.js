import { expect, test } from '@jest/globals';
import { llmCall } from 'hotspan';
import { startTracing } from 'hotspan/node';

test('a call is ranked, with its cost', async () => {
  const tracing = startTracing({ serviceName: 'jest' });
  const usage = { prompt_tokens: 1_000, completion_tokens: 100 };
  await llmCall({ provider: 'openai', model: 'gpt-4o' }, () => ({ usage }));
  expect(tracing.summary().totals).toMatchObject({ llmCalls: 1, costUsd: 0.0035 });
  await tracing.shutdown();
});
