import { llmCall, segment } from 'hotspan';
import type OpenAI from 'openai';
import type { Library, Passage } from './documents.js';
import { ANSWER_PROMPT, answerRequest, PLAN_PROMPT, SEARCH_TOOL } from './prompts.js';
import { rerank } from './rerank.js';

/** The agent's model client and documents. */
export interface Agent {
  readonly client: OpenAI;
  readonly library: Library;
}

/** An answer and the passages that it cites. */
export interface Answer {
  readonly text: string;
  readonly cited: readonly Passage[];
}

const SOURCES = 4;
/** The client does not retry (`maxRetries: 0`), so that hotspan sees every attempt. */
const ATTEMPTS = { provider: 'openai', maxAttempts: 3, timeoutMillis: 1_500 };

/**
 * Answers a question: plans searches, runs them side by side, ranks the passages that they found, writes
 * an answer, and checks its citations.
 *
 * @throws the error of the step that failed
 */
export function answerQuestion(agent: Agent, question: string): Promise<Answer> {
  const options = { attributes: { 'app.question': question } };
  return segment('answer question', options, async (span) => {
    const queries = await planSearches(agent, question);
    const found = await Promise.all(queries.map((query) => searchDocuments(agent, query)));
    const passages = withoutRepeats(found.flat());
    const sources = segment('rerank', () => rerank(question, passages).slice(0, SOURCES));
    const text = await writeAnswer(agent, question, sources);
    const cited = segment('check citations', () => checkCitations(text, sources));
    span.setAttribute('app.cited_passages', cited.length);
    return { text, cited };
  });
}

async function planSearches({ client }: Agent, question: string): Promise<string[]> {
  const model = 'gpt-4o-mini';
  const completion = await llmCall({ ...ATTEMPTS, model }, ({ signal }) =>
    client.chat.completions.create(
      {
        model,
        messages: [
          { role: 'system', content: PLAN_PROMPT },
          { role: 'user', content: question },
        ],
        tools: [SEARCH_TOOL],
        tool_choice: 'required',
      },
      { signal },
    ),
  );
  const calls = completion.choices[0]?.message.tool_calls ?? [];
  const queries = calls.flatMap((call) => (call.type === 'function' ? queryOf(call) : []));
  return queries.length === 0 ? [question] : queries;
}

/** Returns the query of a tool call, or nothing if the model wrote bad arguments. */
function queryOf(call: OpenAI.ChatCompletionMessageFunctionToolCall): string[] {
  try {
    const { query } = JSON.parse(call.function.arguments) as { query?: unknown };
    return typeof query === 'string' ? [query] : [];
  } catch {
    return [];
  }
}

function searchDocuments({ library }: Agent, query: string): Promise<Passage[]> {
  const attributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'search_documents',
  };
  return segment('execute_tool search_documents', { attributes }, async (span) => {
    const passages = await library.search(query);
    span.setAttribute('app.found_passages', passages.length);
    return passages;
  });
}

async function writeAnswer(
  { client }: Agent,
  question: string,
  sources: readonly Passage[],
): Promise<string> {
  const model = 'gpt-4o';
  const completion = await llmCall({ ...ATTEMPTS, model }, ({ signal }) => {
    const stream = client.chat.completions.stream(
      {
        model,
        messages: [
          { role: 'system', content: ANSWER_PROMPT },
          { role: 'user', content: answerRequest(question, sources) },
        ],
        stream_options: { include_usage: true },
      },
      { signal },
    );
    // Reads the stream inside the call, so that its span lasts until the last token.
    return stream.finalChatCompletion();
  });
  return completion.choices[0]?.message.content ?? '';
}

/** Returns the passages that `text` cites by number. Throws if it cites one that does not exist. */
function checkCitations(text: string, sources: readonly Passage[]): Passage[] {
  const numbers = new Set([...text.matchAll(/\[(\d+)\]/g)].map((match) => Number(match[1])));
  return [...numbers].map((number) => {
    const source = sources[number - 1];
    if (source === undefined)
      throw new Error(`The answer cites [${number}], but there is no such source.`);
    return source;
  });
}

function withoutRepeats(passages: readonly Passage[]): Passage[] {
  return [...new Map(passages.map((passage) => [passage.id, passage])).values()];
}
