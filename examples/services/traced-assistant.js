/** The same with segments, so that the ranking has the words of the code, and limits of each call. */
import { llmCall, segment } from 'hotspan';
import { complete, search } from './assistant.js';

const CALL = { provider: 'openai', model: 'gpt-4o-mini', maxAttempts: 3, timeoutMillis: 20_000 };

export function answer(question) {
  return segment('answer', async () => {
    const pages = await segment('search', () => search(question));
    const completion = await llmCall(CALL, ({ signal }) =>
      // hotspan tries again, and shows each attempt: the client need not.
      complete(question, pages, { signal, maxRetries: 0 }),
    );
    return completion.choices[0].message.content;
  });
}
