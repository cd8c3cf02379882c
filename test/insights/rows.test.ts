import { expect, it } from 'vitest';
import type { InsightKind } from '../../src/summary.js';
import type { SpanSketch } from '../support/trace.js';
import { insightsOf, sequence, summaryOf, times } from './support.js';

type Traces = (readonly SpanSketch[])[];

const LETTERS = 'a b c d e f g h i j k l'.split(' ');

/** Names of one row, each another one. */
function users(): () => string {
  let id = 1_000;
  return () => `GET /users/${(id += 1)}`;
}

const calls = (name: () => string, count: number, millis: number): Traces => [
  sequence(Array.from({ length: count }, () => ({ name: name(), millis }))),
];

const retried = (name: string): SpanSketch[] => {
  const attempt = (number: number, start: number): SpanSketch => ({
    id: `a${number}`,
    parent: 'op',
    start,
    end: start + 15,
    error: 'E',
    facts: { attempt: { number, outcome: 'error', backoffSeconds: 0 } },
  });
  const op = { id: 'op', parent: 'root', name, start: 0, end: 30, error: 'E' };
  return [{ id: 'root', start: 0, end: 30 }, op, attempt(1, 0), attempt(2, 15)];
};

const blocking = (name: string) =>
  sequence([{ name, millis: 200, facts: { blockedSeconds: 0.2 } }]);

const kinds: [InsightKind, (name: () => string) => Traces][] = [
  ['many-short-calls', (name) => calls(name, 20, 5)],
  ['sequential-calls', (name) => calls(name, 4, 200)],
  ['costly-retries', (name) => times(5, () => retried(name()))],
  ['blocked-event-loop', (name) => times(5, () => blocking(name()))],
];

it.each(kinds)('%s tells of names with data in them as of one name', (kind, traces) => {
  const insights = insightsOf(kind, traces(users()));
  const ofOneName = insightsOf(
    kind,
    traces(() => 'GET /users/{n}'),
  );
  expect(insights).toHaveLength(1);
  expect(insights).toEqual(ofOneName);
});

it('takes the names of rows from a function of the user', () => {
  const trace = sequence(LETTERS.map((letter) => ({ name: `task ${letter}`, millis: 5 })));
  const groupName = (name: string) => name.replace(/^task .*/, 'task');
  expect(insightsOf('many-short-calls', [trace])).toEqual([]);
  expect(insightsOf('many-short-calls', [trace], { groupName })).toMatchObject([
    { segment: 'task', evidence: { calls: 12 } },
  ]);
});

it('has room for other segments when names without end make one row', () => {
  const name = users();
  const noise = Array.from({ length: 600 }, () => {
    const one = name();
    return calls(() => one, 12, 3);
  });
  const segments = (summaryOf([...noise.flat(), ...calls(() => 'query', 300, 11)]).insights ?? [])
    .filter(({ kind }) => kind === 'many-short-calls')
    .map(({ segment }) => segment);
  expect(segments.sort()).toEqual(['GET /users/{n}', 'query']);
});

it('is silent of names that share a row because there is no room for them', () => {
  const trace = sequence(LETTERS.map((name) => ({ name, millis: 5 })));
  expect(insightsOf('many-short-calls', [trace], { maxRows: 1 })).toEqual([]);
});
