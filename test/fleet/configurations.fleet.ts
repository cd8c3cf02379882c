import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { newFolder, part, root, run } from './parts.js';

const promtool = (...args: readonly string[]) => run(part('bin/promtool'), args);

it('docker-compose.yml is understood by Docker Compose with the profile fleet', () => {
  const args = ['-f', `${root}docker-compose.yml`, '--profile', 'fleet', 'config', '--services'];
  const services = run(part('bin/docker-compose'), args).trim().split('\n').sort();
  expect(services).toEqual(['collector', 'grafana', 'jaeger', 'prometheus-fleet']);
});

it('the Collector’s configuration is valid', () => {
  run(part('bin/otelcol'), ['validate', `--config=${root}docker/fleet/collector.yaml`]);
});

it('Prometheus’ configuration and rules are valid', () => {
  promtool('check', 'config', '--syntax-only', `${root}docker/fleet/prometheus.yaml`);
  promtool('check', 'rules', '--lint-fatal', `${root}docker/fleet/rules.yaml`);
});

it('the dashboard has only what Grafana knows, says its foundation SDK', () => {
  const file = `${root}docker/fleet/grafana/ranking.json`;
  expect(run(part('bin/check-dashboard'), [file])).toBe('13 panels\n');
  const misspelt = join(newFolder(), 'misspelt.json');
  writeFileSync(misspelt, readFileSync(file, 'utf8').replace('"unit"', '"units"'));
  expect(() => run(part('bin/check-dashboard'), [misspelt])).toThrow("unexpected field 'units'");
});

it('Grafana gets its dashboard and sources from where they are mounted', () => {
  const read = (path: string) => parse(readFileSync(`${root}${path}`, 'utf8')) as unknown;
  const compose = readFileSync(`${root}docker-compose.yml`, 'utf8');
  const { providers } = read('docker/fleet/grafana/dashboards.yaml') as {
    providers: readonly { options: { path: string } }[];
  };
  expect(compose).toContain(`ranking.json:${providers[0]!.options.path}/ranking.json`);
});

describe('the alerts', () => {
  // A week of an hour's steps would be enough, but a rate needs two samples in its hour.
  const WEEK = 7 * 24 * 4;
  const rows = (name: string, first: number, then: number) => ({
    series: `${name}{hotspan_service="shop",hotspan_row="chat",instance="1"}`,
    values: `0+${first}x${WEEK} ${first * WEEK}+${then}x12`,
  });
  const entry = (name: string, first: number, then: number) => ({
    ...rows(name, first, then),
    series: `${name}{hotspan_service="shop",hotspan_entry_point="POST /ask",instance="1"}`,
  });
  /** Of 15 minutes: 10 traces, with the count that Prometheus takes from native histograms. */
  const roots = {
    series:
      'hotspan_entry_point_duration_seconds{hotspan_service="shop",hotspan_entry_point="POST /ask",instance="1"}',
    values: `{{schema:0 sum:10 count:10 buckets:[10]}}+{{schema:0 sum:10 count:10 buckets:[10]}}x${WEEK + 13}`,
  };
  const summaryOf = (alertname: string, first: number, then: number, expected: object[]) => {
    const file = join(newFolder(), 'test.yaml');
    const test = {
      rule_files: [`${root}docker/fleet/rules.yaml`],
      evaluation_interval: '15m',
      tests: [
        {
          interval: '15m',
          input_series: [
            rows('hotspan_critical_time_seconds_total', first, then),
            rows('hotspan_cost_total', first, then),
            entry('hotspan_entry_point_cost_total', first, then),
            roots,
          ],
          alert_rule_test: [{ eval_time: `${(WEEK + 12) * 15}m`, alertname, exp_alerts: expected }],
        },
      ],
    };
    writeFileSync(file, JSON.stringify(test));
    return promtool('test', 'rules', file);
  };
  const NAMES = ['HotspanRowSlower', 'HotspanSuccessDearer', 'HotspanSpendHigh'];

  it.each(NAMES)('%s is silent while nothing changes', (name) => {
    summaryOf(name, 5, 5, []);
  });

  it.each([
    [
      'HotspanRowSlower',
      { hotspan_row: 'chat' },
      'shop waits 1.5s a request for chat, twice as long as last week.',
    ],
    [
      'HotspanSuccessDearer',
      { hotspan_entry_point: 'POST /ask' },
      'A success of POST /ask in shop costs $1.5000, twice as much as last week.',
    ],
    ['HotspanSpendHigh', {}, 'shop has spent $60.00 in the last hour.'],
  ])('%s says what became three times as much', (name, labels, summary) => {
    const expected = {
      exp_labels: { severity: 'warning', hotspan_service: 'shop', ...labels },
      exp_annotations: { summary },
    };
    summaryOf(name, 5, 15, [expected]);
  });
});
