import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { groupBy } from '../bounded.js';
import { REQUEST, RESOURCE, RESOURCE_SPANS, SCOPE, SCOPE_SPANS } from '../otlp-fields.js';
import { ProtobufReader } from '../protobuf-reader.js';
import { writeAttributes, writeSpan } from './encode-span.js';
import { ProtobufWriter } from './protobuf-writer.js';

/** The spans of one request, encoded. Plain data, so that another thread can be given it. */
export interface SpanBatch {
  readonly count: number;
  /** How much memory its spans take. */
  readonly bytes: number;
  /** `ResourceSpans` without its spans. */
  readonly resource: Uint8Array;
  readonly scopes: readonly ScopeBatch[];
}

interface ScopeBatch {
  /** `ScopeSpans` without its spans. */
  readonly scope: Uint8Array;
  /** Elements of `ScopeSpans.spans`. */
  readonly spans: Uint8Array;
  readonly count: number;
}

/** Spans of one scope that ended one after the other. */
interface Run {
  readonly scope: InstrumentationScope;
  readonly begin: number;
  end: number;
  count: number;
}

/** What the lengths and names around the spans of a request take at most, apart from its own texts. */
const FRAME_BYTES = 1_024;
const INITIAL_BYTES = 256 * 1_024;

/** Encodes spans into one buffer, until a request is full. */
export class BatchEncoder {
  readonly #writer: ProtobufWriter;
  #runs: Run[] = [];
  #resource: Resource | undefined;
  #count = 0;

  constructor(maxBytes: number) {
    this.#writer = new ProtobufWriter(INITIAL_BYTES, maxBytes);
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#writer.length;
  }

  /** @throws RangeError if the span does not fit into a request, which stays as it is */
  add(span: ReadableSpan): void {
    const writer = this.#writer;
    const begin = writer.length;
    try {
      writeSpan(writer, span);
    } catch (error) {
      writer.length = begin;
      throw error;
    }
    // A provider has one resource.
    this.#resource ??= span.resource;
    this.#count += 1;
    const last = this.#runs.at(-1);
    if (last?.scope === span.instrumentationScope) {
      last.end = writer.length;
      last.count += 1;
    } else {
      this.#runs.push({ scope: span.instrumentationScope, begin, end: writer.length, count: 1 });
    }
  }

  /** Hands over what was added, and begins anew. */
  take(): SpanBatch {
    const bytes = this.bytes;
    const written = this.#writer.bytes;
    const scopes = [...groupBy(this.#runs, ({ scope }) => scope)].map(([scope, runs]) => ({
      scope: encode((writer) => writeScope(writer, scope)),
      spans: joined(runs.map(({ begin, end }) => written.subarray(begin, end))),
      count: runs.reduce((sum, { count }) => sum + count, 0),
    }));
    const resource = this.#resource!;
    const batch = {
      count: this.#count,
      bytes,
      resource: encode((writer) => writeResource(writer, resource)),
      scopes,
    };
    this.#writer.clear();
    [this.#runs, this.#count] = [[], 0];
    return batch;
  }
}

/** The bytes of an `ExportTraceServiceRequest`. */
export function requestOf({ bytes, resource, scopes }: SpanBatch): Uint8Array {
  const frames = scopes.reduce((sum, { scope }) => sum + scope.length + 20, resource.length);
  const writer = new ProtobufWriter(bytes + frames + FRAME_BYTES);
  const request = writer.open(REQUEST.resourceSpans, 3);
  writer.raw(resource);
  for (const { scope, spans } of scopes) {
    const begin = writer.open(RESOURCE_SPANS.scopeSpans, 3);
    writer.raw(scope);
    writer.raw(spans);
    writer.close(begin, 3);
  }
  writer.close(request, 3);
  return writer.bytes.subarray(0, writer.length);
}

/** Splits a batch of at least two spans. */
export function halve({ resource, scopes }: SpanBatch): [SpanBatch, SpanBatch] {
  const middle = Math.ceil(scopes.length / 2);
  const halves: [readonly ScopeBatch[], readonly ScopeBatch[]] =
    scopes.length > 1 ? [scopes.slice(0, middle), scopes.slice(middle)] : halvesOf(scopes[0]!);
  return halves.map((half) => ({
    count: half.reduce((sum, { count }) => sum + count, 0),
    bytes: half.reduce((sum, { spans }) => sum + spans.length, 0),
    resource,
    scopes: half,
  })) as [SpanBatch, SpanBatch];
}

function halvesOf({ scope, spans, count }: ScopeBatch): [ScopeBatch[], ScopeBatch[]] {
  const reader = new ProtobufReader(spans);
  const half = Math.floor(count / 2);
  for (let read = 0; read < half; read += 1) reader.next();
  const { position } = reader;
  return [
    [{ scope, spans: spans.subarray(0, position), count: half }],
    [{ scope, spans: spans.subarray(position), count: count - half }],
  ];
}

function writeResource(writer: ProtobufWriter, { attributes, schemaUrl }: Resource): void {
  const begin = writer.open(RESOURCE_SPANS.resource, 2);
  writeAttributes(writer, RESOURCE.attributes, attributes);
  writer.close(begin, 2);
  if (schemaUrl) writer.text(RESOURCE_SPANS.schemaUrl, schemaUrl);
}

function writeScope(
  writer: ProtobufWriter,
  { name, version, schemaUrl }: InstrumentationScope,
): void {
  const begin = writer.open(SCOPE_SPANS.scope, 1);
  writer.text(SCOPE.name, name);
  if (version) writer.text(SCOPE.version, version);
  writer.close(begin, 1);
  if (schemaUrl) writer.text(SCOPE_SPANS.schemaUrl, schemaUrl);
}

function encode(write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter(FRAME_BYTES);
  write(writer);
  return writer.take();
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
