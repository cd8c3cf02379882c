import { runSteps, step, type RunResult } from 'hotspan';
import { diffSummaries, toText } from 'hotspan/report';
import { startTracing } from 'hotspan/node';
import OpenAI from 'openai';
import { afterAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { startStandInModel, type Script } from '../stand-in-model.js';
import { loadOrder, searchPages, suggestFollowUp, writeAnswer, type Model } from './agent.js';

/** The limits of one run. Set them by environment variables if your CI machine is slower. */
const MAX_USD = Number(process.env.MAX_USD ?? 0.002);
const MAX_SECONDS = Number(process.env.MAX_SECONDS ?? 10);

const RETURNS = { question: 'Can I return order 1041 when it was opened?', words: ['30 days'] };
const POSTAGE = { question: 'Who pays the postage for order 1041?', words: ['customer'] };
const REFUND = { question: 'When does my gift card get its money back?', words: ['two days'] };
const GUARANTEE = { question: 'How long does the guarantee last?', words: ['three years'] };

const tracing = startTracing({ serviceName: 'support-agent' });
beforeEach(() => tracing.reset());
afterAll(() => tracing.shutdown());

/** The scenario: the agent's steps, their time limits, and the words that the answer must contain. */
function answerQuestion(model: Model, { question, words } = RETURNS) {
  const order = step('load order', { after: [], timeoutMillis: 2_000 }, ({ signal }) =>
    loadOrder(question, signal),
  );
  const pages = step('search pages', { after: [], timeoutMillis: 2_000 }, ({ signal }) =>
    searchPages(signal),
  );
  const answer = step(
    'write answer',
    {
      after: [order, pages],
      timeoutMillis: 2_000,
      maxAttempts: 2,
      backoffMillis: 50,
      check: (text: string) => words.every((word) => text.toLowerCase().includes(word)),
    },
    ({ results, signal }) =>
      writeAnswer(model, question, [results['load order'], ...results['search pages']], signal),
  );
  const followUp = step(
    'suggest follow-up',
    { after: [pages, answer], timeoutMillis: 2_000 },
    ({ results, signal }) =>
      suggestFollowUp(
        { ...model, model: 'gpt-4.1-nano' },
        results['search pages'],
        results['write answer'],
        signal,
      ),
  );
  return runSteps('answer question', [order, pages, answer, followUp], {
    // Stops a run that goes far over its limit. At the limit itself, you would not learn its real cost.
    limits: { maxCostUsd: 2 * MAX_USD },
  });
}

function printProfile(run: RunResult): void {
  console.log(`\n${toText(run)}\n\n${tracing.summary().toText()}\n`);
}

/** Returns a client for a local server that stands in for OpenAI. */
async function connect(script: Script): Promise<OpenAI> {
  const server = await startStandInModel({ 'gpt-4.1-nano': [{ millis: 60 }], ...script });
  onTestFinished(() => server.close());
  return new OpenAI({ baseURL: server.url, apiKey: 'not-needed', maxRetries: 0 });
}

it('answers within its limits', async () => {
  const client = await connect({ 'gpt-4o': [{ millis: 250 }] });
  const run = await answerQuestion({ client, model: 'gpt-4o' });
  printProfile(run);

  if (run.outcome === 'failed') throw run.error;
  expect.soft(run.costUsd, 'cost in USD').toBeLessThanOrEqual(MAX_USD);
  expect.soft(run.seconds, 'latency in seconds').toBeLessThanOrEqual(MAX_SECONDS);
});

it('recovers from a model that hangs, and keeps completed steps', async () => {
  const client = await connect({
    'gpt-4o': [{ hangs: true }, { millis: 250 }],
    'gpt-4.1-nano': [{ hangs: true }],
  });
  const run = await answerQuestion({ client, model: 'gpt-4o' });
  printProfile(run);

  const { steps } = run;
  expect(steps['search pages']).toMatchObject({ outcome: 'completed', attempts: 1 });
  expect(steps['write answer']).toMatchObject({ outcome: 'completed', attempts: 2 });
  expect(steps['suggest follow-up']).toMatchObject({ outcome: 'timedOut', attempts: 1 });
});

it('halves the cost with a small model, and loses at most a quarter of the answers', async () => {
  const client = await connect({
    'gpt-4o': [{ millis: 250 }],
    // This model fails at its third question, in both attempts.
    'gpt-4o-mini': [
      { millis: 120 },
      { millis: 120 },
      { text: 'It depends.' },
      { text: 'It depends.' },
      { millis: 120 },
    ],
  });
  const profileOf = async (model: string) => {
    tracing.reset();
    for (const asked of [RETURNS, POSTAGE, REFUND, GUARANTEE]) {
      const run = await answerQuestion({ client, model }, asked);
      if (run.outcome === 'failed') console.log(`\n${toText(run)}`);
    }
    console.log(`\n${tracing.summary().toText()}\n`);
    return tracing.summary();
  };
  const diff = diffSummaries(await profileOf('gpt-4o'), await profileOf('gpt-4o-mini'));
  console.log(`${toText(diff)}\n`);

  const { costPerSuccessUsd, successRate } = diff.overall;
  expect
    .soft(costPerSuccessUsd.ratio, 'cost per success, small to large model')
    .toBeLessThanOrEqual(0.5);
  expect.soft(successRate.ratio, 'success rate, small to large model').toBeGreaterThanOrEqual(0.75);
});
