import { setTimeout as delay } from 'node:timers/promises';
import { llmCall, segment } from 'hotspan';
import type OpenAI from 'openai';
import { sourcesAndQuestion } from '../stand-in-model.js';

/** A model and its client. */
export interface Model {
  readonly client: OpenAI;
  readonly model: string;
}

/** The agent's data. A real shop would use a database and a search index. */
const ORDERS = new Map([
  [
    '1041',
    'Order 1041 is a coffee machine that was delivered on 2 March. It was paid with a gift card.',
  ],
]);
const PAGES = [
  'A coffee machine can be returned within 30 days after it was delivered, also when it was opened.',
  'The postage of a return is paid by the shop when the machine is faulty, else by the customer.',
  'A gift card gets its money back within two days after the return has arrived.',
  'The guarantee of a coffee machine lasts for three years, and for five years with registration.',
];
const ANSWER_PROMPT = 'Answer the customer from the sources, in one or two sentences.';
const FOLLOW_UP_PROMPT = 'Say what the customer may want to know next, from the sources.';

/** Loads the order that a question is about. */
export function loadOrder(question: string, signal: AbortSignal): Promise<string> {
  const number = /\d{4}/.exec(question)?.[0] ?? '';
  return executeTool('load_order', () =>
    delay(40, ORDERS.get(number) ?? 'There is no such order.', { signal }),
  );
}

/** Finds pages of the shop's handbook. */
export function searchPages(signal: AbortSignal): Promise<readonly string[]> {
  return executeTool('search_pages', () => delay(90, PAGES, { signal }));
}

/** Answers the question from the sources. */
export function writeAnswer(
  model: Model,
  question: string,
  sources: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  return ask(model, ANSWER_PROMPT, sourcesAndQuestion(sources, question), signal);
}

/** Suggests what the customer may ask next. */
export function suggestFollowUp(
  model: Model,
  sources: readonly string[],
  answer: string,
  signal: AbortSignal,
): Promise<string> {
  return ask(model, FOLLOW_UP_PROMPT, sourcesAndQuestion(sources, answer), signal);
}

function executeTool<T>(name: string, fn: () => Promise<T>): Promise<T> {
  const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name };
  return segment(`execute_tool ${name}`, { attributes }, fn);
}

/** Asks the model once. The step around it sets the time limit and the number of attempts. */
async function ask(
  { client, model }: Model,
  system: string,
  user: string,
  stepSignal: AbortSignal,
): Promise<string> {
  const completion = await llmCall(
    { provider: 'openai', model, signal: stepSignal },
    ({ signal }) =>
      client.chat.completions.create(
        {
          model,
          messages: [
            { role: 'system', content: system },
            { role: 'user', content: user },
          ],
        },
        { signal },
      ),
  );
  return completion.choices[0]?.message.content ?? '';
}
