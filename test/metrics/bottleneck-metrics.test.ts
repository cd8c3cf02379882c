import { diag, DiagLogLevel, type MeterProvider } from '@opentelemetry/api';
import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics';
import { llmCall, retry, segment } from 'hotspan';
import { BottleneckMetrics } from 'hotspan/processor';
import type { Bottleneck } from 'hotspan/report';
import { describe, expect, it, vi } from 'vitest';
import { sleep as after, fakeClock, run } from '../support/clock.js';
import { CollectedMetrics, OwnMetrics, valuesOf, WAYS } from '../support/metrics.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();

function measured(Metrics: (typeof WAYS)[number][1] = CollectedMetrics) {
  const metrics = new Metrics();
  const ofRows = new BottleneckMetrics(metrics.provider);
  const { bottlenecks } = startSdk({ bottlenecks: { metrics: ofRows } });
  return { metrics, bottlenecks };
}

const answered = { model: 'gpt-4o', usage: { prompt_tokens: 1000, completion_tokens: 100 } };
const ask = () =>
  llmCall({ provider: 'openai', model: 'gpt-4o' }, () => after(300).then(() => answered));

/** A request that retrieves, asks a model, and tries twice to save. */
function request(): Promise<void> {
  let tries = 0;
  const save = () => {
    tries += 1;
    return after(20).then(() => {
      if (tries === 1) throw new Error('busy');
    });
  };
  return segment('request', async () => {
    await segment('retrieve', () => after(50));
    await Promise.all([ask(), segment('log', () => after(10))]);
    await retry('save', { maxAttempts: 2, backoffMillis: 100 }, save);
  });
}

const FIGURES: readonly (readonly [metric: string, of: (row: Bottleneck) => number | undefined])[] =
  [
    ['hotspan.critical_time', (row) => row.criticalSeconds],
    ['hotspan.self_time', (row) => row.selfSeconds],
    ['hotspan.total_time', (row) => row.totalSeconds],
    ['hotspan.saving', (row) => row.savingSeconds],
    ['hotspan.wasted_time', (row) => row.wastedSeconds],
    ['hotspan.cost', (row) => row.costUsd],
    ['hotspan.wasted_cost', (row) => row.wastedCostUsd],
    ['hotspan.calls', (row) => row.calls],
    ['hotspan.errors', (row) => row.errors],
    ['hotspan.retries', (row) => row.retries],
    ['hotspan.input_tokens', (row) => row.inputTokens],
    ['hotspan.output_tokens', (row) => row.outputTokens],
  ];

describe.each(WAYS)('the metrics of a process, %s,', (_, Metrics) => {
  it('have the figures of the summary’s rows', async () => {
    const { metrics, bottlenecks } = measured(Metrics);
    for (let at = 0; at < 3; at += 1) await run(request());
    const points = await metrics.collect();
    const { bottlenecks: rows } = bottlenecks.summary();
    expect(rows.map(({ name }) => name)).toContain('chat gpt-4o');
    for (const [metric, of] of FIGURES) {
      const values = valuesOf(points.get(metric), 'hotspan.row');
      for (const row of rows) {
        expect([metric, row.name, values[row.name] ?? 0]).toEqual([
          ...[metric, row.name],
          expect.closeTo(of(row) ?? 0, 9),
        ]);
      }
    }
  });

  it('add up to the same when they are collected often, and across a reset', async () => {
    const { metrics, bottlenecks } = measured(Metrics);
    await run(request());
    await metrics.collect();
    await run(request());
    bottlenecks.reset();
    await run(request());
    await metrics.collect();
    const calls = valuesOf((await metrics.collect()).get('hotspan.calls'), 'hotspan.row');
    expect(calls).toEqual({ 'chat gpt-4o': 3, log: 3, request: 3, retrieve: 3, save: 3 });
  });

  it('have the durations of local roots in exponential histograms, failed ones apart', async () => {
    const { metrics, bottlenecks } = measured(Metrics);
    await run(request());
    const { totalSeconds } = bottlenecks.summary().latency;
    const failed = segment('request', () => Promise.reject(new RangeError('no')));
    await expect(run(failed)).rejects.toThrow('no');
    const points = (await metrics.collect()).get('hotspan.entry_point.duration');
    expect(points?.map(({ attributes }) => attributes)).toEqual([
      { 'hotspan.entry_point': 'request', 'hotspan.service': 'test' },
      {
        'hotspan.entry_point': 'request',
        'hotspan.service': 'test',
        'error.type': 'RangeError',
      },
    ]);
    const { count, sum, scale } = points![0]!.value as ExponentialHistogram;
    expect([count, sum]).toEqual([1, expect.closeTo(totalSeconds, 9)]);
    expect(scale).toBeGreaterThan(0);
  });

  it('have calls, tokens and cost by model, and the cost by entry point', async () => {
    const { metrics, bottlenecks } = measured(Metrics);
    await run(request());
    const points = await metrics.collect();
    const { models, totals } = bottlenecks.summary();
    const { costUsd, inputTokens } = models[0]!;
    const of = (name: string, by: string) => valuesOf(points.get(name), by);
    expect(of('hotspan.model.cost', 'gen_ai.response.model')).toEqual({ 'gpt-4o': costUsd });
    expect(of('hotspan.model.input_tokens', 'gen_ai.provider.name')).toEqual({
      openai: inputTokens,
    });
    expect(of('hotspan.entry_point.cost', 'hotspan.entry_point')).toEqual({
      request: totals.costUsd,
    });
  });
});

describe('the metrics of a process', () => {
  it('have the durations of rows where hotspan adds up, the rest together', async () => {
    const { metrics, bottlenecks } = measured(OwnMetrics);
    for (let at = 0; at < 3; at += 1) await run(request());
    await metrics.collect();
    await run(request());
    const points = (await metrics.collect()).get('hotspan.row.duration')!;
    const found = points.map(({ attributes, value }) => {
      const { count, sum } = value as ExponentialHistogram;
      return [attributes['hotspan.row'], count, Number(sum!.toFixed(6))];
    });
    const { bottlenecks: rows } = bottlenecks.summary();
    expect(found.sort()).toEqual(
      rows.map(({ name, calls, totalSeconds }) => [name, calls, totalSeconds]).sort(),
    );
  });

  it('may fail without harm to the code that is traced, and say so once', () => {
    const error = vi.fn();
    const quiet = () => undefined;
    const logger = { error, warn: quiet, info: quiet, debug: quiet, verbose: quiet };
    diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
    const broken = {
      record: () => {
        throw new Error('no room');
      },
    };
    const meter = {
      createHistogram: () => broken,
      createCounter: () => ({}),
      createObservableCounter: () => ({}),
      addBatchObservableCallback: quiet,
    };
    const provider = { getMeter: () => meter } as unknown as MeterProvider;
    startSdk({ bottlenecks: { metrics: new BottleneckMetrics(provider) } });
    expect([segment('a', () => 1), segment('b', () => 2)]).toEqual([1, 2]);
    expect(error.mock.calls).toEqual([['hotspan: metrics are incomplete: no room']]);
    diag.disable();
  });

  it('need a MeterProvider', () => {
    expect(() => new BottleneckMetrics({} as MeterProvider)).toThrow(
      'BottleneckMetrics: expected the first argument to be a MeterProvider, got an object',
    );
  });
});
