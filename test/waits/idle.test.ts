import { expect, it } from 'vitest';
import { toText } from '../../src/report/print.js';
import { Ranking } from '../../src/ranking/ranking.js';
import { mergeSummaries } from '../../src/summaries/merge-summaries.js';
import { readSpanFacts } from '../../src/trace/span-facts.js';
import { analyzed } from '../support/analyzed.js';
import { likeOf } from '../support/summary.js';

const facts = readSpanFacts('internal', { 'hotspan.idle': true }, 'session');

function summaryOfSession() {
  const ranking = new Ranking();
  const tree = analyzed([
    { id: 'session', start: 0, end: 100, facts },
    { id: 'turn', parent: 'session', start: 70, end: 90 },
  ]);
  ranking.addTrace(tree, { originEpochMillis: 0, toleranceNanos: 0 });
  return ranking.toSummary({ nowEpochMillis: 0 });
}

it('the own time of a span that says so is idle: it stays with its row, without a saving, and comes last', () => {
  const [turn, session] = summaryOfSession().bottlenecks;
  expect(turn).toMatchObject({ name: 'turn', savingSeconds: 0.02 });
  expect(session).toMatchObject({ criticalSeconds: 0.08, idleSeconds: 0.08, savingSeconds: 0 });
});

it('idle time adds up when summaries are merged', () => {
  const merged = mergeSummaries([summaryOfSession(), likeOf(summaryOfSession())]);
  expect(merged.bottlenecks.map(({ name, idleSeconds }) => [name, idleSeconds])).toEqual([
    ['turn', undefined],
    ['session', 0.16],
  ]);
});

it('the text says which rows were idle, once', () => {
  expect(toText(summaryOfSession()).split('\n')).toContain(
    '  idle (a timer, a backoff, a pause or the network), which faster code does not shorten: session 80.0 ms',
  );
});
