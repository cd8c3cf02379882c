import { expect } from 'vitest';

const BODY = `
async function main() {
  const tracing = startTracing({ serviceName: 'small' });
  await segment('answer', async () => {
    await segment('search', () => new Promise((resolve) => setTimeout(resolve, 20)));
    await llmCall({ provider: 'openai', model: 'gpt-4o' }, () => ({
      usage: { prompt_tokens: 1_000, completion_tokens: 100 },
    }));
  });
  console.log(tracing.summary().toText());
  if (process.argv.includes('exit')) process.exit();
  await tracing.shutdown();
}
main();
`;

/** A small application that traces what it does and prints the ranking, as an ES module; with `exit` it ends before all is sent. */
export const TRACED_MODULE = `import { llmCall, segment } from 'hotspan';
import { startTracing } from 'hotspan/node';
${BODY}`;

/** The same, as CommonJS. */
export const TRACED_COMMONJS = `const { llmCall, segment } = require('hotspan');
const { startTracing } = require('hotspan/node');
${BODY}`;

/** Asserts that a text holds the ranking which the program prints. */
export function expectItsRanking(text: string): void {
  const rows = [...text.matchAll(/^ ([123]) {2}(search|answer|chat gpt-4o) .* %/gm)];
  expect(rows.map(([, rank]) => rank)).toEqual(['1', '2', '3']);
  expect(rows.map(([, , name]) => name).sort()).toEqual(['answer', 'chat gpt-4o', 'search']);
  expect(text).toContain('1 LLM call · 1,000 tokens in, 100 out · $0.0035');
}
