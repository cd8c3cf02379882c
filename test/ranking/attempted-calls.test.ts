import { expect, it } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { CallsOfTrace, mayTellOfCall } from '../../src/trace/calls-of-trace.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { records, type SpanSketch } from '../support/trace.js';

const llmCall = { provider: 'openai', model: 'gpt-4o', requestModel: 'gpt-4o' };
const tried = (number: number, outcome: 'success' | 'error') => ({
  ...{ llmCall, attempt: { number, outcome, backoffSeconds: 0 } },
  ...{ inputTokens: 100, outputTokens: 10, costUsd: 0.5 },
});

it('counts a call of which only the attempts name the model, with the cost of all of them', () => {
  const spans: SpanSketch[] = [
    { id: 'ask', start: 0, end: 30 },
    { id: 'answer', parent: 'ask', start: 0, end: 30 },
    { id: 'one', parent: 'answer', start: 0, end: 10, facts: tried(1, 'error') },
    { id: 'two', parent: 'answer', start: 10, end: 30, facts: tried(2, 'success') },
  ];
  const all = records(spans);
  const calls = new CallsOfTrace();
  for (const record of all) if (mayTellOfCall(record)) calls.add(record);
  const tree = calls.join(buildTraceTree(all));
  analyzeTrace(tree, { toleranceNanos: 0 });
  const ranking = new Ranking();
  ranking.addTrace(tree, { originEpochMillis: 0, toleranceNanos: 0 });
  const { totals, models, bottlenecks } = ranking.toSummary({ nowEpochMillis: 0 });
  expect(totals).toMatchObject({ llmCalls: 1, unpricedCalls: 0, costUsd: 1, wastedCostUsd: 0.5 });
  expect(models).toMatchObject([
    { provider: 'openai', model: 'gpt-4o', calls: 1, costUsd: 1, inputTokens: 200 },
  ]);
  expect(bottlenecks.find(({ name }) => name === 'answer')).toMatchObject({
    costUsd: 1,
    attempts: 2,
  });
});
