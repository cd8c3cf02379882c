import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { metrics } from '@opentelemetry/api';
import { segment } from 'hotspan';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runProgram } from '../support/program.js';
import { CollectedMetrics, valuesOf } from '../support/metrics.js';
import { tracingInTests } from '../support/tracing.js';

const { start, lines } = tracingInTests();

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly metrics: readonly OtlpMetric[];
}
interface OtlpMetric {
  readonly name: string;
  readonly sum?: OtlpData;
  readonly exponentialHistogram?: OtlpData;
  readonly histogram?: OtlpData;
}
interface OtlpData {
  readonly aggregationTemporality: number;
  readonly dataPoints: readonly { readonly attributes: unknown; readonly asDouble?: number }[];
}
interface Body {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  }[];
}

const CUMULATIVE = 2;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Takes metrics as OTLP in JSON; one that hangs never answers. */
async function receiver(variable = 'OTEL_EXPORTER_OTLP_ENDPOINT', path = '', hangs = false) {
  const received: Received[] = [];
  let onRequest: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (onRequest = resolve));
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { resourceMetrics } = JSON.parse(body) as Body;
      const all = resourceMetrics.flatMap((resource) => resource.scopeMetrics);
      const { url, headers } = request;
      received.push({ path: url, headers, metrics: all.flatMap((scope) => scope.metrics) });
      onRequest();
      if (!hangs) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
  vi.stubEnv(variable, `http://127.0.0.1:${port}${path}`);
  return { received, first };
}

function metricIn({ received }: { received: readonly Received[] }, name: string) {
  return received.flatMap((each) => each.metrics).find((metric) => metric.name === name);
}

describe('metrics of startTracing', () => {
  it('are sent at the end, cumulative, with exponential histograms', async () => {
    const to = await receiver();
    const tracing = start({ metrics: true });
    segment('checkout', () => 1);
    await tracing.shutdown();
    expect(to.received.map(({ path }) => path)).toEqual(['/v1/metrics']);
    const { sum } = metricIn(to, 'hotspan.critical_time')!;
    const { criticalSeconds } = tracing.summary().bottlenecks[0]!;
    expect(sum?.aggregationTemporality).toBe(CUMULATIVE);
    expect(sum?.dataPoints[0]?.asDouble).toBeCloseTo(criticalSeconds, 12);
    const { exponentialHistogram } = metricIn(to, 'hotspan.entry_point.duration')!;
    expect(exponentialHistogram?.aggregationTemporality).toBe(CUMULATIVE);
  });

  it('are asked for by OTEL_METRICS_EXPORTER, and sent at intervals', async () => {
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'otlp');
    vi.stubEnv('OTEL_METRIC_EXPORT_INTERVAL', '20');
    vi.stubEnv('OTEL_METRIC_EXPORT_TIMEOUT', '5000');
    vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_HEADERS', 'x-tenant=blue');
    const buckets = 'explicit_bucket_histogram';
    vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', buckets);
    const to = await receiver('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', '/api/v1/otlp/v1/metrics');
    start();
    segment('checkout', () => 1);
    await to.first;
    expect(to.received[0]?.path).toBe('/api/v1/otlp/v1/metrics');
    expect(to.received[0]?.headers['x-tenant']).toBe('blue');
    expect(metricIn(to, 'hotspan.entry_point.duration')?.histogram).toBeDefined();
  });

  it('are flushed with the spans', async () => {
    const to = await receiver();
    const tracing = start({ metrics: { maxRows: 10 } });
    segment('checkout', () => 1);
    await tracing.forceFlush();
    expect(metricIn(to, 'hotspan.calls')).toBeDefined();
  });

  it.each([
    ['nothing asks for them', undefined, undefined],
    ['they are turned off', 'otlp', false],
    ['nothing is to be exported', 'none', true],
  ])('are not sent where %s', async (_, exporter, option) => {
    vi.stubEnv('OTEL_METRICS_EXPORTER', exporter);
    const to = await receiver();
    const tracing = start({ metrics: option });
    segment('checkout', () => 1);
    await tracing.shutdown();
    expect(to.received).toEqual([]);
  });

  it('go where the process sends its own', async () => {
    const to = await receiver();
    const collected = new CollectedMetrics();
    metrics.setGlobalMeterProvider(collected.provider);
    closers.push(() => metrics.disable());
    const tracing = start({ metrics: true });
    segment('checkout', () => 1);
    await tracing.shutdown();
    const calls = (await collected.collect()).get('hotspan.calls');
    expect(valuesOf(calls, 'hotspan.row')).toEqual({ checkout: 1 });
    expect(to.received).toEqual([]);
  });

  it('never hold up the end where nobody takes them', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', '50');
    await receiver('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', '/v1/metrics', true);
    const tracing = start({ metrics: true });
    segment('checkout', () => 1);
    const before = performance.now();
    await tracing.shutdown();
    expect(performance.now() - before).toBeLessThan(3_000);
  });

  it.each([
    ['by itself', ''],
    ['with an exit code', 'process.exitCode = 3;'],
  ])('are complete where the process ends %s', async (_, end) => {
    const to = await receiver();
    const code = `
      import { segment } from 'hotspan';
      import { startTracing } from 'hotspan/node';
      startTracing();
      await segment('first', () => new Promise((resolve) => setTimeout(resolve, 5)));
      segment('last', () => 1);
      ${end}`;
    const env = {
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_ENDPOINT: process.env.OTEL_EXPORTER_OTLP_ENDPOINT!,
    };
    const ran = runProgram(code, { env }, ({ stdout, stderr }) => stdout + stderr);
    const printed = await ran.catch((error: unknown) => (error as { code: number }).code);
    expect(printed).toBe(end === '' ? '' : 3);
    // It is sent once.
    expect(to.received.length).toBe(1);
    const { sum } = metricIn(to, 'hotspan.calls')!;
    expect(sum!.dataPoints.map(({ asDouble }) => asDouble)).toEqual([1, 1]);
    const { exponentialHistogram } = metricIn(to, 'hotspan.row.duration')!;
    expect(exponentialHistogram!.dataPoints.length).toBe(2);
  });

  it('are left out where the exporter is not known, which is said', async () => {
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'prometheus');
    await receiver();
    start();
    expect(lines).toEqual([
      'hotspan: expected OTEL_METRICS_EXPORTER to be otlp or none, got "prometheus"; it is ignored.',
    ]);
  });
});
