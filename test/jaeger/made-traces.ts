import {
  context,
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type HrTime,
  type Span,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import * as semconv from '../../src/semconv.js';

/** What a span may hold, one attribute of each kind. */
export const VALUES: Attributes = {
  text: 'plain',
  'text.empty': '',
  'text.unicode': 'grün · 東京 · עברית · 👩‍🔬 · e\u0301',
  'text.controls': 'tab\t, line\n, quote ", backslash \\, <b>&amp;</b>',
  'text.long': 'Ein Satz, der lang wird. '.repeat(2_000),
  'int.zero': 0,
  'int.negative': -17,
  'int.largest': Number.MAX_SAFE_INTEGER,
  'double.small': 0.1,
  'double.tiny': 5e-324,
  'double.negative': -2.5e-7,
  'double.exact': 0.000_078_3,
  'bool.true': true,
  'bool.false': false,
  'list.text': ['stop', '', 'ende ✓'],
  'list.int': [1, 0, -3],
  'list.double': [0.5, 1.25],
  'list.bool': [true, false],
  'list.one': ['tool_calls'],
  'schlüssel mit leerzeichen': 'ja',
};

/** The name of every attribute that hotspan writes, those of other conventions apart. */
export const OWN_NAMES = Object.entries<unknown>(semconv)
  .flatMap(([constant, name]) => (/^(HOTSPAN|GEN_AI)_/.test(constant) ? [name] : []))
  .concat(semconv.DETAIL_ATTRIBUTES.map(([, name]) => name))
  .filter((name) => typeof name === 'string');

/** What few calls have: tokens of other kinds, and how the request was sold. */
const DETAILS = Object.fromEntries<string | number>(
  semconv.DETAIL_ATTRIBUTES.map(([, name], at) => [name, at + 1]),
);

/** A value of the right kind for every attribute that hotspan writes. */
export const OWN_ATTRIBUTES: Attributes = {
  [semconv.GEN_AI_OPERATION_NAME]: 'chat',
  [semconv.GEN_AI_PROVIDER_NAME]: 'openai',
  [semconv.GEN_AI_REQUEST_MODEL]: 'gpt-4o',
  [semconv.GEN_AI_RESPONSE_MODEL]: 'gpt-4o-2024-08-06',
  [semconv.GEN_AI_RESPONSE_ID]: 'chatcmpl-1',
  [semconv.GEN_AI_RESPONSE_FINISH_REASONS]: ['stop', 'length'],
  [semconv.GEN_AI_INPUT_MESSAGES]: '[{"role":"user","parts":[{"type":"text","content":"Was?"}]}]',
  [semconv.GEN_AI_OUTPUT_MESSAGES]: '[{"role":"assistant","parts":[]}]',
  [semconv.GEN_AI_USAGE_INPUT_TOKENS]: 1_200,
  [semconv.GEN_AI_USAGE_OUTPUT_TOKENS]: 80,
  [semconv.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]: 1_024,
  [semconv.GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS]: 12,
  [semconv.GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]: 64,
  [semconv.GEN_AI_USAGE_COST]: 0.002_52,
  [semconv.GEN_AI_AGENT_NAME]: 'tourist',
  [semconv.GEN_AI_TOOL_NAME]: 'weather',
  ...DETAILS,
  'gen_ai.response.service_tier': 'flex',
  'hotspan.llm.speed': 'fast',
  'hotspan.llm.inference_geo': 'us',
  [semconv.HOTSPAN_COST_SOURCE]: 'price_table',
  [semconv.HOTSPAN_COST_EXCLUDES]: ['web_search', 'service_tier flex'],
  [semconv.HOTSPAN_ATTEMPT_COUNT]: 2,
  [semconv.HOTSPAN_ATTEMPT_MAX]: 3,
  [semconv.HOTSPAN_ATTEMPT_NUMBER]: 1,
  [semconv.HOTSPAN_ATTEMPT_OUTCOME]: 'timeout',
  [semconv.HOTSPAN_ATTEMPT_BACKOFF]: 0.375,
  [semconv.HOTSPAN_ATTEMPT_TIMEOUT]: 20,
  [semconv.HOTSPAN_LLM_INPUT_HASH]: '0123456789abcdef',
  [semconv.HOTSPAN_LLM_TIME_TO_FIRST_TOKEN]: 0.412_345,
  [semconv.HOTSPAN_CACHE_HIT]: false,
  [semconv.HOTSPAN_CACHE_SAVED_COST]: 0.0125,
  [semconv.HOTSPAN_CACHE_SAVED_TIME]: 1.5,
  [semconv.HOTSPAN_STEP_INDEX]: 2,
  [semconv.HOTSPAN_STEP_OUTCOME]: 'timedOut',
  [semconv.HOTSPAN_STEP_AFTER]: ['search', 'prices'],
  [semconv.HOTSPAN_CPU_PROFILE_FILE]: 'hotspan-20260102T030405Z-17-0-1.cpuprofile',
  [semconv.HOTSPAN_EVENT_LOOP_BLOCKED]: 0.125,
  [semconv.HOTSPAN_IDLE]: true,
  [semconv.HOTSPAN_EXPERIMENT_DELAY]: 0.012,
  [semconv.HOTSPAN_STREAM_MODEL_TIME]: 0.3,
  [semconv.HOTSPAN_STREAM_READER_TIME]: 0.6,
  [semconv.HOTSPAN_STREAM_TURNS]: '0 0 30000 60000 30000',
  [semconv.HOTSPAN_STREAM_READER]: '0123456789abcdef',
  [semconv.HOTSPAN_WARNING]: ['negative tokens', 'a cost that is no number'],
  [semconv.ERROR_TYPE]: 'TimeoutError',
};

const KINDS = ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
const STATUSES = ['UNSET', 'OK', 'ERROR'] as const;

/** The services that the traces are of. */
export const SHOP = 'made-shop';
export const WAREHOUSE = 'made-warehouse ✓';

/** Sends a span with a text of this length, and one without it in the same batch. */
export async function sendLongText(endpoint: string, length: number): Promise<void> {
  const shop = startService(endpoint, SHOP, {});
  const now = Math.floor(Date.now() / 1_000) - 60;
  const span = { from: [now, 0], to: [now, 1] } as const;
  make(shop.tracer, 'long', { ...span, attributes: { text: 'x'.repeat(length) } });
  make(shop.tracer, 'short', span);
  await shop.stop();
}

/** Makes the traces, and sends them. */
export async function sendMadeTraces(endpoint: string): Promise<void> {
  const shop = startService(endpoint, SHOP, {
    'service.version': '1.2.3',
    'deployment.environment.name': 'test',
    'app.zones': ['eu-1', 'eu-2'],
    'app.replicas': 3,
  });
  const warehouse = startService(endpoint, WAREHOUSE, {});
  const now = Math.floor(Date.now() / 1_000) - 60;
  makeKinds(shop.tracer, now);
  makeValues(shop.tracer, now);
  makeEventsAndLinks(shop.tracer, now);
  makeTimes(shop.tracer, now);
  makeTwoServices(shop.tracer, warehouse.tracer, now);
  makeMany(warehouse.tracer, now);
  await Promise.all([shop.stop(), warehouse.stop()]);
}

/** Time of day in the second `now`, to the nanosecond. */
type Moment = readonly [second: number, nanos: number];

interface Sketch extends Omit<SpanOptions, 'startTime'> {
  readonly parent?: Span | undefined;
  readonly from: Moment;
  readonly to: Moment;
}

function startService(endpoint: string, name: string, resource: Attributes) {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ ...resource, 'service.name': name }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }), {
        maxQueueSize: 65_536,
      }),
    ],
  });
  return {
    tracer: provider.getTracer('made', '0.0.1'),
    stop: async () => {
      await provider.forceFlush();
      await provider.shutdown();
    },
  };
}

function make(tracer: Tracer, name: string, sketch: Sketch): Span {
  const { parent, from, to, ...options } = sketch;
  const around = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
  const span = tracer.startSpan(name, { ...options, startTime: time(from) }, around);
  span.end(time(to));
  return span;
}

function time([second, nanos]: Moment): HrTime {
  return [second, nanos];
}

function makeKinds(tracer: Tracer, now: number): void {
  const root = make(tracer, 'kinds', { from: [now, 0], to: [now + 2, 0] });
  KINDS.forEach((kind, index) => {
    const from: Moment = [now, 1_000_000 * index];
    make(tracer, `kind ${kind}`, { parent: root, kind: SpanKind[kind], from, to: [now + 1, 0] });
  });
  for (const status of STATUSES) {
    const around = trace.setSpan(ROOT_CONTEXT, root);
    const span = tracer.startSpan(`status ${status}`, { startTime: [now, 500] }, around);
    const message = status === 'ERROR' ? 'Zeit abgelaufen: 20 s' : undefined;
    span.setStatus({ code: SpanStatusCode[status], ...(message ? { message } : {}) });
    span.end([now, 900_000]);
  }
}

function makeValues(tracer: Tracer, now: number): void {
  const from: Moment = [now, 0];
  const to: Moment = [now, 700];
  const root = make(tracer, 'values', { attributes: VALUES, from, to });
  make(tracer, 'no values', { parent: root, from, to });
  make(tracer, 'own attributes', { parent: root, attributes: OWN_ATTRIBUTES, from, to });
  make(tracer, 'GET /naïve/путь?q=1&r=…', { parent: root, from, to });
}

function makeEventsAndLinks(tracer: Tracer, now: number): void {
  const linked = make(tracer, 'linked', { from: [now, 0], to: [now, 1] });
  const links = [
    { context: linked.spanContext(), attributes: { 'link.reason': 'the same user ✓' } },
    { context: linked.spanContext() },
  ];
  const span = tracer.startSpan('events and links', { links, startTime: [now, 0] }, ROOT_CONTEXT);
  span.addEvent('bare', [now, 1_000]);
  span.addEvent('with values', VALUES, [now, 123_456_789]);
  const error = new TypeError('no such page: „a“');
  error.stack = `TypeError: no such page\n    at load (file:///app/page.js:3:7)`;
  span.recordException(error, [now, 400_000_000]);
  span.end([now + 1, 0]);
}

function makeTimes(tracer: Tracer, now: number): void {
  const root = make(tracer, 'times', { from: [now, 123_456_000], to: [now, 987_654_000] });
  const child = (name: string, from: Moment, to: Moment) =>
    make(tracer, name, { parent: root, from, to });
  child('to the microsecond', [now, 123_457_000], [now, 123_458_000]);
  child('below a microsecond', [now, 200_000_001], [now, 200_000_999]);
  child('no time', [now, 300_000_000], [now, 300_000_000]);
  child('outlives its parent', [now, 900_000_000], [now + 30, 999_999_999]);
  child('two hours', [now - 7_200, 1_000], [now, 1_000]);
}

function makeTwoServices(shop: Tracer, warehouse: Tracer, now: number): void {
  const root = make(shop, 'order', { from: [now, 0], to: [now + 1, 0] });
  const asked = make(shop, 'ask the warehouse', {
    parent: root,
    kind: SpanKind.CLIENT,
    from: [now, 1_000_000],
    to: [now, 900_000_000],
  });
  const remote = trace.wrapSpanContext({
    ...asked.spanContext(),
    isRemote: true,
    traceState: createTraceState('vendor=a1,other=b2'),
  });
  const served = make(warehouse, 'serve', {
    parent: remote,
    kind: SpanKind.SERVER,
    from: [now, 2_000_000],
    to: [now, 800_000_000],
  });
  make(warehouse, 'look up', { parent: served, from: [now, 3_000_000], to: [now, 4_000_000] });
  // The parent of this one never arrives.
  const lost = trace.wrapSpanContext({
    traceId: '0af7651916cd43dd8448eb211c80319c'.replace(/^.{8}/, randomHex()),
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
  make(warehouse, 'parent elsewhere', { parent: lost, from: [now, 0], to: [now, 1_000_000] });
}

function randomHex(): string {
  return Math.floor(Math.random() * 0xffff_ffff)
    .toString(16)
    .padStart(8, '0');
}

/** More than one batch, in one trace. */
function makeMany(tracer: Tracer, now: number): void {
  const root = make(tracer, 'many', { from: [now, 0], to: [now + 1, 0] });
  context.with(ROOT_CONTEXT, () => {
    for (let index = 0; index < 3_000; index += 1) {
      const from: Moment = [now, index * 1_000];
      make(tracer, `part ${index % 7}`, {
        parent: root,
        attributes: { 'part.index': index },
        from,
        to: [now, index * 1_000 + 999],
      });
    }
  });
}
