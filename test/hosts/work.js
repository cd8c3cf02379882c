// A request with a call of a model, which is tried twice, by the host's own copy of hotspan.
export function work({ llmCall, segment }) {
  return segment('answer', async () => {
    await segment('search', () => Promise.resolve([]));
    return llmCall(
      { provider: 'openai', model: 'gpt-4o', maxAttempts: 2, backoffMillis: 1 },
      ({ attempt }) => {
        if (attempt === 1) throw new Error('again');
        return { usage: { prompt_tokens: 1_000, completion_tokens: 100 } };
      },
    );
  });
}
