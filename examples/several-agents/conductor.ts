import { runSteps, step } from 'hotspan';
import { terminalProgress } from 'hotspan/node';
import type OpenAI from 'openai';
import { researcher, sendAnswer, writer } from './agents.js';
import type { AnalystProcess } from './analyst-process.js';
import { agentAttributes } from './gen-ai.js';

/** The model's client and the other process. */
export interface Conductor {
  readonly client: OpenAI;
  readonly analyst: AnalystProcess;
}

/** The time limit and the attempts of each agent. */
const AGENT = { timeoutMillis: 10_000, maxAttempts: 2, backoffMillis: 50 };

/**
 * Hands a question to three agents and sends the answer to the team. The researcher and the analyst run
 * side by side, then the writer. If the writer's model fails, a smaller model takes over, without asking
 * the other agents again. If the answer cannot be sent, the result still contains it.
 */
export function conduct({ client, analyst }: Conductor, question: string) {
  const research = step('research', { ...AGENT, after: [] }, ({ signal }) =>
    researcher({ client, model: 'gpt-4o-mini', signal }, question),
  );
  const analyse = step('analyse', { ...AGENT, after: [] }, ({ signal }) =>
    analyst.invoke(question, signal),
  );
  const write = step(
    'write',
    { ...AGENT, after: [research, analyse] },
    ({ results, attempt, signal }) => {
      const model = attempt === 1 ? 'gpt-4o' : 'gpt-4.1-mini';
      return writer({ client, model, signal }, [results.research, results.analyse], question);
    },
  );
  const send = step('send', { after: [write] }, ({ results }) => sendAnswer(results.write));
  return runSteps('invoke_agent conductor', [research, analyse, write, send], {
    attributes: agentAttributes('conductor'),
    limits: { maxCostUsd: 0.05, maxMillis: 30_000 },
    onProgress: terminalProgress(),
  });
}
