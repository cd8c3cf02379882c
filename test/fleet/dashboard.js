/** Makes docker/fleet/grafana/ranking.json: `node test/fleet/dashboard.js`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

const { DashboardBuilder, DatasourceVariableBuilder } = dashboard;
const { QueryVariableBuilder, TextBoxVariableBuilder } = dashboard;

const FILE = fileURLToPath(new URL('../../docker/fleet/grafana/ranking.json', import.meta.url));
const SOURCE = { type: 'prometheus', uid: '${source}' };
const OF = 'hotspan_service=~"$service"';
const BY_ROW = 'sum by (hotspan_service, hotspan_row)';
const BY_ENTRY = 'sum by (hotspan_service, hotspan_entry_point)';
const ROOTS = 'hotspan_entry_point_duration_seconds';
const SUCCESSES = `sum(histogram_count(increase(${ROOTS}{${OF},error_type=""}[$__range])))`;
const COST = `sum(increase(hotspan_entry_point_cost_total{${OF}}[$__range]))`;

const over = (window, metric, of = OF) => `increase(${metric}{${of}}[${window}])`;
const range = (metric) => over('$__range', metric);
const each = (metric, of) => `rate(${metric}{${of ?? OF}}[$__rate_interval])`;

/** One figure each, for the time that is chosen. */
const FIGURES = [
  ['Traces', 'short', `sum(histogram_count(${range(ROOTS)}))`],
  ['p50', 's', `histogram_quantile(0.5, sum(${range(ROOTS)}))`],
  ['p95', 's', `histogram_quantile(0.95, sum(${range(ROOTS)}))`],
  ['Success', 'percentunit', `${SUCCESSES} / sum(histogram_count(${range(ROOTS)}))`],
  ['Cost per success', 'currencyUSD', `${COST} / ${SUCCESSES}`],
  ['Spend per hour', 'currencyUSD', `3600 * ${COST} / $__range_s`],
];

/** The columns of the ranking. */
const COLUMNS = [
  ['Critical', 's', `${BY_ROW} (${range('hotspan_critical_time_seconds_total')})`],
  [
    'Share',
    'percentunit',
    `${BY_ROW} (${range('hotspan_critical_time_seconds_total')}) / scalar(sum(${range('hotspan_critical_time_seconds_total')}))`,
  ],
  ['Saving', 's', `${BY_ROW} (${range('hotspan_saving_seconds_total')})`],
  ['Self', 's', `${BY_ROW} (${range('hotspan_self_time_seconds_total')})`],
  ['Waste', 's', `${BY_ROW} (${range('hotspan_wasted_time_seconds_total')})`],
  ['Calls', 'short', `${BY_ROW} (${range('hotspan_calls_total')})`],
  ['p95', 's', `histogram_quantile(0.95, ${BY_ROW} (${range('hotspan_row_duration_seconds')}))`],
  ['Errors', 'short', `${BY_ROW} (${range('hotspan_errors_total')})`],
  ['Cost', 'currencyUSD', `${BY_ROW} (${range('hotspan_cost_total')})`],
];

/** What changes over time: a title, the unit, a query and the name of each line. */
const LINES = [
  [
    'Waiting for rows: seconds per second',
    's',
    `topk(10, ${BY_ROW} (${each('hotspan_critical_time_seconds_total')}))`,
    '{{hotspan_row}} ({{hotspan_service}})',
  ],
  [
    'p95 of entry points',
    's',
    `histogram_quantile(0.95, ${BY_ENTRY} (${each(ROOTS)}))`,
    '{{hotspan_entry_point}} ({{hotspan_service}})',
  ],
  [
    'Cost per success',
    'currencyUSD',
    `${BY_ENTRY} (${each('hotspan_entry_point_cost_total')}) / ${BY_ENTRY} (histogram_count(${each(ROOTS, `${OF},error_type=""`)}))`,
    '{{hotspan_entry_point}} ({{hotspan_service}})',
  ],
  [
    'Spend per hour by model',
    'currencyUSD',
    `3600 * sum by (gen_ai_response_model) (${each('hotspan_model_cost_total', 'service_name=~"$service"')})`,
    '{{gen_ai_response_model}}',
  ],
  [
    'Errors per second by type',
    'short',
    `sum by (hotspan_entry_point, error_type) (histogram_count(${each(ROOTS, `${OF},error_type!=""`)}))`,
    '{{hotspan_entry_point}}: {{error_type}}',
  ],
  [
    'Wasted time: seconds per second',
    's',
    `topk(10, ${BY_ROW} (${each('hotspan_wasted_time_seconds_total')}))`,
    '{{hotspan_row}} ({{hotspan_service}})',
  ],
];

const query = (expr) => new prometheus.DataqueryBuilder().expr(expr).datasource(SOURCE);

function figure([title, unit, expr]) {
  return new stat.PanelBuilder()
    .title(title)
    .unit(unit)
    .datasource(SOURCE)
    .span(4)
    .height(4)
    .withTarget(query(expr).instant());
}

function lines([title, unit, expr, legend]) {
  return new timeseries.PanelBuilder()
    .title(title)
    .unit(unit)
    .min(0)
    .datasource(SOURCE)
    .span(12)
    .height(9)
    .withTarget(query(expr).legendFormat(legend).range());
}

/** A link to Jaeger's search for the spans of a row. Rows that were made from attributes have no span of their name. */
const LINKS = [
  {
    title: 'Spans of this name in Jaeger',
    url: '${jaeger}/search?service=${__data.fields.Service:percentencode}&operation=${__data.fields.Row:percentencode}',
    targetBlank: true,
  },
  {
    title: 'Traces of this service in Jaeger',
    url: '${jaeger}/search?service=${__data.fields.Service:percentencode}',
    targetBlank: true,
  },
];

function ranking() {
  const named = COLUMNS.map(([title], at) => [`Value #${letter(at)}`, title]);
  const names = [...named, ['hotspan_row', 'Row'], ['hotspan_service', 'Service']];
  const order = ['hotspan_row', 'hotspan_service', ...named.map(([field]) => field)];
  const panel = new table.PanelBuilder()
    .title('What made users wait')
    .datasource(SOURCE)
    .span(24)
    .height(14)
    .sortBy([new common.TableSortByFieldStateBuilder().displayName('Critical').desc(true)])
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(order.map((field, at) => [field, at])),
        renameByName: Object.fromEntries(names),
      },
    })
    .overrideByName('Row', [{ id: 'links', value: LINKS }]);
  for (const [at, [title, unit, expr]] of COLUMNS.entries()) {
    const { Table } = prometheus.PromQueryFormat;
    panel.withTarget(query(expr).instant().format(Table).refId(letter(at)));
    panel.overrideByName(title, [{ id: 'unit', value: unit }]);
  }
  return panel;
}

const letter = (at) => String.fromCharCode(65 + at);

/** As the file has it. */
export function dashboardText() {
  const builder = new DashboardBuilder('hotspan: what made users wait')
    .uid('hotspan-ranking')
    .tags(['hotspan'])
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .withVariable(new DatasourceVariableBuilder('source').label('Source').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('service')
        .label('Service')
        .datasource(SOURCE)
        .query('label_values(hotspan_calls_total, hotspan_service)')
        .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        .allValue('.*')
        .current({ text: 'All', value: '$__all' }),
    )
    .withVariable(
      new TextBoxVariableBuilder('jaeger').label('Jaeger').defaultValue('http://localhost:16686'),
    );
  for (const each of FIGURES) builder.withPanel(figure(each));
  builder.withPanel(ranking());
  for (const each of LINES) builder.withPanel(lines(each));
  return `${JSON.stringify(builder.build(), undefined, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, dashboardText());
