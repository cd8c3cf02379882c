import { beforeAll, describe, expect, it } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import type { InsightKind } from '../../src/summary.js';
import type { SpanFacts } from '../../src/trace/span-record.js';
import { seededRandom } from '../support/random.js';
import type { SpanSketch } from '../support/trace.js';
import { asking, summaryOf } from './support.js';

beforeAll(async () => {
  await loadPrices();
});

/** Something that is waited for: milliseconds, or what is inside. */
type Work = (place: Place) => number;
interface Place {
  readonly at: number;
  readonly parent: string | undefined;
  readonly spans: SpanSketch[];
  readonly random: () => number;
}

const sequence =
  (...parts: readonly Work[]): Work =>
  (place) =>
    parts.reduce((at, part) => part({ ...place, at }), place.at);
const together =
  (...parts: readonly Work[]): Work =>
  (place) =>
    Math.max(...parts.map((part) => part(place)));
const pause =
  (millis: number): Work =>
  ({ at }) =>
    at + millis;
/** All durations of work differ by up to a quarter. */
const span =
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

const many = (count: number, part: (index: number) => Work) =>
  sequence(...Array.from({ length: count }, (_, index) => part(index)));
const chat = (inputTokens: number, millis = 700, facts: SpanFacts = {}) =>
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
const tool = (name: string, millis = 300, facts: SpanFacts = {}) =>
  span(name, millis, { isToolCall: true, ...facts });

/** An operation with so many attempts, all but the last of which fail. */
const retried = (attempts: number, recovers: boolean) =>
  span(
    'ask',
    many(attempts, (index) => {
      const outcome = recovers && index === attempts - 1 ? 'success' : 'error';
      const attempt = { number: index + 1, outcome, backoffSeconds: 0 } as const;
      return span('ask attempt', 200, { attempt }, outcome === 'error' ? 'Error' : undefined);
    }),
    {},
    recovers ? undefined : 'Error',
  );

interface Scenario {
  readonly name: string;
  /** What must be said; all else that says what to do must not, but for `may`. */
  readonly must: readonly InsightKind[];
  readonly may?: readonly InsightKind[];
  readonly says?: RegExp;
  readonly traces?: number;
  readonly request: (index: number) => Work;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a query for each order',
    must: ['many-short-calls'],
    request: () =>
      sequence(
        span('find orders', 30),
        many(25, () => span('SELECT item', 6)),
        span('render', 40),
      ),
  },
  {
    name: 'three reads that need nothing of each other',
    must: ['independent-calls'],
    says: /Start all of them before awaiting/,
    request: () =>
      sequence(span('load profile', 300), span('load orders', 350), span('load offers', 400)),
  },
  {
    name: 'two reads by names in camel case',
    must: ['independent-calls'],
    says: /Start both before awaiting/,
    request: () => sequence(span('fetchWeather', 300), span('fetchNews', 350), span('render', 90)),
  },
  {
    name: 'reads that need the one before',
    must: [],
    request: () =>
      sequence(span('load user', 300), span('load orders', 350), span('load order items', 400)),
  },
  {
    name: 'one read, and one for each that it found',
    must: ['sequential-calls'],
    request: () =>
      sequence(
        span('get order', 100),
        many(4, () => span('get item', 200)),
      ),
  },
  {
    name: 'a pipeline of steps',
    must: [],
    request: () =>
      sequence(span('embed', 200), span('search', 300), span('rerank', 250), chat(900, 400)),
  },
  {
    name: 'the same read twice',
    must: ['sequential-calls'],
    request: () =>
      sequence(
        many(2, () => span('fetch page', 600)),
        span('answer', 300),
      ),
  },
  {
    name: 'pages with a cursor',
    must: [],
    request: () => many(6, () => span('listObjects', 300)),
  },
  { name: 'the next page', must: [], request: () => many(6, () => span('fetch next page', 300)) },
  {
    name: 'a job that is asked for until it is done',
    must: [],
    request: () => many(5, () => sequence(span('get job', 100), pause(900))),
  },
  {
    name: 'tools that a model asked for together',
    must: ['sequential-calls'],
    request: () => sequence(chat(900, 300), tool('weather', 400), tool('news', 500)),
  },
  {
    name: 'tools that nobody asked for together',
    must: [],
    request: () => sequence(tool('search', 400), tool('open result', 500), chat(900, 300)),
  },
  {
    name: 'tools that a model chose one by one',
    must: [],
    request: () => many(3, () => sequence(chat(900, 400), tool('search'))),
  },
  {
    name: 'a plan, and its answer',
    must: [],
    request: () => sequence(chat(1_500, 500), chat(900, 500), span('store', 300)),
  },
  {
    name: 'a long beginning that the cache never has',
    must: ['unused-prompt-cache'],
    says: /cache the beginning: saves up to \$/,
    request: (index) => chat(8_000 + ((index * 31) % 200)),
  },
  {
    name: 'a long beginning that the cache has',
    must: [],
    request: (index) => chat(8_000 + ((index * 31) % 200), 700, { cacheReadTokens: 7_800 }),
  },
  {
    name: 'a short beginning',
    must: [],
    request: (index) => chat(900 + ((index * 31) % 200)),
  },
  {
    name: 'inputs of all sizes',
    must: [],
    request: (index) => chat(3_000 + ((index * 7_919) % 30_000)),
  },
  {
    name: 'an agent whose context grows',
    must: ['growing-context'],
    request: () => many(8, (step) => sequence(chat(1_000 + step * 1_500), tool('x', 100))),
  },
  {
    name: 'few requests that are slow in one row',
    must: ['slow-tail'],
    says: /^5\.0 % of the calls of `rerank`/,
    traces: 200,
    request: (index) =>
      sequence(
        span('retrieve', 300),
        span('rerank', index % 20 === 7 ? 3_000 : 30),
        chat(900, 350),
      ),
  },
  {
    name: 'a row that is slow for one request in three',
    must: [],
    traces: 200,
    request: (index) => sequence(span('retrieve', 300), span('rerank', index % 3 === 0 ? 900 : 30)),
  },
  {
    name: 'few calls that are slow and hardly matter',
    must: [],
    traces: 200,
    request: (index) => sequence(span('retrieve', 900), span('log', index % 20 === 7 ? 90 : 3)),
  },
  {
    name: 'retries that never help',
    must: ['costly-retries'],
    says: /its retries never helped.* giving up at once saves/,
    request: () => sequence(retried(3, false), span('render', 50)),
  },
  {
    name: 'retries that help',
    must: [],
    request: (index) => sequence(retried(index % 5 === 0 ? 2 : 1, true), span('render', 250)),
  },
  {
    name: 'a healthy service',
    must: [],
    request: () =>
      sequence(
        span('auth', 60),
        together(span('retrieve', 300), span('profile', 280)),
        chat(900, 400),
        span('store', 90),
      ),
  },
];

const KINDS_WITHOUT_ADVICE: readonly string[] = ['dominant'];

function said({ traces = 20, request, name }: Scenario) {
  const generator = seededRandom(name.length);
  const random = () => generator.uniform();
  const made = Array.from({ length: traces }, (_, index) => {
    const spans: SpanSketch[] = [];
    span('request', request(index))({ at: 0, parent: undefined, spans, random });
    return spans;
  });
  return summaryOf(made).insights ?? [];
}

describe('what is said, and what is not', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
    const insights = said(scenario);
    const kinds = insights.map(({ kind }) => kind);
    const unasked = kinds.filter((kind) => !KINDS_WITHOUT_ADVICE.includes(kind));
    const { must, may = [], says = /./ } = scenario;
    expect(unasked).toEqual(expect.arrayContaining([...must]));
    expect([...must, ...may]).toEqual(expect.arrayContaining(unasked));
    if (must.length === 0) return;
    expect(kinds[0]).not.toBe('dominant');
    expect(insights[0]?.message).toMatch(says);
  });
});
