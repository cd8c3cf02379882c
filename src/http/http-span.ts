import {
  context,
  createContextKey,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { fields } from '../fields.js';
import { nameWithoutSecrets } from '../secrets.js';
import * as semconv from '../semconv.js';
import { VERSION } from '../version.js';

/** The key by which OpenTelemetry's SDK keeps requests of its own from being traced. */
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
/** The conventions' value for a method that a client made up. */
const OTHER = '_OTHER';
const METHODS = new Set('GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY'.split(' '));
const MAX_SERVERS = 100;
const CLIENT_ERROR = 400;
export const SERVER_ERROR = 500;

/** A span for each request of one kind. */
export abstract class RequestInstrumentation {
  abstract readonly instrumentationName: string;
  #tracer: Tracer | undefined;

  abstract enable(): void;
  abstract disable(): void;

  setTracerProvider(provider: TracerProvider): void {
    this.#tracer = provider.getTracer(this.instrumentationName, VERSION);
  }

  protected get tracer(): Tracer {
    return (this.#tracer ??= trace.getTracer(this.instrumentationName, VERSION));
  }
}

export function methodAttributes(method = 'GET'): { name: string; attributes: Attributes } {
  const known = METHODS.has(method) ? method : OTHER;
  const name = known === OTHER ? 'HTTP' : known;
  return { name, attributes: { [semconv.HTTP_REQUEST_METHOD]: known } };
}

/** The path of a request without its query, which may hold anything. */
export function pathWithoutQuery(target = '/'): string {
  const end = target.search(/[?#]/);
  return nameWithoutSecrets(end < 0 ? target : target.slice(0, end));
}

/** Programs ask the same few hosts again and again. */
const servers = new Map<string, Attributes>();

/** Splits `host:port`, also with an IPv6 address. */
export function serverAttributes(host: string, scheme: string): Attributes {
  const key = scheme + host;
  let found = servers.get(key);
  if (found === undefined) {
    if (servers.size >= MAX_SERVERS) servers.clear();
    found = splitHost(host, scheme);
    servers.set(key, found);
  }
  return found;
}

function splitHost(host: string, scheme: string): Attributes {
  const [, address = host, port] = /^(.*?)(?::(\d+))?$/s.exec(host) ?? [];
  const number = port === undefined ? (scheme === 'https:' ? 443 : 80) : Number(port);
  return {
    [semconv.SERVER_ADDRESS]: address.replace(/^\[(.*)\]$/, '$1'),
    [semconv.SERVER_PORT]: number,
  };
}

/**
 * Starts the span of a request that goes out, and hands the headers that carry its trace to `setHeader`.
 * Returns `undefined` where nothing is to be traced.
 */
export function startClientSpan(
  tracer: Tracer,
  method: string | undefined,
  attributes: () => Attributes,
  setHeader: (name: string, value: string) => void,
): Span | undefined {
  const parent = context.active();
  if (parent.getValue(SUPPRESSED) === true) return undefined;
  const of = methodAttributes(method);
  const all = { ...of.attributes, ...attributes() };
  const span = tracer.startSpan(of.name, { kind: SpanKind.CLIENT, attributes: all }, parent);
  const setter = { set: (_: unknown, name: string, value: string) => setHeader(name, value) };
  propagation.inject(trace.setSpan(parent, span), undefined, setter);
  return span;
}

/** @param firstError the first status that is an error for this side */
export function setStatusCode(span: Span, status: number, firstError = CLIENT_ERROR): void {
  span.setAttribute(semconv.HTTP_STATUS_CODE, status);
  if (status < firstError) return;
  span.setAttribute(semconv.ERROR_TYPE, String(status));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Without the error's message, which may hold what is private. */
export function setFailed(span: Span, error: unknown): void {
  const { code, name } = fields(error);
  const type = [code, name].find((each) => typeof each === 'string' && each !== '') ?? OTHER;
  span.setAttribute(semconv.ERROR_TYPE, type as string);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
