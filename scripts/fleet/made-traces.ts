import { createHash } from 'node:crypto';
import { seededRandom } from '../../test/support/random.js';

/** How many spans each trace has. */
export const SPANS_PER_TRACE = 10;

const FIRST_MILLIS = 1_790_000_000_000;
const MODELS = ['gpt-4o', 'gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5'];
/** The kinds of OTLP. */
const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;

type Attributes = Readonly<Record<string, string | number>>;
/** Its times are in milliseconds since its trace began. */
type MadeSpan = readonly [
  name: string,
  parent: number | undefined,
  from: number,
  to: number,
  kind: number,
  attributes?: Attributes,
];

/**
 * One line of OTLP JSON with a whole trace: a request to an agent, which looks documents up, asks a model, calls a tool
 * and asks the model again. The same for the same index, and of one of three services.
 */
export function traceLine(index: number): string {
  const id = createHash('sha256').update(`trace ${index}`).digest('hex');
  const traceId = id.slice(0, 32);
  const { spans, failed } = request(index, 1 + Number.parseInt(id.slice(48, 55), 16));
  const spanId = (span: number) => `${id.slice(32, 47)}${span.toString(16)}`;
  const nanos = (millis: number) =>
    `${FIRST_MILLIS + index * 7 + Math.floor(millis)}${String(Math.floor((millis % 1) * 1e6)).padStart(6, '0')}`;
  const made = spans.map(([name, parent, from, to, kind, attributes = {}], span) => ({
    traceId,
    spanId: spanId(span),
    ...(parent === undefined ? {} : { parentSpanId: spanId(parent) }),
    flags: 257,
    name,
    kind,
    startTimeUnixNano: nanos(from),
    endTimeUnixNano: nanos(to),
    attributes: keyValues(attributes),
    status: failed && (span === 0 || span === 7) ? { code: 2, message: 'timed out' } : {},
  }));
  const service = `agents-${index % 3}`;
  const resource = { attributes: keyValues({ 'service.name': service, 'host.name': 'made' }) };
  const scopeSpans = [{ scope: { name: 'made' }, spans: made }];
  return `${JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] })}\n`;
}

function request(index: number, seed: number): { spans: readonly MadeSpan[]; failed: boolean } {
  const random = seededRandom(seed);
  const found = 2 + random.lognormal(40, 0.5);
  const read = found + random.lognormal(15, 0.8);
  const planned = read + random.lognormal(700, 0.4);
  const told = planned + random.lognormal(180, 0.9);
  const written = told + random.lognormal(1500, 0.6);
  const rendered = written + random.lognormal(8, 0.3);
  const failed = random.happens(0.02);
  const model = MODELS[index % MODELS.length]!;
  const chat = (): Attributes => ({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': model.startsWith('gpt') ? 'openai' : 'anthropic',
    'gen_ai.request.model': model,
    'gen_ai.response.model': model,
    'gen_ai.usage.input_tokens': Math.floor(random.lognormal(1800, 0.5)),
    'gen_ai.usage.output_tokens': Math.floor(random.lognormal(300, 0.6)),
  });
  const get = (server: string): Attributes => ({
    'http.request.method': 'GET',
    'server.address': server,
    'http.response.status_code': 200,
  });
  const route = index % 5 === 0 ? '/summarize' : '/ask';
  const tool = index % 2 === 0 ? 'weather' : 'calendar';
  const toolCall = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool };
  const query = { 'db.system.name': 'postgresql', 'db.query.summary': 'SELECT documents' };
  const answer = { 'http.request.method': 'POST', 'http.route': route };
  const spans: readonly MadeSpan[] = [
    [`POST ${route}`, undefined, 0, rendered + 1, SERVER, answer],
    ['retrieve', 0, 1, read, INTERNAL],
    ['GET', 1, 2, found, CLIENT, get('vectors.test')],
    ['SELECT documents', 1, found, read, CLIENT, query],
    [`chat ${model}`, 0, read, planned, CLIENT, chat()],
    [`execute_tool ${tool}`, 0, planned, told, INTERNAL, toolCall],
    ['GET', 5, planned + 1, told - 1, CLIENT, get(`${tool}.test`)],
    [`chat ${model}`, 0, told, written, CLIENT, chat()],
    ['log', 0, told, told + 5, INTERNAL],
    ['render', 0, written, rendered, INTERNAL],
  ];
  return { spans, failed };
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
  }));
}
