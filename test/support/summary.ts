import fc from 'fast-check';
import type { Bottleneck, Summary } from 'hotspan/processor';

/** A summary with these rows; what is not said is 0, and its figures are not those of real traces. */
export function summaryOf(...rows: readonly Partial<Bottleneck>[]): Summary {
  const bottlenecks = rows.map((row, index) => ({
    rank: index + 1,
    name: 'work',
    service: 'shop',
    calls: 1,
    errors: 0,
    totalSeconds: 0,
    selfSeconds: 0,
    criticalSeconds: 0,
    criticalShare: 0,
    p50Seconds: 0,
    p95Seconds: 0,
    p99Seconds: 0,
    maxSeconds: 0,
    slowest: [{ traceId: 'abc', spanId: '1', seconds: 1 }],
    ...row,
  }));
  const count = bottlenecks.length > 0 ? 2 : 0;
  return {
    schemaVersion: 1,
    generatedAt: '2026-11-24T00:00:00.000Z',
    services: [...new Set(bottlenecks.map(({ service }) => service))],
    rankedBy: 'critical',
    observedSeconds: 4,
    traces: { analyzed: count, incomplete: 0, evicted: 0 },
    spans: { analyzed: bottlenecks.length, late: 0, dropped: 0 },
    latency: {
      count,
      totalSeconds: 3,
      p50Seconds: 1,
      p95Seconds: 2,
      p99Seconds: 2,
      maxSeconds: 2,
    },
    totals: {
      llmCalls: 0,
      unpricedCalls: 0,
      inputTokens: 0,
      outputTokens: 0,
      attempts: 0,
      retries: 0,
      wastedSeconds: 0,
      errors: 0,
      ...(count > 0 ? { successRate: 1 } : {}),
    },
    bottlenecks,
    slowest: [],
    models: [],
    errors: [],
    warnings: [],
  };
}

/** The same figures from another process: a summary is merged only once. */
export function likeOf(summary: Summary, process = 1): Summary {
  return { ...summary, generatedAt: `${summary.generatedAt} (${process})` };
}

/** Names as programs make them, and as nobody should. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.string({ unit: fc.constantFrom(...Array.from('|`\\ \n<>&@#[]()*_~$!=:/-a')), maxLength: 12 }),
);

/** Any summary as far as names and sentences go. */
export function anySummary(
  options: { readonly minRows?: number; readonly text?: fc.Arbitrary<string> } = {},
): fc.Arbitrary<Summary> {
  const text = options.text ?? anyText;
  const row = fc.record({ name: text, service: text });
  const insight = fc.record({
    kind: fc.constant('dominant' as const),
    severity: fc.constantFrom('high' as const, 'low' as const),
    segment: text,
    service: text,
    message: text,
    evidence: fc.constant({}),
  });
  return fc
    .record({
      rows: fc.array(row, { minLength: options.minRows ?? 0, maxLength: 4 }),
      models: fc.array(text, { maxLength: 3 }),
      errors: fc.array(fc.record({ type: text, segment: text, count: fc.constant(1) })),
      insights: fc.array(insight, { maxLength: 2 }),
      warnings: fc.array(text, { maxLength: 2 }),
    })
    .map(({ rows, models, errors, insights, warnings }) => ({
      ...summaryOf(...rows),
      models: models.map((model) => ({
        model,
        calls: 1,
        errors: 0,
        inputTokens: 1,
        outputTokens: 1,
        unpricedCalls: 1,
      })),
      errors,
      insights,
      warnings,
    }));
}
