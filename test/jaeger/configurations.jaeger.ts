import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { sendLongText, sendMadeTraces, SHOP, VALUES, WAREHOUSE } from './made-traces.js';
import type { PlainAttributes, PlainSpan, PlainValue } from './otlp.js';
import { prometheusBinary, prometheusPort, startPrometheus } from './prometheus.js';
import { eventually, jaegerQuery, readBack } from './query.js';
import { startRecorder } from './recorder.js';
import { startJaeger, type JaegerServer, type JaegerServerOptions } from './server.js';

const { binary } = inject('jaeger');
if (binary === undefined) {
  console.log(
    'Left out: the configurations of docker-compose.yml, which need HOTSPAN_JAEGER_BINARY.',
  );
}
if (prometheusBinary === undefined) {
  console.log('Left out: the Monitor page with Prometheus, which is not installed.');
}

let folder: string;
const running: { stop(): Promise<void> }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotspan-jaeger-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  rmSync(folder, { recursive: true });
});

async function start(
  service: JaegerServerOptions['service'],
  prometheusUrl?: string,
): Promise<JaegerServer> {
  const options = { binary: binary ?? '', service, folder };
  const server = await startJaeger(
    prometheusUrl === undefined ? options : { ...options, prometheusUrl },
  );
  running.push(server);
  return server;
}

async function sendThrough(
  server: JaegerServer,
  send: (endpoint: string) => Promise<void> = sendMadeTraces,
): Promise<readonly PlainSpan[]> {
  const recorder = await startRecorder(`${server.otlpEndpoint}/v1/traces`);
  await send(recorder.endpoint);
  await recorder.close();
  return recorder.spans;
}

/** Badger keeps a list as the text of its JSON, and of a link only where it leads. */
function onDisk(span: PlainSpan): PlainSpan {
  const withTexts = (attributes: PlainAttributes): PlainAttributes =>
    Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, listAsText(value)]));
  return {
    ...span,
    attributes: withTexts(span.attributes),
    resource: withTexts(span.resource),
    events: span.events.map((event) => ({ ...event, attributes: withTexts(event.attributes) })),
    links: span.links.map((link) => ({
      ...link,
      attributes: { 'opentracing.ref_type': 'follows_from' },
    })),
  };
}

function listAsText(value: PlainValue): PlainValue {
  if (!Array.isArray(value)) return value;
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? Number(item) : item,
  );
}

describe.skipIf(binary === undefined)('jaeger-badger', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'has every span again after a restart that began with %s',
    async (signal) => {
      const before = await start('jaeger-badger');
      const sent = await sendThrough(before);
      await readBack(jaegerQuery(before.url), sent);
      await before.stop(signal);

      const after = await start('jaeger-badger');
      const read = await readBack(jaegerQuery(after.url), sent);
      expect(read).toHaveLength(sent.length);
      const found = new Map(read.map((span) => [span.spanId, span]));
      for (const span of sent) expect(found.get(span.spanId), span.name).toEqual(onDisk(span));
      expect(await jaegerQuery(after.url).services()).toEqual([SHOP, WAREHOUSE]);
      // On a span, and in an event of another.
      const tags = { 'text.unicode': String(VALUES['text.unicode']) };
      expect(await jaegerQuery(after.url).search(SHOP, { tags })).toHaveLength(2);
    },
  );
});

describe.skipIf(binary === undefined)('jaeger-badger, and a text of more than 64 kB', () => {
  it('drops the span that has it, and no other', async () => {
    const server = await start('jaeger-badger');
    const jaeger = jaegerQuery(server.url);
    const named = (name: string, spans: readonly PlainSpan[]) =>
      spans.filter((span) => span.name === name);
    const kept = await sendThrough(server, (endpoint) => sendLongText(endpoint, 64_000));
    await readBack(jaeger, kept);
    const sent = await sendThrough(server, (endpoint) => sendLongText(endpoint, 66_000));
    await readBack(jaeger, named('short', sent));
    expect(await jaeger.spans(named('long', sent)[0]!.traceId)).toEqual([]);
  });
});

describe.skipIf(binary === undefined)('jaeger-monitor', () => {
  it('keeps traces as jaeger-badger does, and counts them for Prometheus', async () => {
    const server = await start('jaeger-monitor');
    const sent = await sendThrough(server);
    await readBack(jaegerQuery(server.url), sent);
    await eventually(async () => {
      const metrics = await (await fetch(server.metricsUrl)).text();
      const calls = /^traces_span_metrics_calls_total\{(.*span_name="values".*)\} 1$/m.exec(
        metrics,
      );
      expect(calls?.[1]).toContain(`service_name="${SHOP}"`);
      expect(metrics).toMatch(/^traces_span_metrics_duration_milliseconds_bucket\{.*le="300000"/m);
    });
    await server.stop();
    const after = await start('jaeger-monitor');
    expect(await readBack(jaegerQuery(after.url), sent)).toHaveLength(sent.length);
  });

  it.skipIf(prometheusBinary === undefined)('shows rates, errors and durations', async () => {
    const port = await prometheusPort();
    const server = await start('jaeger-monitor', `http://127.0.0.1:${port}`);
    const prometheus = await startPrometheus(
      prometheusBinary ?? '',
      port,
      server.metricsUrl,
      folder,
    );
    running.push(prometheus);
    const jaeger = jaegerQuery(server.url);
    const query = { service: SHOP, groupByOperation: 'true' };
    await eventually(async () => {
      // A rate is of what is added from one collection to the next.
      await sendMadeTraces(server.otlpEndpoint);
      const calls = await jaeger.monitor('calls', { ...query, spanKind: 'internal' });
      expect(calls.values).toBeGreaterThan(0);
      const errors = await jaeger.monitor('errors', { ...query, spanKind: 'internal' });
      expect(errors['status ERROR']).toBeGreaterThan(0);
      const parameters = { ...query, spanKind: 'client', quantile: '0.95' };
      const durations = await jaeger.monitor('latencies', parameters);
      expect(durations['ask the warehouse']).toBeGreaterThan(500);
      expect(durations['ask the warehouse']).toBeLessThan(1_000);
    });
    // The page asks for servers until another kind is chosen.
    expect(Object.keys(await jaeger.monitor('calls', query))).toEqual(['kind SERVER']);
  });
});
