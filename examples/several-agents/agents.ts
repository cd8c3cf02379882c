import { setTimeout as delay } from 'node:timers/promises';
import { answerFrom, executeTool, invokeAgent, type AgentContext } from './gen-ai.js';

const REVIEWS = [
  'Customers like the Aroma machine most, because it is easy to clean and makes good coffee.',
  'The pump of the Moka machine is too loud for many customers, though it starts quickly.',
];
const FORUM = ['In the forum, people ask again and again when the Aroma machine will be on sale.'];
const SALES = [
  'The Aroma machine was sold most last month: 412 times, a quarter more than the month before.',
  'The Moka machine was sold 388 times last month, as often as in the month before.',
];

/** Finds out what customers say. Its two tools run side by side. */
export function researcher(agent: AgentContext, question: string): Promise<string> {
  const { signal } = agent;
  return invokeAgent('researcher', async () => {
    const found = await Promise.all([
      executeTool('search_reviews', () => delay(90, REVIEWS, { signal })),
      executeTool('search_forum', () => delay(60, FORUM, { signal })),
    ]);
    return answerFrom(agent, 'Say what customers think.', found.flat(), question);
  });
}

/** Finds out what was sold. This agent runs in its own process. */
export function analyst(agent: AgentContext, question: string): Promise<string> {
  const { signal } = agent;
  return invokeAgent('analyst', async () => {
    const sales = await executeTool('query_sales', () => delay(500, SALES, { signal }));
    return answerFrom(agent, 'Say what the figures show.', sales, question);
  });
}

/** Answers the question from what the others found. */
export function writer(
  agent: AgentContext,
  findings: readonly string[],
  question: string,
): Promise<string> {
  return invokeAgent('writer', () =>
    answerFrom(agent, 'Recommend one machine, and say why.', findings, question),
  );
}

/** Sends the answer to the team. The mailbox always refuses it, to show a step that fails. */
export function sendAnswer(answer: string): Promise<void> {
  return executeTool('send_answer', async () => {
    await delay(30);
    // With this status, hotspan does not retry.
    const refused = new Error(`the mailbox refused ${answer.length} characters from an agent`);
    throw Object.assign(refused, { status: 403 });
  });
}
