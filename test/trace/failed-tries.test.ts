import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTriesSavings, MAX_ROWS_WITH_TRIES } from '../../src/trace/failed-tries.js';
import { runAtOnce } from '../../src/trace/slices.js';
import type { SpanFacts } from '../../src/trace/span-record.js';
import { PARTS, type TraceSavings } from '../../src/trace/what-if.js';
import { analyzed } from '../support/analyzed.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import type { SpanSketch } from '../support/trace.js';

const MILLI = 1e6;

function attempt(
  number: number,
  outcome: 'success' | 'error' | 'timeout',
  backoffMillis = 0,
): SpanFacts {
  return { attempt: { number, outcome, backoffSeconds: backoffMillis / 1e3 } };
}

function savedIn(spans: readonly SpanSketch[]): TraceSavings {
  const savings: TraceSavings = new Map();
  const options = { keyOf: ({ name }: { name: string }) => name, toleranceNanos: 0 };
  runAtOnce(findTriesSavings(analyzed(spans), savings, options));
  return savings;
}

/** What is saved of each row, in milliseconds: without the failed tries, and with half of them. */
function millisSaved(spans: readonly SpanSketch[]) {
  return Object.fromEntries(
    [...savedIn(spans)].map(([key, { savedNanos, savedInParts }]) => [
      key,
      [savedNanos / MILLI, savedInParts![1]! / MILLI],
    ]),
  );
}

const CHAT: SpanSketch[] = [
  { id: 'ask', start: 0, end: 100 },
  { id: 'chat', parent: 'ask', start: 10, end: 90 },
  { id: 'one', parent: 'chat', start: 10, end: 30, facts: attempt(1, 'timeout') },
  { id: 'two', parent: 'chat', start: 42, end: 60, facts: attempt(2, 'error', 10) },
  { id: 'three', parent: 'chat', start: 65, end: 88, facts: attempt(3, 'success', 5) },
];

describe('without failed tries', () => {
  it('the failed attempts and the waits before further ones are saved, nothing else of the operation', () => {
    expect(millisSaved(CHAT)).toEqual({ chat: [20 + 10 + 18 + 5, 26.5] });
  });

  it('what a failed attempt called is saved with it, what a successful one called is not', () => {
    const called: SpanSketch[] = [
      { id: 'get a', parent: 'one', start: 12, end: 28 },
      { id: 'get b', parent: 'three', start: 70, end: 80 },
    ];
    expect(millisSaved([...CHAT, ...called])).toEqual({ chat: [53, 26.5] });
  });

  it('no more is saved than a branch beside them leaves', () => {
    const beside: SpanSketch = { id: 'fetch', parent: 'ask', start: 10, end: 80 };
    expect(millisSaved([...CHAT, beside])).toEqual({ chat: [10, 10] });
  });

  it('each row has its own, also inside the failed attempt of another', () => {
    const inner: SpanSketch[] = [
      { id: 'look up', parent: 'one', start: 10, end: 30 },
      { id: 'in 1', parent: 'look up', start: 10, end: 15, facts: attempt(1, 'error') },
      { id: 'in 2', parent: 'look up', start: 15, end: 30, facts: attempt(2, 'success') },
    ];
    const all = millisSaved([...CHAT, ...inner]);
    expect(all).toEqual({ chat: [53, 26.5], 'look up': [5, 2.5] });
  });

  it('nothing changes where all worked at once', () => {
    const [ask, chat] = CHAT;
    const only: SpanSketch = {
      ...{ id: 'one', parent: 'chat', start: 10, end: 90 },
      facts: attempt(1, 'success'),
    };
    expect(millisSaved([ask!, chat!, only])).toEqual({});
  });

  it('any trace gets shorter by no more than it took, the more of them is gone the shorter', () => {
    const outcomes = fc.array(fc.constantFrom('success', 'error', 'timeout', undefined), {
      ...{ minLength: 14, maxLength: 14 },
    });
    fc.assert(
      fc.property(anyTrace(14), outcomes, fc.nat(3), (spans, drawn, backoff) => {
        const sketch = spans.map((span, at): SpanSketch => {
          const outcome = at === 0 ? undefined : drawn[at];
          if (outcome === undefined) return span;
          return { ...span, facts: attempt(1 + (at % 3), outcome, backoff) };
        });
        const [root] = sketch;
        const found = savedIn(sketch);
        expect(found.size).toBeLessThanOrEqual(MAX_ROWS_WITH_TRIES);
        for (const { savedNanos, savedInParts } of found.values()) {
          expect(savedInParts).toHaveLength(PARTS.length);
          for (const part of [savedNanos, ...savedInParts!]) {
            expect(part).toBeGreaterThanOrEqual(0);
            expect(part).toBeLessThanOrEqual((root!.end - root!.start) * MILLI);
          }
        }
      }),
    );
  });
});
