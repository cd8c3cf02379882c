import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

interface MessageType {
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): unknown;
  fromObject(object: object): object;
  encode(message: object): { finish(): Uint8Array };
}
/** What OpenTelemetry's exporter had until 0.212: made from its own protobuf definitions. */
const definitions = createRequire(import.meta.url)(
  'otlp-definitions/build/src/generated/root.js',
) as {
  opentelemetry: { proto: { collector: { trace: { v1: Record<string, MessageType> } } } };
};
const { ExportTraceServiceRequest, ExportTraceServiceResponse } =
  definitions.opentelemetry.proto.collector.trace.v1;

/** An `ExportTraceServiceRequest` as OTLP JSON has it, with 64-bit numbers as strings. */
export interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpKeyValue[] };
    readonly schemaUrl?: string;
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version?: string };
      readonly schemaUrl?: string;
      readonly spans: readonly Record<string, unknown>[];
    }[];
  }[];
}
export interface OtlpKeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const ID_FIELDS = new Set(['traceId', 'spanId', 'parentSpanId']);

/** Reads a request in the form that its headers name. */
export function readOtlpRequest(
  body: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): OtlpRequest {
  const bytes = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  if (headers['content-type'] === 'application/json') {
    return JSON.parse(bytes.toString()) as OtlpRequest;
  }
  return decodeOtlpRequest(bytes);
}

/** Decodes a request with OpenTelemetry's own protobuf definitions. */
export function decodeOtlpRequest(bytes: Uint8Array): OtlpRequest {
  const message = ExportTraceServiceRequest!.decode(bytes);
  const object = ExportTraceServiceRequest!.toObject(message, { longs: String, arrays: true });
  return JSON.parse(
    JSON.stringify(object, function (this: Record<string, unknown>, key, value: unknown) {
      return ID_FIELDS.has(key) ? Buffer.from(this[key] as Uint8Array).toString('hex') : value;
    }),
  ) as OtlpRequest;
}

/** Encodes a request with OpenTelemetry's own protobuf definitions. */
export function encodeOtlpRequest(request: unknown): Uint8Array {
  const object = JSON.parse(JSON.stringify(request), (key, value: unknown) =>
    ID_FIELDS.has(key) ? Buffer.from(String(value), 'hex').toString('base64') : value,
  ) as object;
  return ExportTraceServiceRequest!.encode(ExportTraceServiceRequest!.fromObject(object)).finish();
}

/** Decodes a receiver's answer. */
export function decodeOtlpAnswer(bytes: Uint8Array): unknown {
  const message = ExportTraceServiceResponse!.decode(bytes);
  return ExportTraceServiceResponse!.toObject(message, { longs: String });
}

/** Encodes a receiver's answer that it rejected some spans. */
export function encodeRejection(rejectedSpans: number): Uint8Array {
  return ExportTraceServiceResponse!.encode({ partialSuccess: { rejectedSpans } }).finish();
}
