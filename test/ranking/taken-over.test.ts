import { expect, it } from 'vitest';
import { mergeSummaries, toText } from 'hotspan/report';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { Ranking } from '../../src/ranking/ranking.js';
import { picture } from '../support/picture.js';
import { records } from '../support/trace.js';
import { likeOf } from '../support/summary.js';

const BESIDE = `
  ask          |--------------------|
  . chat       |----------------|
  . guardrail  |-------------|
  . post                        |---|
`;

const ONE_AFTER_ANOTHER = `
  ask          |--------------------|
  . guardrail  |-|
  . chat         |--------------|
  . post                        |---|
`;

function summaryOf(...pictures: readonly string[]) {
  const ranking = new Ranking();
  for (const text of pictures) {
    const tree = buildTraceTree(records(picture(text)));
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis: 0, toleranceNanos: 0 });
  }
  return ranking.toSummary({ nowEpochMillis: 0 });
}

const chatOf = ({ bottlenecks }: ReturnType<typeof summaryOf>) =>
  bottlenecks.find(({ name }) => name === 'chat')!;

it('a row of which little can be saved names the branch that would take over', () => {
  const summary = summaryOf(BESIDE);
  const { criticalSeconds, savingSeconds, takenOverBy } = chatOf(summary);
  expect(criticalSeconds).toBeCloseTo(0.017);
  expect(savingSeconds).toBeCloseTo(0.003);
  expect(takenOverBy).toEqual({ row: 'guardrail', service: 'test', seconds: 0.014 });
  expect(summary.bottlenecks.filter((row) => row.takenOverBy)).toHaveLength(1);
});

it('the text says so', () => {
  const text = toText(summaryOf(BESIDE));
  expect(text).toContain('without chat, guardrail would take over: saves 3.00 ms of 17.0 ms');
});

it('a row of which most can be saved does not', () => {
  expect(chatOf(summaryOf(BESIDE, ONE_AFTER_ANOTHER)).takenOverBy).toBeUndefined();
});

it('merged summaries add up who takes over, while little can be saved', () => {
  const two = mergeSummaries([summaryOf(BESIDE), likeOf(summaryOf(BESIDE))]);
  expect(chatOf(two).takenOverBy?.seconds).toBeCloseTo(0.028);
  const most = mergeSummaries([summaryOf(BESIDE), summaryOf(ONE_AFTER_ANOTHER)]);
  expect(chatOf(most).takenOverBy).toBeUndefined();
});
