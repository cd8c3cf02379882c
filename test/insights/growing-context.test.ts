import { describe, expect, it } from 'vitest';
import type { SpanSketch } from '../support/trace.js';
import { asking, insightsOf, sequence } from './support.js';

const conversation = (inputs: readonly number[], costUsd?: number): SpanSketch[] =>
  sequence(
    inputs.map((inputTokens) => ({
      name: 'chat',
      millis: 10,
      facts: asking({
        inputTokens,
        outputTokens: 100,
        ...(costUsd === undefined ? {} : { costUsd }),
      }),
    })),
  );

it('says by how much the input grows, how much was sent before, and what that cost at most', () => {
  const [insight] = insightsOf('growing-context', [conversation([900, 1900, 2900, 3900], 0.01)]);
  expect(insight).toMatchObject({
    segment: 'chat',
    severity: 'high',
    evidence: { traces: 1, calls: 4, inputTokens: 9600, growthPerCall: 1000 },
    message:
      'The input of `chat` grew by 1,000 tokens per call within 1 trace; 59.4 % of it had ' +
      'been sent before. Let the provider cache it, and shorten or summarize what is old: saves up to $0.012',
  });
  expect(insight?.evidence.resentShare).toBeCloseTo((900 + 1900 + 2900) / 9600, 12);
  // Of 9,600 tokens in and 400 out, which cost the same where no price is known.
  expect(insight?.savingUsd).toBeCloseTo((0.04 * (1000 + 2000)) / (9600 + 400), 12);
  expect(insight).not.toHaveProperty('savingSeconds');
});

it('goes by tokens where no cost is known, and claims no saving', () => {
  const [insight] = insightsOf('growing-context', [conversation([900, 1900, 2900, 3900])]);
  expect(insight).toMatchObject({ severity: 'high' });
  expect(insight).not.toHaveProperty('savingUsd');
  expect(insight?.message).toContain('shorten or summarize what is old');
});

it('counts what the cache of the provider had before as cheap, and not what is new', () => {
  const inputs = [100, 1900, 3900, 5900, 7900, 9900];
  const trace = conversation(inputs, 0.01).map((span, at) =>
    at < 2 ? span : { ...span, facts: { ...span.facts, cacheReadTokens: inputs[at - 2]! } },
  );
  const [insight] = insightsOf('growing-context', [trace]);
  const cached = 100 + 1900 + 3900 + 5900 + 7900;
  expect(insight?.evidence).toMatchObject({ calls: 6 });
  expect(insight?.savingUsd).toBeCloseTo(
    (0.06 * 0.1 * (cached - 5 * 100)) / (9900 + 0.1 * cached + 600),
    12,
  );
});

it('adds up traces', () => {
  const one = conversation([900, 1900, 2900, 3900], 0.01);
  const [insight] = insightsOf('growing-context', [one, one, conversation([5, 5, 5, 5], 0.01)]);
  expect(insight?.evidence).toMatchObject({ traces: 2, calls: 8, growthPerCall: 1000 });
});

it('looks at each name by itself', () => {
  const calls = [900, 50, 1900, 50, 2900, 50, 3900, 50].map((inputTokens, index) => ({
    name: index % 2 === 0 ? 'chat' : 'classify',
    millis: 10,
    facts: asking({ inputTokens, costUsd: 0.01 }),
  }));
  const segments = insightsOf('growing-context', [sequence(calls)]).map(({ segment }) => segment);
  expect(segments).toEqual(['chat']);
});

it.each<[string, SpanSketch[]]>([
  ['there are only three calls', conversation([900, 1900, 2900], 0.01)],
  ['inputs go up and down', conversation([900, 1900, 800, 2900, 700], 0.01)],
  ['inputs hardly grow', conversation([1000, 1010, 1020, 1030], 0.01)],
  ['inputs shrink', conversation([4000, 3000, 2000, 1000], 0.01)],
  [
    'the calls ran side by side',
    conversation([900, 1900, 2900, 3900], 0.01).map((span) => ({ ...span, start: 0 })),
  ],
])('is silent when %s', (_, trace) => {
  expect(insightsOf('growing-context', [trace])).toEqual([]);
});

describe('from trace to trace of a session', () => {
  const turns = (session: number, inputs: readonly number[], cached = false) =>
    inputs.map((inputTokens, at) =>
      sequence([
        {
          name: 'chat',
          millis: 10,
          facts: asking({
            sessionId: `s${session}`,
            inputTokens,
            outputTokens: 100,
            costUsd: 0.01,
            ...(cached && at > 0 ? { cacheReadTokens: inputs[at - 1]! } : {}),
          }),
        },
      ]),
    );
  const said = (traces: readonly SpanSketch[][]) =>
    insightsOf('growing-context', traces, {}, (index) => index * 1_000);

  it('says by how much the input grows, in traces of any order', () => {
    const traces = [1, 2, 3].flatMap((session) => turns(session, [900, 1900, 2900, 3900]));
    const [insight] = said(traces);
    expect(insight).toMatchObject({
      segment: 'chat',
      evidence: { sessions: 3, calls: 12, growthPerCall: 1000 },
      message:
        'The input of `chat` grew by 1,000 tokens per call from trace to trace of 3 sessions; 59.4 % of ' +
        'it had been sent before. Let the provider cache it, and shorten or summarize what is old: saves ' +
        'up to $0.036',
    });
  });

  it('takes the price of cached input into account', () => {
    const inputs = [100, 1900, 3900, 5900, 7900, 9900];
    const [insight] = said([1, 2, 3].flatMap((session) => turns(session, inputs, true)));
    const cached = 100 + 1900 + 3900 + 5900 + 7900;
    expect(insight?.message).toMatch(/came from the provider's cache. Shorten or summarize/);
    expect(insight?.savingUsd).toBeCloseTo(
      (3 * 0.06 * 0.1 * (cached - 5 * 100)) / (9900 + 0.1 * cached + 600),
      12,
    );
  });

  it('is silent when the cache of the provider keeps the growth cheap', () => {
    const traces = [1, 2, 3].flatMap((session) => turns(session, [900, 1900, 2900, 3900], true));
    expect(said(traces)).toEqual([]);
  });

  it.each<[string, SpanSketch[][]]>([
    ['the traces of a session are few', [1, 2, 3].flatMap((s) => turns(s, [900, 1900, 2900]))],
    ['there are few sessions, that may grow by chance', turns(1, [900, 1900, 2900, 3900])],
    ['inputs go up and down', [1, 2, 3, 4].flatMap((s) => turns(s, [900, 2900, 400, 1900, 3900]))],
    [
      'most sessions do not grow',
      [
        ...[1, 2, 3].flatMap((s) => turns(s, [900, 1900, 2900, 3900])),
        ...[4, 5, 6].flatMap((s) => turns(s, [900, 900, 900, 900])),
      ],
    ],
  ])('is silent when %s', (_, traces) => {
    expect(said(traces)).toEqual([]);
  });
});
