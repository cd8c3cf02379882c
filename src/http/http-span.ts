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

/** The conventions' value for the method of a request. */
export function knownMethod(method = 'GET'): string {
  return METHODS.has(method) ? method : OTHER;
}

export function spanName(method: string): string {
  return method === OTHER ? 'HTTP' : method;
}

/** The path of a request without its query, which may hold anything. */
export function pathWithoutQuery(target = '/'): string {
  const end = target.indexOf('?');
  return nameWithoutSecrets(end < 0 ? target : target.slice(0, end));
}

/** Where a server is. */
export interface Server {
  readonly address: string;
  /** `undefined` if it is not known. */
  readonly port: number | undefined;
}

/** Programs ask the same few hosts again and again. */
const servers = new Map<string, Server>();
const ORIGIN = /^(?<scheme>\w*):\/\/(?<address>.*?)(?::(?<port>\d+))?$/s;

/** Splits `http://host:port`, also with an IPv6 address. */
export function serverOf(origin: string): Server {
  let found = servers.get(origin);
  if (found === undefined) {
    if (servers.size >= MAX_SERVERS) servers.clear();
    const { scheme, address = origin, port } = ORIGIN.exec(origin)?.groups ?? {};
    const number = port === undefined ? (scheme === 'https' ? 443 : 80) : Number(port);
    found = { address: address.replace(/^\[(.*)\]$/, '$1'), port: number };
    servers.set(origin, found);
  }
  return found;
}

/** A request that goes out. */
export interface Outgoing {
  readonly method: string | undefined;
  /** Such as `http://host:port`. */
  readonly origin: string;
  readonly path: string;
  readonly server: Server;
  /** Is called with the headers that carry its trace. */
  readonly setHeader: (name: string, value: string) => void;
}

/** Starts the span of a request. Returns `undefined` where nothing is to be traced. */
export function startClientSpan(tracer: Tracer, outgoing: Outgoing): Span | undefined {
  const parent = context.active();
  if (parent.getValue(SUPPRESSED) === true) return undefined;
  const { origin, path, server, setHeader } = outgoing;
  const method = knownMethod(outgoing.method);
  const attributes: Attributes = {
    [semconv.HTTP_REQUEST_METHOD]: method,
    [semconv.URL_FULL]: origin + pathWithoutQuery(path),
    [semconv.SERVER_ADDRESS]: server.address,
    [semconv.SERVER_PORT]: server.port,
  };
  const span = tracer.startSpan(spanName(method), { kind: SpanKind.CLIENT, attributes }, parent);
  propagation.inject(trace.setSpan(parent, span), setHeader, SETTER);
  return span;
}

const SETTER = {
  set: (setHeader: Outgoing['setHeader'], name: string, value: string) => setHeader(name, value),
};

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
