import { expect } from 'vitest';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { BoundedMap, OTHER } from '../../src/bounded.js';
import { Ranking, type RankingOptions } from '../../src/ranking/ranking.js';
import type { RowName, RowOf } from '../../src/trace/row-names.js';
import type { SpanFacts } from '../../src/trace/span-record.js';
import type { Insight, InsightKind, Summary } from '../../src/summary.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { records, type SpanSketch } from '../support/trace.js';

/**
 * The summary of traces; times in milliseconds, clocks exact.
 *
 * @param origin when each of them started; all at once by default
 */
export function summaryOf(
  traces: Iterable<readonly SpanSketch[]>,
  options: RankingOptions = {},
  origin: (index: number) => number = () => 0,
): Summary {
  const ranking = new Ranking(options);
  let index = 0;
  for (const spans of traces) {
    const tree = buildTraceTree(records(spans));
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis: origin(index) });
    index += 1;
  }
  return ranking.toSummary({ nowEpochMillis: 0 });
}

/** What is said of one kind. Every insight has a short title, and spans that show it. */
export function insightsOf(
  kind: InsightKind,
  traces: Iterable<readonly SpanSketch[]>,
  options: RankingOptions = {},
  origin: (index: number) => number = () => 0,
): readonly Insight[] {
  const found = summaryOf(traces, options, origin).insights ?? [];
  return found
    .filter((insight) => insight.kind === kind)
    .map(({ title = '', spans = [], ...said }) => {
      expect(title).toMatch(/^[A-Z].{5,39}$/);
      expect(spans.length).toBeGreaterThan(0);
      expect(spans.length).toBeLessThanOrEqual(5);
      return said;
    });
}

/** A row for each name, of which there are as many as in a ranking. */
export function rowsByName(): RowOf {
  const rows = new BoundedMap<RowName>(1_000, () => ({ service: '', name: OTHER }));
  return ({ service, name }) => rows.get(`${service}\n${name}`, () => ({ service, name }));
}

/** The same trace so many times. */
export function times(
  count: number,
  make: (index: number) => readonly SpanSketch[],
): (readonly SpanSketch[])[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** An LLM call's facts. */
export function asking(facts: SpanFacts = {}): SpanFacts {
  return {
    llmCall: { provider: 'openai', model: 'gpt-4o', requestModel: 'gpt-4o' },
    ...facts,
  };
}

/** Children of `root`, one after another with nothing between them, in a root as long as all of them. */
export function sequence(
  children: readonly (Partial<SpanSketch> & { millis: number })[],
): SpanSketch[] {
  let at = 0;
  const placed = children.map(({ millis, ...sketch }, index) => {
    const start = at;
    at += millis;
    return { id: `c${index}`, parent: 'root', start, end: at, ...sketch };
  });
  return [{ id: 'root', start: 0, end: at }, ...placed];
}
