import { expect, it } from 'vitest';
import type { Insight, InsightKind } from '../../src/summary.js';
import type { SpanFacts } from '../../src/trace/span-record.js';
import { seededRandom } from '../support/random.js';
import type { SpanSketch } from '../support/trace.js';
import { asking, summaryOf } from './support.js';

/** Something that is waited for: milliseconds, or what is inside. */
export type Work = (place: Place) => number;
export interface Place {
  readonly at: number;
  readonly parent: string | undefined;
  readonly spans: SpanSketch[];
  readonly random: () => number;
}

export const sequence =
  (...parts: readonly Work[]): Work =>
  (place) =>
    parts.reduce((at, part) => part({ ...place, at }), place.at);
export const together =
  (...parts: readonly Work[]): Work =>
  (place) =>
    Math.max(...parts.map((part) => part(place)));
export const pause =
  (millis: number): Work =>
  ({ at }) =>
    at + millis;
/** All durations of work differ by up to a quarter. */
export const span =
  (name: string, body: number | Work, facts?: SpanFacts, error?: string): Work =>
  ({ at, parent, spans, random }) => {
    const id = `s${spans.length}`;
    const sketch = { id, name, start: at, ...(parent === undefined ? {} : { parent }) };
    const more = { ...(facts && { facts }), ...(error === undefined ? {} : { error }) };
    spans.push({ ...sketch, ...more, end: at });
    const place = { at, parent: id, spans, random };
    const millis = (length: number) => length * (0.75 + random() / 2);
    const end = typeof body === 'number' ? at + millis(body) : body(place);
    spans[Number(id.slice(1))] = { ...sketch, ...more, end };
    return end;
  };

export const fanOut = (count: number, part: (index: number) => Work) =>
  // One after another, as a loop starts them.
  together(...Array.from({ length: count }, (_, at) => sequence(pause(at / 100), part(at))));
/** Of such a mean, as times between things that have nothing to do with each other. */
export const exponential =
  (millis: number): Work =>
  ({ at, random }) =>
    at - millis * Math.log(random());
export const many = (count: number, part: (index: number) => Work) =>
  sequence(...Array.from({ length: count }, (_, index) => part(index)));
export const chat = (inputTokens: number, millis = 700, facts: SpanFacts = {}) =>
  span(
    'chat gpt-4o',
    millis,
    asking({
      inputTokens,
      outputTokens: 100,
      costUsd: (inputTokens - (facts.cacheReadTokens ?? 0) / 2) * 2.5e-6 + 0.001,
      ...facts,
    }),
  );
export const tool = (name: string, millis = 300, facts: SpanFacts = {}, error?: string) =>
  span(name, millis, { isToolCall: true, ...facts }, error);

/** An operation with so many attempts, all but the last of which fail. */
export const retried = (attempts: number, recovers: boolean, error = 'Error') =>
  span(
    'ask',
    many(attempts, (index) => {
      const outcome = recovers && index === attempts - 1 ? 'success' : 'error';
      const attempt = { number: index + 1, outcome, backoffSeconds: 0 } as const;
      return span('ask attempt', 200, { attempt }, outcome === 'error' ? error : undefined);
    }),
    {},
    recovers ? undefined : error,
  );

/** At most `slots` of them at a time, in order. */
export const limited =
  (slots: number, parts: readonly Work[]): Work =>
  (place) => {
    const free = Array.from({ length: slots }, () => place.at);
    for (const part of parts) {
      const at = Math.min(...free);
      free[free.indexOf(at)] = part({ ...place, at });
    }
    return Math.max(...free);
  };

export interface Scenario {
  readonly name: string;
  /** What must be said; all else that says what to do must not, but for `may`. */
  readonly must: readonly InsightKind[];
  readonly may?: readonly InsightKind[];
  /** The first of it. */
  readonly says?: RegExp;
  readonly traces?: number;
  /** Of the first span of a trace. */
  readonly facts?: (index: number) => SpanFacts;
  readonly request: (index: number) => Work;
}

/** So that scenarios differ. */
function seedOf(name: string): number {
  return Array.from(name).reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) % 1e6, 7);
}

export function insightsIn({
  traces = 20,
  request,
  name,
  facts,
}: Omit<Scenario, 'must'>): readonly Insight[] {
  const generator = seededRandom(seedOf(name));
  const random = () => generator.uniform();
  const made = Array.from({ length: traces }, (_, index) => {
    const spans: SpanSketch[] = [];
    span('request', request(index), facts?.(index))({ at: 0, parent: undefined, spans, random });
    return spans;
  });
  return summaryOf(made, {}, (index) => 60_000 * index).insights ?? [];
}

/** Which row takes most says nothing of what to do. */
export function adviceIn(scenario: Omit<Scenario, 'must'>): readonly Insight[] {
  return insightsIn(scenario).filter(({ kind }) => kind !== 'dominant');
}

export function checkScenarios(scenarios: readonly Scenario[]): void {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
    const insights = adviceIn(scenario);
    const kinds = insights.map(({ kind }) => kind);
    const { must, may = [], says = /./ } = scenario;
    expect(kinds).toEqual(expect.arrayContaining([...must]));
    expect([...must, ...may]).toEqual(expect.arrayContaining(kinds));
    if (must.length > 0) expect(insights[0]?.message).toMatch(says);
  });
}
