import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { llmCall, profile, profiled, retry, segment } from 'hotspan';
import { priceTable, setPrices, type Summary } from 'hotspan/processor';
import { diffSummaries, rerank, toJson, toText } from 'hotspan/report';
import { startTracing } from 'hotspan/node';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();
beforeAll(async () => {
  // Or its loading would be in the time of the first segment.
  await priceTable();
});
afterEach(() => {
  setPrices(undefined);
  vi.unstubAllEnvs();
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/coming-from-jotty.md'), 'utf8');
// Inside the package, so that its own name resolves to what is built, as for a user.
const folder = mkdtempSync(join(root, '.docs-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs Node as a user would, without a receiver. */
function node(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none', ...env },
  });
  return { status, stdout, stderr };
}

function script(name: string, code: string): string {
  const { ES2022 } = ts.ScriptTarget;
  const { ESNext } = ts.ModuleKind;
  const compilerOptions = { target: ES2022, module: ESNext };
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, ts.transpileModule(code, { compilerOptions }).outputText);
  return path;
}

const SMALL_PROGRAM = `
  import { segment } from 'hotspan';
  import { startTracing } from 'hotspan/node';
  const tracing = startTracing();
  segment('outer', () => segment('inner', () => 1));
  console.log('spans:', tracing.summary().spans.analyzed);
  await tracing.shutdown();
`;

interface Section {
  readonly title: string;
  /** The ts block. */
  readonly code: string;
  /** All that is in a block, in one line. */
  readonly blocks: string;
  readonly rows: readonly {
    readonly feature: string;
    readonly jotty: string;
    readonly ours: string;
  }[];
}

const sections: Section[] = page
  .split(/^## /m)
  .slice(1)
  .map((text) => {
    const fences = [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)];
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    return {
      title: text.slice(0, text.indexOf('\n')),
      code: fences.find(([, language]) => language === 'ts')?.[2] ?? '',
      blocks: oneLine(fences.map(([, , code = '']) => code).join('\n')),
      rows: rows.slice(2).map((line) => {
        const [, feature = '', jotty = '', ours = ''] = line.split('|').map((cell) => cell.trim());
        return { feature, jotty, ours };
      }),
    };
  });

function oneLine(code: string): string {
  return code.replace(/\s+/g, ' ');
}

/** What Jotty's monitoring can do, as it names it itself. */
const FEATURES = {
  Profiler: [
    ['Context manager', 'profiler.profile('],
    ['Function decorator', 'profile_function('],
    ['Total duration', 'total_duration'],
    ['Segments as a tree', '.segments'],
    ['Slowest segments', 'slowest_segments'],
    ['Call counts', 'call_counts'],
    ['Printed report', 'print_report('],
    ['Reset', 'reset()'],
    ['Function-level profile', 'enable_cprofile=True'],
  ],
  'Cost tracker': [
    ['Record a call', 'record_llm_call('],
    ['Call made elsewhere', ''],
    ['Success and error', 'success=False, error='],
    ['Duration', 'duration='],
    ['Own cost', 'custom_cost='],
    ['Totals', 'total_cost'],
    ['Averages', 'avg_cost_per_call'],
    ['Cost per 1,000 tokens', 'cost_per_1k_tokens'],
    ['Calls and cost by model', 'cost_by_model'],
    ['Calls and cost by provider', 'cost_by_provider'],
    ['Price overrides', 'update_pricing('],
    ['Efficiency', 'get_efficiency_metrics('],
    ['Save', 'save_to_file('],
    ['Load', 'load_from_file('],
    ['Reset', 'reset()'],
    ['Switch off', 'enable_tracking=False'],
  ],
  'Efficiency metrics': [
    ['Cost per success', 'cost_per_success'],
    ['Success rate', 'success_rate'],
    ['Efficiency against baseline', 'efficiency_score'],
    ['Cost reduction', 'cost_reduction_percent'],
    ['Performance retention', 'performance_retention_percent'],
    ['Cost saved per success', 'cost_per_success_improvement'],
    ['Efficiency improvement', 'efficiency_improvement_percent'],
  ],
  Monitor: [
    ['Start and finish', 'start_execution('],
    ['Success', 'ExecutionStatus.SUCCESS'],
    ['Failure', 'ExecutionStatus.FAILURE'],
    ['Timeout', 'ExecutionStatus.TIMEOUT'],
    ['Error', 'ExecutionStatus.ERROR'],
    ['Cancelled', 'ExecutionStatus.CANCELLED'],
    ['Rates', 'success_rate'],
    ['Averages', 'avg_duration'],
    ['Executions by agent', 'executions_by_agent'],
    ['Errors by type', 'errors_by_type'],
    ['Most common errors', 'common_errors'],
    ['Errors by agent', 'errors_by_agent'],
    ['Whole report', 'generate_report('],
  ],
} as const;

/** Words of a cell that are code and stand for themselves. */
const NAMES = ['AbortError', 'timeout', 'gen_ai.usage.cost', 'startTracing', 'errors'];

describe('docs/coming-from-jotty.md', () => {
  it('has a section for each part, and an entry for every feature', () => {
    expect(sections.map(({ title }) => title)).toEqual(Object.keys(FEATURES));
    for (const { title, rows } of sections) {
      const wanted = FEATURES[title as keyof typeof FEATURES];
      expect(rows.map(({ feature }) => feature)).toEqual(wanted.map(([feature]) => feature));
      for (const [index, [, name]] of wanted.entries()) {
        expect(rows[index]?.jotty).toContain(name);
        expect(rows[index]?.ours).not.toBe('');
      }
    }
  });

  it.each(sections)('shows only code of its block in the table: $title', ({ blocks, rows }) => {
    const shown = rows.flatMap(({ ours }) =>
      [...ours.matchAll(/`([^`]+)`/g)].map(([, code]) => code!),
    );
    expect(shown.length).toBeGreaterThanOrEqual(rows.length);
    expect(
      shown.filter((code) => !NAMES.includes(code) && !blocks.includes(oneLine(code))),
    ).toEqual([]);
  });

  it.each(sections)('prints what it says: $title', ({ title, code }) => {
    const said = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text);
    const path = script(title.replace(/\W/g, '-'), code);
    const { status, stdout, stderr } = node([path]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const printed = stdout.split('\n');
    let from = 0;
    for (const text of said) {
      const at = printed.indexOf(text!, from);
      expect(at, `${text} in\n${stdout}`).toBeGreaterThanOrEqual(0);
      from = at + 1;
    }
    expect(said.length).toBeGreaterThan(2);
  });
});

describe('what is said of the profiler', () => {
  it('segments, functions and methods become spans and rows', async () => {
    const sdk = startSdk();
    const load = profiled('load', (page: number) => sleep(20, page));
    class Shop {
      @profile()
      async total() {
        return sleep(5, 42);
      }
    }
    const total = await segment('checkout', { attributes: { 'app.cart': 7 } }, async () => {
      await Promise.all([load(1), load(2)]);
      return new Shop().total();
    });
    expect(total).toBe(42);
    expect(sdk.span('checkout').attributes).toEqual({ 'app.cart': 7 });
    expect(sdk.parentName('Shop.total')).toBe('checkout');
    const summary = sdk.bottlenecks.summary();
    const calls = summary.bottlenecks.map(({ name, calls }) => [name, calls]);
    expect(Object.fromEntries(calls)).toEqual({ load: 2, 'Shop.total': 1, checkout: 1 });
    expect(summary.latency.totalSeconds).toBeGreaterThan(0.02);
    expect(summary.observedSeconds).toBeCloseTo(summary.latency.totalSeconds, 2);
    expect(summary.slowest[0]).toMatchObject({
      name: 'checkout',
      traceId: sdk.span('checkout').spanContext().traceId,
    });
    expect(rerank(summary, 'self').bottlenecks[0]?.name).toBe('load');
    const critical = summary.bottlenecks.reduce((sum, row) => sum + row.criticalSeconds, 0);
    expect(critical).toBeCloseTo(summary.latency.totalSeconds, 6);
    expect(toText(summary, { top: 10 })).toContain('Shop.total');
    sdk.bottlenecks.reset();
    expect(sdk.bottlenecks.summary()).toMatchObject({ latency: { count: 0 }, bottlenecks: [] });
  });

  it('what overlaps is not mixed up', async () => {
    const sdk = startSdk();
    const request = (name: string) =>
      segment(name, async () => {
        await sleep(5);
        await segment(`part of ${name}`, () => sleep(5));
      });
    await Promise.all([request('a'), request('b')]);
    expect(sdk.parentName('b')).toBeUndefined();
    expect(sdk.parentName('part of a')).toBe('a');
    expect(sdk.parentName('part of b')).toBe('b');
  });

  it('the console exporter prints spans with the ids of their parents', () => {
    const path = script('console', SMALL_PROGRAM);
    const { stdout, stderr } = node([path], { OTEL_TRACES_EXPORTER: 'console' });
    expect(stderr).toBe('');
    const outer = /name: 'outer',\s+id: '(\w+)'/.exec(stdout)?.[1];
    expect(/parentSpanContext: \{[^}]*spanId: '(\w+)'/.exec(stdout)?.[1]).toBe(outer);
    expect(outer).toMatch(/^\w{16}$/);
  });

  it.each([
    ['of one segment', '{ cpuProfile: true }', {}],
    ['of all segments', '{}', { HOTSPAN_CPU_PROFILE: '1' }],
  ])('a profile of the functions %s is in the summary, and in files', (_of, options, env) => {
    const path = script(
      'functions',
      `
        import { segment } from 'hotspan';
        import { startTracing } from 'hotspan/node';
        const tracing = startTracing();
        function burn() {
          let sum = 0;
          for (let i = 0; i < 100_000_000; i += 1) sum += Math.sqrt(i);
          return sum;
        }
        segment('parse', ${options}, burn);
        const [profile] = tracing.summary().cpuProfiles;
        console.log(profile.segment, profile.calls, profile.functions.map(({ name }) => name).join());
        console.log(tracing.summary().toText().includes('inside parse'));
        await tracing.shutdown();
      `,
    );
    const files = join(folder, 'hotspan-cpu-profiles');
    rmSync(files, { recursive: true, force: true });
    const { stdout, stderr } = node([path], env);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^parse 1 .*\bburn\b.*\ntrue\n$/);
    expect(readdirSync(files).filter((name) => name.endsWith('.cpuprofile'))).toHaveLength(1);
  });
});

const usage = { prompt_tokens: 1_000, completion_tokens: 500 };
const elsewhere = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'anthropic',
  'gen_ai.request.model': 'claude-sonnet-4-5',
  'gen_ai.usage.input_tokens': 1_000,
  'gen_ai.usage.output_tokens': 500,
};
const usd = (value: number) => expect.closeTo(value, 10) as number;

async function askAll(): Promise<void> {
  const ask = (provider: string, model: string, response: unknown) =>
    llmCall({ provider, model }, () => response);
  await ask('openai', 'gpt-4o', { usage });
  await ask('our-gpus', 'our-model', { usage });
  await ask('openrouter', 'qwen/qwen3', { usage: { ...usage, cost: 0.02 } });
  await expect(
    llmCall({ provider: 'openai', model: 'gpt-4o' }, () => Promise.reject(new RangeError('no'))),
  ).rejects.toThrow('no');
  await priceTable();
  segment('chat claude-sonnet-4-5', { attributes: elsewhere }, () => undefined);
}

describe('what is said of the cost tracker', () => {
  it('totals, averages, and figures by model and provider', async () => {
    const sdk = startSdk();
    setPrices({ 'our-model': { inputUsdPerMillion: 0.2, outputUsdPerMillion: 0.6 } });
    await askAll();
    const { totals, models, errors } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({
      llmCalls: 5,
      unpricedCalls: 0,
      inputTokens: 4_000,
      outputTokens: 2_000,
      costUsd: usd(0.0385),
      successRate: 0.8,
      costPerSuccessUsd: usd(0.009625),
    });
    const { costUsd = 0, inputTokens, outputTokens, llmCalls } = totals;
    expect(costUsd / llmCalls).toBeCloseTo(0.0077, 10);
    expect((costUsd / (inputTokens + outputTokens)) * 1_000).toBeCloseTo(0.0385 / 6, 10);
    const counts = { inputTokens: 1_000, outputTokens: 500, calls: 1, errors: 0 };
    expect(models).toHaveLength(4);
    expect(models).toEqual(
      expect.arrayContaining([
        {
          ...counts,
          provider: 'openai',
          model: 'gpt-4o',
          calls: 2,
          errors: 1,
          costUsd: usd(0.0075),
        },
        { ...counts, provider: 'our-gpus', model: 'our-model', costUsd: usd(0.0005) },
        { ...counts, provider: 'openrouter', model: 'qwen/qwen3', costUsd: usd(0.02) },
        { ...counts, provider: 'anthropic', model: 'claude-sonnet-4-5', costUsd: usd(0.0105) },
      ]),
    );
    expect(errors).toMatchObject([{ type: 'RangeError', segment: 'chat gpt-4o', count: 1 }]);
  });

  it('a call that was made elsewhere keeps its own duration and its own cost', async () => {
    const sdk = startSdk();
    await priceTable();
    const end = Date.now();
    const attributes = { ...elsewhere, 'gen_ai.usage.cost': 0.5 };
    trace
      .getTracer('shop')
      .startSpan('earlier', { attributes, startTime: end - 800 })
      .end(end);
    const { bottlenecks, totals } = sdk.bottlenecks.summary();
    // An end that has just been counts as the present: up to a millisecond more.
    expect(bottlenecks[0]).toMatchObject({ totalSeconds: expect.closeTo(0.8, 2) as number });
    expect(totals.costUsd).toBe(0.5);
  });

  it('an own price comes before the table, and a model without a price is not charged', async () => {
    const sdk = startSdk();
    setPrices({ 'gpt-4o': { inputUsdPerMillion: 1, outputUsdPerMillion: 2 } });
    await llmCall({ provider: 'openai', model: 'gpt-4o' }, () => ({ usage }));
    await llmCall({ provider: 'our-gpus', model: 'our-model' }, () => ({ usage }));
    const { totals, models } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ costUsd: usd(0.002), unpricedCalls: 1 });
    expect(models.find(({ model }) => model === 'our-model')).not.toHaveProperty('costUsd');
    setPrices({ 'our-model': { inputUsdPerMillion: 1 } });
    sdk.bottlenecks.reset();
    await llmCall({ provider: 'openai', model: 'gpt-4o' }, () => ({ usage }));
    expect(sdk.bottlenecks.summary().totals.costUsd).toEqual(usd(0.0075));
  });

  it('a failed call has the tokens that its error brings along', async () => {
    const sdk = startSdk();
    const error = Object.assign(new RangeError('not JSON'), { usage });
    const call = llmCall({ provider: 'openai', model: 'gpt-4o' }, () => Promise.reject(error));
    await expect(call).rejects.toBe(error);
    const { inputTokens, costUsd, wastedCostUsd } = sdk.bottlenecks.summary().totals;
    expect([inputTokens, costUsd, wastedCostUsd]).toEqual([1_000, usd(0.0075), usd(0.0075)]);
  });

  it('a saved summary comes back whole, and the command prints it', async () => {
    const sdk = startSdk();
    await askAll();
    const summary = sdk.bottlenecks.summary();
    const path = join(folder, 'saved.json');
    writeFileSync(path, toJson(summary));
    expect(JSON.parse(readFileSync(path, 'utf8')) as Summary).toEqual(summary);
    const main = join(root, 'dist/cli/main.js');
    const report = node([main, 'report', path, '--rank-by', 'cost']);
    expect(report).toEqual({
      status: 0,
      stderr: '',
      stdout: `${toText(rerank(summary, 'cost'))}\n`,
    });
    expect(node([main, 'report', path, '--json']).stdout).toBe(`${toJson(summary)}\n`);
  });

  it('reset forgets, and counts on from there', async () => {
    const sdk = startSdk();
    await askAll();
    sdk.bottlenecks.reset();
    const { totals, models } = sdk.bottlenecks.summary();
    expect([totals.llmCalls, totals.costUsd, models]).toEqual([0, undefined, []]);
    await llmCall({ provider: 'openai', model: 'gpt-4o' }, () => ({ usage }));
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 1, costUsd: usd(0.0075) });
  });

  it('it is off with a variable, and without startTracing', async () => {
    vi.stubEnv('OTEL_SDK_DISABLED', 'true');
    const tracing = startTracing();
    await askAll();
    expect(tracing.summary().totals.llmCalls).toBe(0);
    await tracing.shutdown();
    const path = script('off', SMALL_PROGRAM);
    expect(node([path]).stdout).toBe('spans: 2\n');
    expect(node([path], { OTEL_SDK_DISABLED: 'true' }).stdout).toBe('spans: 0\n');
  });
});

describe('what is said of the efficiency metrics', () => {
  it('two configurations are compared by the cost of a success', async () => {
    const sdk = startSdk();
    const response = { usage: { prompt_tokens: 10_000, completion_tokens: 1_000 } };
    const configuration = async (model: string, results: boolean[]) => {
      sdk.bottlenecks.reset();
      for (const isRight of results) {
        const task = segment('task', async () => {
          await llmCall({ provider: 'openai', model }, () => response);
          if (!isRight) throw new RangeError('a wrong answer');
        });
        await task.catch(() => undefined);
      }
      return sdk.bottlenecks.summary();
    };
    const baseline = await configuration('gpt-4o', [true, true, true, true]);
    const candidate = await configuration('gpt-4o-mini', [true, true, true, false]);
    // $0.035 a task, and $0.0021: four of them for three successes.
    expect(baseline.totals).toMatchObject({ costPerSuccessUsd: usd(0.035), successRate: 1 });
    expect(candidate.totals).toMatchObject({ costPerSuccessUsd: usd(0.0028), successRate: 0.75 });
    const { costPerSuccessUsd, successRate } = diffSummaries(baseline, candidate).overall;
    expect(costPerSuccessUsd.ratio).toBeCloseTo(0.08, 10);
    expect(successRate.ratio).toBeCloseTo(0.75, 10);
  });
});

describe('what is said of the monitor', () => {
  it('executions have an agent, a task and one of five results', async () => {
    const sdk = startSdk();
    const of = (agent: string, task: string) => ({
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': agent,
        'app.task.id': task,
      },
    });
    const ignore = () => undefined;
    const stop = new AbortController();
    const once = { maxAttempts: 1, timeoutMillis: 20, signal: stop.signal };
    const slow = ({ signal }: { signal: AbortSignal }) => sleep(5_000, undefined, { signal });

    await segment('invoke_agent researcher', of('researcher', 't1'), () => sleep(5));
    segment('invoke_agent researcher', of('researcher', 't2'), (span) => {
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'no sources' });
      span.setAttribute('error.type', 'failure');
    });
    for (const task of ['t3', 't4']) {
      const work = () => Promise.reject(new RangeError('no such page'));
      await segment('invoke_agent researcher', of('researcher', task), work).catch(ignore);
    }
    await retry('invoke_agent writer', { ...of('writer', 't5'), ...once }, slow).catch(ignore);
    setTimeout(() => stop.abort(), 5);
    await retry('invoke_agent writer', { ...of('writer', 't6'), ...once }, slow).catch(ignore);

    const { latency, totals, bottlenecks, errors } = sdk.bottlenecks.summary();
    expect([latency.count, totals.errors, totals.successRate]).toEqual([6, 5, usd(1 / 6)]);
    expect(totals.llmCalls).toBe(0);
    const byAgent = bottlenecks.map(({ name, calls, errors }) => [name, { calls, errors }]);
    expect(Object.fromEntries(byAgent)).toEqual({
      'invoke_agent researcher': { calls: 4, errors: 3 },
      'invoke_agent writer': { calls: 2, errors: 2 },
    });
    const total = bottlenecks.reduce((sum, { totalSeconds }) => sum + totalSeconds, 0);
    expect(latency.totalSeconds / latency.count).toBeCloseTo(total / 6, 6);
    expect(errors).toMatchObject([
      { type: 'RangeError', segment: 'invoke_agent researcher', count: 2 },
      { type: 'failure', segment: 'invoke_agent researcher', count: 1 },
      { type: 'timeout', segment: 'invoke_agent writer', count: 1 },
      { type: 'AbortError', segment: 'invoke_agent writer', count: 1 },
    ]);
    const agents = sdk.spans().filter(({ attributes }) => 'app.task.id' in attributes);
    expect(agents.map(({ attributes }) => attributes['app.task.id'])).toHaveLength(6);
  });

  it('a time limit other than timeoutMillis has the name of its error', async () => {
    const sdk = startSdk();
    const slow = () =>
      new Promise((_resolve, reject) => {
        const signal = AbortSignal.timeout(5);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    await expect(segment('slow', slow)).rejects.toThrow();
    expect(sdk.span('slow').attributes['error.type']).toBe('TimeoutError');
  });

  it('an error counts in every segment that it passes through', async () => {
    const sdk = startSdk();
    const call = () =>
      llmCall({ provider: 'openai', model: 'gpt-4o', timeoutMillis: 10 }, ({ signal }) =>
        sleep(5_000, undefined, { signal }),
      );
    await expect(segment('invoke_agent writer', call)).rejects.toThrow('longer than 10 ms');
    const found = sdk.bottlenecks.summary().errors.map(({ type, segment }) => [segment, type]);
    expect(Object.fromEntries(found)).toEqual({
      'chat gpt-4o': 'timeout',
      'invoke_agent writer': 'timeout',
    });
  });

  it('the message of an error is on its span, and the cost of an agent in the rows of its calls', async () => {
    const sdk = startSdk();
    const agent = segment('invoke_agent writer', async () => {
      await llmCall({ provider: 'openai', model: 'gpt-4o' }, () => ({ usage }));
      throw new RangeError('no such page');
    });
    await expect(agent).rejects.toThrow('no such page');
    expect(sdk.span('invoke_agent writer').status.message).toBe('no such page');
    const { bottlenecks, totals } = sdk.bottlenecks.summary();
    const cost = bottlenecks.map(({ name, costUsd }) => [name, costUsd]);
    expect(Object.fromEntries(cost)).toEqual({
      'chat gpt-4o': usd(0.0075),
      'invoke_agent writer': undefined,
    });
    expect(totals.costUsd).toEqual(usd(0.0075));
  });
});
