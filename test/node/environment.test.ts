import { context, diag, propagation } from '@opentelemetry/api';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { segment } from 'hotspan';
import type { Tracing, TracingOptions } from 'hotspan/node';
import { priceTable } from 'hotspan/processor';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { tracingInTests } from '../support/tracing.js';

const { lines, start: startWith, receive: receiveWith } = tracingInTests();
afterEach(() => {
  diag.disable();
  vi.restoreAllMocks();
});

function start(env: Record<string, string> = {}, options: TracingOptions = {}): Tracing {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return startWith(options);
}

function receive(tls?: Parameters<typeof startOtlpReceiver>[1]): Promise<OtlpReceiver> {
  return receiveWith(200, tls);
}

const path = (name: string) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));
const [cert, key] = [path('cert.pem'), path('key.pem')];
const tls = { cert: readFileSync(cert), key: readFileSync(key) };

describe('certificates', () => {
  it('let the receiver be trusted', async () => {
    const receiver = await receive(tls);
    const tracing = start({ OTEL_EXPORTER_OTLP_CERTIFICATE: cert });
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(receiver.spans).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it('let the receiver trust us', async () => {
    const receiver = await receive({ ...tls, ca: tls.cert, requestCert: true });
    const tracing = start({
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: cert,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
    });
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(receiver.spans).toHaveLength(1);
  });

  it('are missed on one line, and a receiver that is not trusted gets nothing', async () => {
    const receiver = await receive(tls);
    const tracing = start({ OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such.pem' });
    segment('work', () => 1);
    await tracing.shutdown();
    expect(receiver.spans).toEqual([]);
    expect(lines).toEqual([
      'hotspan: expected OTEL_EXPORTER_OTLP_CERTIFICATE to be a file that can be read; it is ignored.',
      expect.stringContaining('spans do not arrive'),
    ]);
  });
});

describe('the variables of the exporter', () => {
  it('compress', async () => {
    const receiver = await receive();
    const tracing = start({ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' });
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(receiver.headers[0]).toMatchObject({ 'content-encoding': 'gzip' });
    expect(receiver.spans).toHaveLength(1);
  });

  it('come first where they are those of traces', async () => {
    const receiver = await receive();
    const elsewhere = await receive();
    const tracing = start({
      OTEL_EXPORTER_OTLP_ENDPOINT: elsewhere.endpoint,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.endpoint}/here`,
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=one,x-only=kept',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-team=two',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    });
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(receiver.headers[0]).toMatchObject({
      'content-encoding': 'gzip',
      'x-team': 'two',
      'x-only': 'kept',
    });
    expect(tracing.delivery().endpoint).toBe(`${receiver.endpoint}/here`);
    expect(elsewhere.headers).toEqual([]);
    expect(lines).toEqual([]);
  });

  it.each([
    { OTEL_EXPORTER_OTLP_TIMEOUT: '30000', OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '50' },
    { OTEL_EXPORTER_OTLP_TIMEOUT: '30000', OTEL_BSP_EXPORT_TIMEOUT: '50' },
  ])('limit the time of a request: %j', async (env) => {
    await receiveWith('hang');
    const tracing = start(env);
    segment('work', () => 1);
    const startMillis = performance.now();
    await tracing.shutdown();
    expect(performance.now() - startMillis).toBeLessThan(15_000);
    expect(tracing.delivery()).toMatchObject({ dropped: 1, reason: 'no answer in time' });
  });

  it('are told of a compression that there is not, and of headers that cannot be read', async () => {
    const receiver = await receive();
    const tracing = start({
      OTEL_EXPORTER_OTLP_COMPRESSION: 'deflate',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-good=1,secret',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-bad=%secret',
    });
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(receiver.headers[0]).toMatchObject({ 'x-good': '1' });
    expect(receiver.headers[0]).not.toHaveProperty('content-encoding');
    const say = (name: string) =>
      `hotspan: expected ${name} to be key=value,key=value; the other parts are ignored.`;
    expect(lines.toSorted()).toEqual([
      'hotspan: expected OTEL_EXPORTER_OTLP_COMPRESSION to be gzip or none, got "deflate"; it is ignored.',
      say('OTEL_EXPORTER_OTLP_HEADERS'),
      say('OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
    ]);
  });

  it.each(['-1', 'many', '12abc'])('name a length of messages that is none: %s', (length) => {
    start({ HOTSPAN_ERROR_MESSAGE_LENGTH: length });
    expect(lines).toEqual([
      `hotspan: expected HOTSPAN_ERROR_MESSAGE_LENGTH to be a whole number of at least 0, got "${length}"; 256 is used.`,
    ]);
  });

  it.each([
    [{}, 'application/x-protobuf'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, 'application/json'],
    [
      {
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      },
      'application/x-protobuf',
    ],
  ])('choose the form of the requests: %j, %s', async (env, contentType) => {
    const receiver = await receive();
    const tracing = start({ ...env });
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(receiver.headers[0]).toMatchObject({ 'content-type': contentType });
    expect(receiver.spans.map(({ name }) => name)).toEqual(['work']);
    expect(lines).toEqual([]);
  });

  it('name a protocol that is not spoken here: HTTP is, and that is said', async () => {
    const receiver = await receive();
    const tracing = start({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(receiver.headers[0]).toMatchObject({ 'content-type': 'application/x-protobuf' });
    expect(lines).toEqual([expect.stringContaining('got "grpc"; http/protobuf is used.')]);
  });

  it('set the size of the batches, and how long they wait', async () => {
    const receiver = await receive();
    start({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2', OTEL_BSP_SCHEDULE_DELAY: '1' });
    for (let i = 0; i < 6; i += 1) segment('work', () => 1);
    await vi.waitFor(() => expect(receiver.spans).toHaveLength(6));
    expect(receiver.headers).toHaveLength(3);
  });

  it('set the length of the queue, and what does not fit is lost', async () => {
    const receiver = await receive();
    const tracing = start({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5' });
    for (let i = 0; i < 1_000; i += 1) segment('work', () => 1);
    await tracing.forceFlush();
    expect(receiver.spans.length).toBeGreaterThan(0);
    expect(receiver.spans.length).toBeLessThan(1_000);
    expect(tracing.summary().spans.analyzed).toBe(1_000);
  });
});

describe('the variables of the provider', () => {
  it('limit the attributes of spans', async () => {
    const receiver = await receive();
    const tracing = start({
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2',
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
    });
    segment('work', { attributes: { a: 'abcdef', b: 1, c: 2 } }, () => 1);
    await tracing.forceFlush();
    expect(receiver.spans[0]?.attributes).toEqual({ a: 'abc', b: 1 });
  });

  const full = () =>
    segment('work', { attributes: { a: 'abcdef', b: 1, c: 2 } }, (span) => {
      for (const name of ['one', 'two', 'three']) {
        span.addEvent(name, { a: 1, b: 2 });
        span.addLink({ context: span.spanContext(), attributes: { a: 1, b: 2 } });
      }
    });

  it.each([
    {
      OTEL_SPAN_EVENT_COUNT_LIMIT: '2',
      OTEL_SPAN_LINK_COUNT_LIMIT: '1',
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '1',
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '0',
      OTEL_ATTRIBUTE_COUNT_LIMIT: '2',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
    },
    {
      OTEL_SPAN_EVENT_COUNT_LIMIT: '2',
      OTEL_SPAN_LINK_COUNT_LIMIT: '1',
      OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: '1',
      OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT: '0',
      OTEL_ATTRIBUTE_COUNT_LIMIT: '100',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2',
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '100',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
    },
  ])('limit events, links and their attributes, those of spans first: %j', async (env) => {
    const receiver = await receive();
    const tracing = start(env);
    full();
    await tracing.forceFlush();
    const [{ attributes, events = [], links = [] } = { attributes: {} }] = receiver.spans;
    expect(attributes).toEqual({ a: 'abc', b: 1 });
    expect(events.map((event) => [event.name, event.attributes.length])).toEqual([
      ['two', 1],
      ['three', 1],
    ]);
    expect(links.map((link) => link.attributes)).toEqual([[]]);
    expect(lines).toEqual([]);
  });

  it.each([
    ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '0', 1],
    ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', '-3', 0],
    ['OTEL_SPAN_EVENT_COUNT_LIMIT', 'two', 0],
    ['OTEL_SPAN_LINK_COUNT_LIMIT', '1.5', 0],
  ])(
    'are told of a limit that is none, and nothing is limited: %s=%s',
    async (name, text, least) => {
      const receiver = await receive();
      const tracing = start({ [name]: text });
      full();
      await tracing.forceFlush();
      expect(receiver.spans[0]).toMatchObject({ attributes: { a: 'abcdef', b: 1, c: 2 } });
      expect(receiver.spans[0]?.events).toHaveLength(3);
      expect(receiver.spans[0]?.links).toHaveLength(3);
      expect(lines).toEqual([
        `hotspan: expected ${name} to be a whole number of at least ${least}, got "${text}"; it is ignored.`,
      ]);
    },
  );

  it('are told when it is not clear whether they switch it off', async () => {
    const receiver = await receive();
    const tracing = start({ OTEL_SDK_DISABLED: 'yes' });
    segment('work', () => 1);
    await tracing.forceFlush();
    expect(receiver.spans).toHaveLength(1);
    expect(lines).toEqual([
      'hotspan: expected OTEL_SDK_DISABLED to be true or false, got "yes"; it is ignored.',
    ]);
  });

  it('choose a part of the traces for the export; all are ranked', async () => {
    const receiver = await receive();
    const tracing = start({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' });
    for (let i = 0; i < 400; i += 1) segment('work', () => 1);
    await tracing.forceFlush();
    expect(tracing.summary().traces.analyzed).toBe(400);
    expect(receiver.spans.length).toBeGreaterThan(120);
    expect(receiver.spans.length).toBeLessThan(280);
  });

  it.each(['a=b=c', 'no equals sign', '%zz=1', '=x'])(
    'are told when the resource attributes cannot be read: %s',
    async (text) => {
      const receiver = await receive();
      const tracing = start({ OTEL_RESOURCE_ATTRIBUTES: text, OTEL_SERVICE_NAME: 'shop' });
      segment('work', () => 1);
      await tracing.forceFlush();
      expect(receiver.spans[0]?.resource['service.name']).toBe('shop');
      expect(lines).toEqual([
        expect.stringMatching(/^hotspan: expected OTEL_RESOURCE_ATTRIBUTES /),
      ]);
    },
  );
});

describe('OTEL_PROPAGATORS', () => {
  const inject = () => {
    const headers: Record<string, string> = {};
    const baggage = propagation.createBaggage({ user: { value: '7' } });
    context.with(propagation.setBaggage(context.active(), baggage), () =>
      segment('call', () => propagation.inject(context.active(), headers)),
    );
    return Object.keys(headers).sort();
  };

  it.each([
    ['', ['baggage', 'traceparent']],
    ['tracecontext', ['traceparent']],
    ['none', []],
  ])('%j decides what is passed on', async (names, headers) => {
    await receive();
    start({ OTEL_PROPAGATORS: names });
    expect(inject()).toEqual(headers);
    expect(lines).toEqual([]);
  });

  /** A program in a directory of its own, where the package may be installed. */
  function programAt({ hasB3 }: { hasB3: boolean }): string {
    const directory = mkdtempSync(join(tmpdir(), 'hotspan-b3-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    if (!hasB3) return directory;
    const folder = join(directory, 'node_modules/@opentelemetry/propagator-b3');
    mkdirSync(folder, { recursive: true });
    const code = `
      exports.B3InjectEncoding = { SINGLE_HEADER: 0, MULTI_HEADER: 1 };
      exports.B3Propagator = class {
        constructor({ injectEncoding = 0 } = {}) { this.name = ['b3', 'x-b3-traceid'][injectEncoding]; }
        inject(context, carrier, setter) { setter.set(carrier, this.name, '1'); }
        extract(context) { return context; }
        fields() { return [this.name]; }
      };`;
    writeFileSync(join(folder, 'index.js'), code);
    return directory;
  }

  it.each([
    ['b3', ['b3']],
    ['b3multi, baggage', ['baggage', 'x-b3-traceid']],
    ['B3,tracecontext', ['b3', 'traceparent']],
  ])('%j takes the package that the program has installed', async (names, headers) => {
    await receive();
    vi.spyOn(process, 'cwd').mockReturnValue(programAt({ hasB3: true }));
    start({ OTEL_PROPAGATORS: names });
    expect(inject()).toEqual(headers);
    expect(lines).toEqual([]);
  });

  it('finds the package beside the program, wherever that was started', async () => {
    await receive();
    vi.spyOn(process, 'cwd').mockReturnValue(programAt({ hasB3: false }));
    const program = join(programAt({ hasB3: true }), 'main.js');
    vi.spyOn(process, 'argv', 'get').mockReturnValue([process.execPath, program]);
    start({ OTEL_PROPAGATORS: 'b3' });
    expect(inject()).toEqual(['b3']);
  });

  it('is told how to install the package, once, and the others stay', async () => {
    await receive();
    const directory = programAt({ hasB3: false });
    vi.spyOn(process, 'cwd').mockReturnValue(directory);
    vi.spyOn(process, 'argv', 'get').mockReturnValue([
      process.execPath,
      join(directory, 'main.js'),
    ]);
    start({ OTEL_PROPAGATORS: 'b3,tracecontext,baggage' });
    expect(inject()).toEqual(['baggage', 'traceparent']);
    expect(lines).toEqual([
      'hotspan: OTEL_PROPAGATORS asks for b3, which needs a package: ' +
        'npm install @opentelemetry/propagator-b3. Until then b3 is ignored.',
    ]);
  });

  it('is told of a name that is not known', async () => {
    await receive();
    start({ OTEL_PROPAGATORS: 'tracecontext,toString' });
    expect(inject()).toEqual(['traceparent']);
    expect(lines).toEqual([
      'hotspan: expected OTEL_PROPAGATORS to be tracecontext, baggage, b3, b3multi or none, got "toString"; it is ignored.',
    ]);
  });
});

describe('docs/environment.md', () => {
  const text = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
  const rows = text('../../docs/environment.md').match(/^\| `.*$/gm) ?? [];
  /** `…_TRACES_X` and "the same with `TRACES_`" stand for names that begin like the first. */
  const named = rows.flatMap((row) => {
    const cell = row.split('|')[1] ?? '';
    const names = [...cell.matchAll(/`(…?[A-Z_]+)`/g)].map(([, name = '']) => name);
    const [first = ''] = names;
    const prefix = /^(OTEL_EXPORTER_OTLP|OTEL_SPAN_ATTRIBUTE)/.exec(first)?.[0] ?? '';
    return names.filter((name) => name !== 'TRACES_').map((name) => name.replace('…', prefix));
  });
  const tests = readdirSync(new URL('..', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => text(`../${path}`))
    .join();

  it('names variables', () => {
    expect(named.length).toBeGreaterThan(30);
  });

  it.each(named)('has %s, and a test sets it', (name) => {
    expect(tests).toMatch(new RegExp(`\\b${name}(:|=|', |": )`));
  });
});

describe('HOTSPAN_PRICES', () => {
  const model = { id: 'gpt-4o', match: { equals: 'gpt-4o' }, prices: { input_mtok: 1 } };
  const file = join(mkdtempSync(join(tmpdir(), 'prices-')), 'prices.json');
  writeFileSync(file, JSON.stringify([{ id: 'openai', models: [model] }]));

  it('may name what cannot be read, which costs a line and no more', async () => {
    start({ HOTSPAN_PRICES: `${file}.old` });
    await vi.waitFor(() => {
      expect(lines).toHaveLength(1);
    });
    expect(lines[0]).toMatch(
      /^hotspan: HOTSPAN_PRICES: refreshPrices: no price table from .*: ENOENT.*; the bundled prices are used\.$/,
    );
    expect((await priceTable()).source).toBe('bundled');
  });

  it('names the table of prices to take', async () => {
    start({ HOTSPAN_PRICES: file });
    await vi.waitFor(async () => {
      expect(await priceTable()).toMatchObject({ source: 'refreshed', models: 1 });
    });
  });
});

describe('OTEL_LOG_LEVEL', () => {
  it('lets OpenTelemetry speak from that level on', async () => {
    await receive();
    start({ OTEL_LOG_LEVEL: 'WARN' });
    diag.warn('a warning', { of: 1 });
    diag.info('a hint');
    expect(lines).toEqual(['OpenTelemetry: a warning { of: 1 }']);
  });

  it('is told when there is no such level', async () => {
    await receive();
    start({ OTEL_LOG_LEVEL: 'loud' });
    expect(lines).toEqual([expect.stringMatching(/^hotspan: expected OTEL_LOG_LEVEL .*"loud"/)]);
  });
});
