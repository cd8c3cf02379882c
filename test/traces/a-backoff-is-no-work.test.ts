import { expect, it } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { readSpanFacts } from '../../src/trace/span-facts.js';
import { durationsIf } from '../../src/trace/what-if.js';
import { analyzed, savingsOf } from '../support/analyzed.js';

const attempt = (number: number, outcome: string, backoff: number) => {
  const own = { 'hotspan.attempt.number': number, 'hotspan.attempt.outcome': outcome };
  return { facts: readSpanFacts('internal', { ...own, 'hotspan.attempt.backoff': backoff }, 'x') };
};

//  ask         |--------------------|      0 to 1000 ms
//  . retrieve  |--|                        90
//  . chat         |-----------------|
//  . . try 1      |--|                     100
//  . . try 2                     |--|      100, after a backoff of 600 and 20 of work
const tree = () =>
  analyzed([
    { id: 'ask', start: 0, end: 1000 },
    { id: 'retrieve', parent: 'ask', start: 0, end: 90 },
    { id: 'chat', parent: 'ask', start: 90, end: 910 },
    { id: 'try 1', parent: 'chat', start: 90, end: 190, ...attempt(1, 'error', 0) },
    { id: 'try 2', parent: 'chat', start: 810, end: 910, ...attempt(2, 'success', 0.6) },
  ]);

it('however fast the model is: the timer takes its time', () => {
  const saved = savingsOf(tree()).nanos.get('test\nchat') ?? 0;
  expect(saved / 1e6).toBeCloseTo(220, 6);
  const [nanos] = durationsIf(tree(), ({ name }) => name === 'chat', 0.5, { toleranceNanos: 0 });
  expect(nanos! / 1e6).toBeCloseTo(890, 6);
});

it('is idle time of the operation, and waste', () => {
  const ranking = new Ranking();
  ranking.addTrace(tree(), { originEpochMillis: 0, toleranceNanos: 0 });
  const { bottlenecks, totals } = ranking.toSummary({ nowEpochMillis: 0 });
  const chat = bottlenecks.find(({ name }) => name === 'chat');
  expect(chat?.idleSeconds).toBeCloseTo(0.6, 6);
  expect(chat?.criticalSeconds).toBeCloseTo(0.82, 6);
  expect(chat?.savingSeconds).toBeCloseTo(0.22, 6);
  expect(totals.wastedSeconds).toBeCloseTo(0.7, 6);
});
