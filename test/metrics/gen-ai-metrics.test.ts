import { trace, type Attributes } from '@opentelemetry/api';
import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics';
import { llmCall, retry, segment } from 'hotspan';
import { BottleneckMetrics, type MetricsOptions } from 'hotspan/processor';
import { describe, expect, it } from 'vitest';
import { fakeClock, run, sleep } from '../support/clock.js';
import { CollectedMetrics, valuesOf, WAYS, type Point } from '../support/metrics.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();

function measured(
  Metrics: (typeof WAYS)[number][1] = CollectedMetrics,
  options: MetricsOptions = {},
) {
  const metrics = new Metrics();
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

describe.each(WAYS)('the metrics of the GenAI conventions, %s,', (_, Metrics) => {
  it('have the duration and the tokens of calls of models', async () => {
    const metrics = measured(Metrics);
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
    const metrics = measured(Metrics);
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
    const metrics = measured(Metrics, { genAiNames: 'older' });
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
    const metrics = measured(Metrics);
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

  it.each([
    ['current', 'gen_ai.client.inference.time_to_first_chunk'],
    ['older', 'gen_ai.client.operation.time_to_first_chunk'],
  ] as const)('have the time to the first content of streams (%s names)', async (names, metric) => {
    const metrics = measured(Metrics, { genAiNames: names });
    const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
    span('chat', call);
    span('chat', { ...call, 'gen_ai.response.time_to_first_chunk': 0.25 });
    const points = durations((await metrics.collect()).get(metric));
    expect(points).toMatchObject([{ count: 1, sum: 0.25 }]);
  });

  it('count the calls of each agent in its own invocation alone', async () => {
    const metrics = measured(Metrics);
    const agent = (name: string, work: () => Promise<unknown>) =>
      segment(
        name,
        {
          attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name },
        },
        work,
      );
    const tool = (name: string, work: () => Promise<unknown>) =>
      segment(
        name,
        { attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name } },
        work,
      );
    await run(
      agent('planner', async () => {
        await ask();
        await tool('search', () => agent('reader', ask));
        await ask();
      }),
    );
    const points = await metrics.collect();
    const sums = (name: string) =>
      durations(points.get(name))?.map(({ attributes, count, sum }) => [
        attributes['gen_ai.agent.name'],
        count,
        sum,
      ]);
    expect(sums('gen_ai.invoke_agent.inference_calls')?.sort()).toEqual([
      ['planner', 1, 2],
      ['reader', 1, 1],
    ]);
    expect(sums('gen_ai.invoke_agent.tool_calls')?.sort()).toEqual([
      ['planner', 1, 1],
      ['reader', 1, 0],
    ]);
    const [ofTool] = points.get('gen_ai.execute_tool.duration')!;
    expect(ofTool!.attributes).toEqual({
      'gen_ai.tool.name': 'search',
      'gen_ai.agent.name': 'planner',
    });
  });

  it('say nothing of retries of other work', async () => {
    const metrics = measured(Metrics);
    await run(retry('save', { maxAttempts: 2 }, () => sleep(1)));
    const names = [...(await metrics.collect()).keys()].filter((name) => name.startsWith('gen_ai'));
    expect(names).toEqual([]);
  });
});
