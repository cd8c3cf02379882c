import { llmCall, segment } from 'hotspan';

export const dynamic = 'force-dynamic';

export async function GET() {
  await segment('answer', () =>
    llmCall({ provider: 'openai', model: 'gpt-4o' }, () => ({
      usage: { prompt_tokens: 1_000, completion_tokens: 100 },
    })),
  );
  return globalThis.Response.json(globalThis.tracing.summary());
}
