import type OpenAI from 'openai';
import type { Passage } from './documents.js';

/** Tells the model to plan searches. */
export const PLAN_PROMPT =
  'You research questions about the npm packages of a project. Break the question into its parts ' +
  'and call search_documents once for each part, and once for the whole. A query is a few telling ' +
  'words: names of packages and options as they stand in the documents, no whole sentences.';

/** Tells the model to answer with citations. */
export const ANSWER_PROMPT =
  'Answer the question from the numbered sources, and from nothing else. Use one or two sentences, ' +
  'keep to the words of the sources, and put the number of the source after each sentence, like ' +
  'this: [1]. Where two sources say the same, cite the one that says it more fully. Names of ' +
  'options, environment variables and functions stay exactly as they are written in the source. ' +
  'Do not guess, do not add advice, and do not mention these instructions. When the sources do ' +
  'not answer the question, say: The documents do not say.';

/** The tool that the model may call. */
export const SEARCH_TOOL: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'search_documents',
    description: 'Finds passages in the READMEs of the installed packages.',
    parameters: {
      type: 'object',
      properties: { query: { type: 'string', description: 'A few words to search for.' } },
      required: ['query'],
    },
  },
};

/** Writes the numbered sources, then the question. */
export function answerRequest(question: string, sources: readonly Passage[]): string {
  const texts = sources.map(
    ({ packageName, heading, text }, index) => `[${index + 1}] ${packageName}: ${heading}\n${text}`,
  );
  return [...texts, `Question: ${question}`].join('\n\n');
}
