import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { traceLine } from '../../scripts/fleet/made-traces.js';
import { mergeSummaries } from '../../src/summaries/merge-summaries.js';
import type { Summary } from '../../src/summary.js';
import { keepAnswer, writeAnswers, type Sample } from './answers.js';
import { eventually, newFolder, part, root, start, startPrometheus, type Server } from './parts.js';

/** How each process sends its metrics; see process.js. */
const WAYS = ['option', 'variable', 'host'] as const;
const PROCESSES = WAYS.length;
const TRACES = 300;
/** 160 buckets hold these durations in steps of 2.2 %; the rest is how the two choose between neighbours. */
const HISTOGRAM_ERROR = 0.03;

let prometheus: Server;
let collector: Server;
let merged: Summary;
/** Of those processes where hotspan starts the SDK. */
let mergedOwn: Summary;
const folder = newFolder();

/** The Collector of docker-compose.yml, on other ports. */
function startCollector(prometheusUrl: string): Promise<Server> {
  return start(part('bin/otelcol'), (port) => [
    `--config=${root}docker/fleet/collector.yaml`,
    `--set=receivers.otlp.protocols.http.endpoint=127.0.0.1:${port}`,
    '--set=receivers.otlp.protocols.grpc.endpoint=127.0.0.1:0',
    `--set=exporters.otlp_http/prometheus.endpoint=${prometheusUrl}/api/v1/otlp`,
    '--set=processors.batch.timeout=100ms',
  ]);
}

function summaryOf(way: (typeof WAYS)[number], instance: number): Summary {
  const lines = Array.from({ length: TRACES }, (_, at) => traceLine(at * PROCESSES + instance));
  const ran = spawnSync(process.execPath, [`${root}test/fleet/process.js`, way], {
    encoding: 'utf8',
    input: lines.join(''),
    env: {
      ...process.env,
      ...(way === 'variable' ? { OTEL_METRICS_EXPORTER: 'otlp' } : {}),
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_RESOURCE_ATTRIBUTES: `service.name=agents,service.instance.id=${way}`,
    },
  });
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout) as Summary;
}

async function query(promql: string): Promise<readonly Sample[]> {
  const url = `${prometheus.url}/api/v1/query?query=${encodeURIComponent(promql)}`;
  const answer = (await (await fetch(url)).json()) as {
    readonly status: string;
    readonly error?: string;
    readonly data: { readonly result: readonly Sample[] };
  };
  expect(answer.error).toBeUndefined();
  return answer.data.result;
}

/** By the label, as numbers. */
async function byLabel(promql: string, label: string): Promise<Record<string, number>> {
  const samples = await query(promql);
  return Object.fromEntries(
    samples.map(({ metric, value }) => [metric[label] ?? '', Number(value[1])] as const),
  );
}

beforeAll(async () => {
  prometheus = await startPrometheus(folder);
  collector = await startCollector(prometheus.url);
  const summaries = WAYS.map(summaryOf);
  merged = mergeSummaries(summaries);
  mergedOwn = mergeSummaries(summaries.slice(0, 2));
  await eventually(async () => {
    const found = await byLabel(
      'count by (job) (group by (job, instance) (hotspan_calls_total))',
      'job',
    );
    return found.agents === PROCESSES ? true : undefined;
  });
});

afterAll(async () => {
  writeAnswers();
  await collector.stop();
  await prometheus.stop();
});

describe('the ranking of three processes', () => {
  it.each([
    ['hotspan_critical_time_seconds_total', 'criticalSeconds'],
    ['hotspan_self_time_seconds_total', 'selfSeconds'],
    ['hotspan_time_seconds_total', 'totalSeconds'],
    ['hotspan_calls_total', 'calls'],
    ['hotspan_errors_total', 'errors'],
    ['hotspan_wasted_time_seconds_total', 'wastedSeconds'],
    ['hotspan_cost_total', 'costUsd'],
    ['hotspan_input_tokens_total', 'inputTokens'],
    ['hotspan_output_tokens_total', 'outputTokens'],
  ] as const)('has the same %s as the merged summaries', async (metric, figure) => {
    const found = await byLabel(`sum by (hotspan_row) (${metric})`, 'hotspan_row');
    const rows = merged.bottlenecks.filter((row) => (row[figure] ?? 0) > 0);
    expect(Object.keys(found).sort()).toEqual(rows.map(({ name }) => name).sort());
    for (const row of rows) expect(found[row.name]).toBeCloseTo(row[figure] ?? 0, 6);
  });

  it('has the same savings, as far as both are estimates', async () => {
    const found = await byLabel(
      'sum by (hotspan_row) (hotspan_saving_seconds_total)',
      'hotspan_row',
    );
    const [first] = merged.bottlenecks;
    expect(found[first!.name]! / first!.savingSeconds!).toBeCloseTo(1, 1);
  });

  it.each([
    [0.5, 'p50Seconds'],
    [0.95, 'p95Seconds'],
  ] as const)(
    'has the same quantile %d of entry points, within the histogram’s error',
    async (q, figure) => {
      const found = await byLabel(
        `histogram_quantile(${q}, sum by (hotspan_entry_point) (hotspan_entry_point_duration_seconds))`,
        'hotspan_entry_point',
      );
      expect(merged.entryPoints!.length).toBe(2);
      for (const entry of merged.entryPoints!) {
        const off = found[entry.name]! / entry[figure] - 1;
        expect(
          Math.abs(off),
          `${entry.name}: ${found[entry.name]} and ${entry[figure]}`,
        ).toBeLessThan(HISTOGRAM_ERROR);
      }
    },
  );

  it('has the same quantile of rows, within the histogram’s error, where hotspan starts the SDK', async () => {
    const found = await byLabel(
      'histogram_quantile(0.95, sum by (hotspan_row) (hotspan_row_duration_seconds))',
      'hotspan_row',
    );
    const rows = mergedOwn.bottlenecks;
    expect(Object.keys(found).sort()).toEqual(rows.map(({ name }) => name).sort());
    for (const { name, p95Seconds } of rows) {
      const off = found[name]! / p95Seconds - 1;
      expect(Math.abs(off), `${name}: ${found[name]} and ${p95Seconds}`).toBeLessThan(
        HISTOGRAM_ERROR,
      );
    }
  });

  it('has the durations and the tokens of the GenAI conventions', async () => {
    const [calls] = await query('histogram_count(sum(gen_ai_client_inference_duration_seconds))');
    const [tools] = await query('histogram_count(sum(gen_ai_execute_tool_duration_seconds))');
    const [tokens] = await query('sum(gen_ai_client_inference_usage_input_tokens_total)');
    const callsOf = (part: string) =>
      merged.bottlenecks.reduce(
        (sum, { name, calls: count }) => sum + (name.startsWith(part) ? count : 0),
        0,
      );
    // The conventions' histograms of a host are as its SDK makes them.
    const ofHost = await query('sum(gen_ai_client_inference_duration_seconds_count)');
    expect(Number(calls!.value[1]) + Number(ofHost[0]?.value[1] ?? 0)).toBe(callsOf('chat '));
    expect(Number(tools!.value[1])).toBeGreaterThan(0);
    expect(Number(tokens!.value[1])).toBe(merged.totals.inputTokens);
  });
});

describe.each(['docs/fleet.md', 'docs/metrics.md'])('%s', (file) => {
  const text = readFileSync(`${root}${file}`, 'utf8');
  const blocks = [...text.matchAll(/^```promql\n(.*?)^```/gms)].map(([, promql = '']) => promql);

  it('has queries', () => expect(blocks.length).toBeGreaterThan(2));

  it.each(blocks)('has a query that gets an answer: %s', async (promql) => {
    const found = await query(promql);
    keepAnswer(file, promql, found);
    // Nothing is a week old here.
    if (!promql.includes('offset 1w')) expect(found.length).toBeGreaterThan(0);
  });
});

describe('the rules', () => {
  const { groups } = parse(readFileSync(`${root}docker/fleet/rules.yaml`, 'utf8')) as {
    readonly groups: readonly {
      readonly rules: readonly {
        readonly record?: string;
        readonly alert?: string;
        readonly expr: string;
      }[];
    }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  const recorded = rules.filter(({ record }) => record !== undefined);
  const alerts = rules.filter(({ alert }) => alert !== undefined);

  it.each(recorded)('have figures for $record', async ({ record, expr }) => {
    const found = await query(expr);
    keepAnswer(`Rule ${record}`, expr, found);
    expect(found.length).toBeGreaterThan(0);
  });

  it.each(alerts)('are silent about $alert where there is no last week', async (rule) => {
    // In place of the figures that are recorded once a minute.
    const promql = recorded.reduce(
      (expr, { record, expr: made }) =>
        expr
          .replaceAll(`(${record} offset 1w)`, `(${made.replaceAll('[1h]', '[1h] offset 1w')})`)
          .replaceAll(record!, `(${made})`),
      rule.expr,
    );
    const found = await query(promql);
    keepAnswer(`Alert ${rule.alert}`, rule.expr, found);
    expect(found).toEqual([]);
  });
});

describe('the dashboard', () => {
  const dashboard = JSON.parse(
    readFileSync(`${root}docker/fleet/grafana/ranking.json`, 'utf8'),
  ) as {
    readonly panels: readonly {
      readonly title: string;
      readonly targets: readonly { readonly expr: string }[];
    }[];
  };
  const queries = dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [title, expr] as const),
  );

  it.each(queries)('gets an answer for %s: %s', async (title, expr) => {
    const promql = expr
      .replaceAll('$service', '.*')
      .replaceAll('$__range_s', '3600')
      .replaceAll('$__range', '1h')
      .replaceAll('$__rate_interval', '5m');
    expect(promql).not.toContain('$');
    const format = await fetch(
      `${prometheus.url}/api/v1/format_query?query=${encodeURIComponent(promql)}`,
    );
    expect(format.status).toBe(200);
    const found = await query(promql);
    keepAnswer(`Dashboard: ${title}`, promql, found);
    expect(found.length).toBeGreaterThan(0);
  });

  it('is as the script makes it', () => {
    const before = readFileSync(`${root}docker/fleet/grafana/ranking.json`, 'utf8');
    const script = `import { dashboardText } from '${root}test/fleet/dashboard.js'; process.stdout.write(dashboardText());`;
    const made = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(made.stdout).toBe(before);
  });
});
