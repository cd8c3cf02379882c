import { trace, type Attributes } from '@opentelemetry/api';
import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics';
import { llmCall, retry, segment } from 'hotspan';
import { BottleneckMetrics, type MetricsOptions } from 'hotspan/processor';
import { describe, expect, it } from 'vitest';
import { fakeClock, run, sleep } from '../support/clock.js';
import { CollectedMetrics, valuesOf, type Point } from '../support/metrics.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();

function measured(options: MetricsOptions = {}) {
  const metrics = new CollectedMetrics();
  startSdk({ bottlenecks: { metrics: new BottleneckMetrics(metrics.provider, options) } });
  return metrics;
}

const answered = {
  model: 'gpt-4o-2024-08-06',
  usage: {
    prompt_tokens: 1000,
    completion_tokens: 100,
    prompt_tokens_details: { cached_tokens: 400 },
  },
};
const ask = () =>
  llmCall({ provider: 'openai', model: 'gpt-4o' }, () => sleep(300).then(() => answered));
const span = (name: string, attributes: Attributes) =>
  trace.getTracer('test').startSpan(name, { attributes }).end();

const CALL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.response.model': 'gpt-4o-2024-08-06',
};

function durations(points: readonly Point[] | undefined) {
  return points?.map(({ attributes, value }) => {
    const { count, sum = NaN } = value as ExponentialHistogram;
    return { attributes, count, sum: Number(sum.toFixed(6)) };
  });
}

describe('the metrics of the GenAI conventions', () => {
  it('have the duration and the tokens of calls of models', async () => {
    const metrics = measured();
    await run(segment('request', () => Promise.all([ask(), ask()])));
    const points = await metrics.collect();
    expect(durations(points.get('gen_ai.client.inference.duration'))).toEqual([
      { attributes: CALL, count: 2, sum: 0.6 },
    ]);
    const usage = (name: string) =>
      valuesOf(points.get(`gen_ai.client.inference.usage.${name}`), 'gen_ai.token.modality');
    expect(usage('input_tokens')).toEqual({ unknown: 2000 });
    expect(usage('output_tokens')).toEqual({ unknown: 200 });
    expect(usage('cache_read.input_tokens')).toEqual({ unknown: 800 });
    expect(points.has('gen_ai.client.operation.duration')).toBe(false);
  });

  it('count a call with its attempts once, and say with which error it ended', async () => {
    const metrics = measured();
    const failed = llmCall({ provider: 'openai', model: 'gpt-4o', maxAttempts: 2 }, () =>
      sleep(10).then(() => Promise.reject(new RangeError('no'))),
    );
    await expect(run(failed)).rejects.toThrow('no');
    const points = await metrics.collect();
    const [only, ...others] = durations(points.get('gen_ai.client.inference.duration'))!;
    expect(only).toMatchObject({ count: 1, attributes: { 'error.type': 'RangeError' } });
    expect(others).toEqual([]);
  });

  it('have the older names where a dashboard reads those', async () => {
    const metrics = measured({ genAiNames: 'older' });
    await run(ask());
    const points = await metrics.collect();
    expect(durations(points.get('gen_ai.client.operation.duration'))).toEqual([
      { attributes: CALL, count: 1, sum: 0.3 },
    ]);
    expect(durations(points.get('gen_ai.client.token.usage'))).toEqual([
      { attributes: { ...CALL, 'gen_ai.token.type': 'input' }, count: 1, sum: 1000 },
      { attributes: { ...CALL, 'gen_ai.token.type': 'output' }, count: 1, sum: 100 },
    ]);
    expect(points.has('gen_ai.client.inference.duration')).toBe(false);
  });

  it('have the durations of tools, agents and embeddings', async () => {
    const metrics = measured();
    span('execute_tool search', {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'search',
    });
    span('invoke_agent planner', {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'planner',
    });
    span('embeddings small', {
      'gen_ai.operation.name': 'embeddings',
      'gen_ai.request.model': 'text-embedding-3-small',
      'gen_ai.usage.input_tokens': 12,
    });
    const points = await metrics.collect();
    const attributesOf = (name: string) => points.get(name)?.map(({ attributes }) => attributes);
    expect(attributesOf('gen_ai.execute_tool.duration')).toEqual([
      { 'gen_ai.tool.name': 'search' },
    ]);
    expect(attributesOf('gen_ai.invoke_agent.duration')).toEqual([
      { 'gen_ai.agent.name': 'planner' },
    ]);
    expect(attributesOf('gen_ai.client.embeddings.duration')).toMatchObject([
      { 'gen_ai.operation.name': 'embeddings' },
    ]);
    expect(durations(points.get('gen_ai.client.embeddings.operation.input_tokens'))).toMatchObject([
      { sum: 12 },
    ]);
  });

  it('say nothing of retries of other work', async () => {
    const metrics = measured();
    await run(retry('save', { maxAttempts: 2 }, () => sleep(1)));
    const names = [...(await metrics.collect()).keys()].filter((name) => name.startsWith('gen_ai'));
    expect(names).toEqual([]);
  });
});
