import fc from 'fast-check';
import type { Summary } from 'hotspan/processor';
import { diffSummaries, mergeSummaries, toMarkdown, toText } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import type { Insight } from '../../src/summary.js';
import { BadInputError } from '../../src/errors.js';
import { checkSavedSummary } from '../../src/readers/saved-summary.js';
import { seededRandom } from '../support/random.js';
import { simulatedSummary } from '../support/simulated-summary.js';
import { likeOf } from '../support/summary.js';

function read(value: unknown): Summary {
  return checkSavedSummary(JSON.parse(JSON.stringify(value)), 'summary.json');
}

const insight: Insight = {
  ...{ kind: 'dominant', severity: 'low', segment: 'step 1', service: 'test' },
  ...{ message: 'it takes long', evidence: { calls: 3 }, savingSeconds: 1 },
};
const exact = simulatedSummary(seededRandom(1), { traces: 3, steps: 2, sigma: 0.3 });
const sketched = simulatedSummary(seededRandom(2), { traces: 300, steps: 2, sigma: 0.3 });
const ofProcess: Pick<Summary, 'running' | 'delivery' | 'sampled'> = {
  running: {
    count: 2,
    longest: [
      {
        ...{ name: 'wait', service: 'test', traceId: 't', spanId: 's' },
        seconds: 5,
        openChildren: 0,
      },
    ],
  },
  delivery: { endpoint: 'http://a/', ended: 5, delivered: 3, dropped: 1, pending: 1, reason: 'no' },
  sampled: { traces: 10, exported: 1, spansLeftOut: 9 },
};
const whole: Summary[] = [
  { ...exact, insights: [insight], warnings: ['a (2 times)'] },
  sketched,
  { ...exact, ...ofProcess },
];

const profile = { segment: 'a', calls: 1, seconds: 1, samples: 1, functions: [] };

/** Every place in `value`, as the way to it. */
function placesIn(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (value === null || typeof value !== 'object') return [way];
  const inside = Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...way, key]));
  return way.length === 0 ? inside : [way, ...inside];
}

/** A copy of `value` with something else at a place. */
function damaged(value: unknown, way: readonly string[], instead: unknown): unknown {
  const copy = structuredClone(value);
  let at = copy as Record<string, unknown>;
  for (const key of way.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[way.at(-1)!] = instead;
  return copy;
}

describe('a saved summary', () => {
  it('comes back as it was', () => {
    for (const summary of whole) expect(read(summary)).toEqual(summary);
  });

  it('is either refused in one line or can be merged, compared and printed, whatever is wrong', () => {
    const damage = fc.constantFrom(...whole).chain((summary) =>
      fc.record({
        summary: fc.constant(summary),
        way: fc.constantFrom(...placesIn(summary)),
        instead: fc.constantFrom<unknown>(undefined, null, 'x', -1, 0, 0.5, 1e300, [], [null], {}),
      }),
    );
    let refused = 0;
    fc.assert(
      fc.property(damage, ({ summary, way, instead }) => {
        let back: Summary;
        try {
          back = read(damaged(summary, way, instead));
        } catch (error) {
          expect(error).toBeInstanceOf(BadInputError);
          expect((error as Error).message).toMatch(/^\S+: expected a saved summary, but .+$/);
          refused += 1;
          return;
        }
        toText(back);
        toText(mergeSummaries([likeOf(summary), back, likeOf(back, 2)]));
        toMarkdown(back);
        const diff = diffSummaries(back, mergeSummaries([likeOf(summary), back]));
        toMarkdown(diff);
        expect(toText(diff)).toContain('before');
      }),
      { numRuns: 1_000 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  it.each([
    [['totals', 'llmCalls'], -1, 'its "totals.llmCalls" is not a count'],
    [
      ['insights', '0', 'severity'],
      'dire',
      'its "insights[0].severity" is none of low, medium, high',
    ],
    [['insights', '0', 'evidence'], [1], 'its "insights[0].evidence" is not an object'],
    [['cpuProfiles'], [profile], 'its "cpuProfiles[0].exact" is not a boolean'],
  ])('says what is damaged: %j', (way, instead, why) => {
    expect(() => read(damaged(whole[0], way, instead))).toThrow(why);
  });

  it.each([
    [['running', 'longest'], 5, 'its "running.longest" is not a list'],
    [['running', 'longest', '0', 'name'], 5, 'its "running.longest[0].name" is not a string'],
    [['delivery'], 'x', 'its "delivery" is not an object'],
    [['delivery', 'dropped'], null, 'its "delivery.dropped" is not a count'],
    [['sampled', 'traces'], 'x', 'its "sampled.traces" is not a count'],
  ])('says what is damaged of its process: %j', (way, instead, why) => {
    expect(() => read(damaged(whole[2], way, instead))).toThrow(why);
  });

  it('is ranked anew when it has no ranks', () => {
    const rows = exact.bottlenecks.map(({ rank, ...row }) => (rank > 0 ? row : undefined));
    expect(read({ ...exact, bottlenecks: rows.reverse() })).toEqual(exact);
  });

  it('says which insight is damaged', () => {
    expect(() => read({ ...exact, insights: [insight, { ...insight, message: 5 }] })).toThrow(
      'its "insights[1].message" is not a string',
    );
    expect(() => read({ ...exact, insights: null })).toThrow('its "insights" is not a list');
  });
});
