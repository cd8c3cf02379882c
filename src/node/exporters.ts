import { readFileSync } from 'node:fs';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { DEFAULT_ENDPOINT } from '../delivery/delivery-log.js';
import type { OtlpSettings } from '../delivery/otlp-client.js';
import { OtlpSpanProcessor } from '../delivery/otlp-span-processor.js';
import { oneOfWords, wholeNumber, type Environment, type EnvKind } from './environment.js';

/** OpenTelemetry's 10 s would hold up the end of every program whose receiver hangs. */
const EXPORT_TIMEOUT_MILLIS = 1_500;
/** OpenTelemetry's default, 2,048, loses most of what an agent that fans out ends in one tick. */
const QUEUE_SIZE = 65_536;
const QUEUE_BYTES = 64 * 2 ** 20;
/** A request costs as much as encoding some hundred spans. OpenTelemetry's default is 512. */
const BATCH_SIZE = 4_096;
const DELAY_MILLIS = 5_000;
const PREFIX = 'OTEL_EXPORTER_OTLP_';

const EXPORTER = oneOfWords({ otlp: 'otlp', console: 'console', none: 'none' } as const);
const PROTOCOL = oneOfWords({
  'http/protobuf': 'http/protobuf',
  'http/json': 'http/json',
} as const);
const DEFAULT_PROTOCOL = 'http/protobuf';
const COMPRESSION = oneOfWords({ gzip: true, none: false });
const HTTP_URL: EnvKind<URL> = {
  expected: 'an http(s) URL',
  parse: (text) => (/^https?:/i.test(text) && URL.canParse(text) ? new URL(text) : undefined),
  isPrivate: true,
};
const FILE: EnvKind<Buffer> = {
  expected: 'a file that can be read',
  parse: (path) => {
    try {
      return readFileSync(path);
    } catch {
      return undefined;
    }
  },
  isPrivate: true,
};

/**
 * Makes the exporters that `OTEL_TRACES_EXPORTER` asks for: `otlp` (the default), `console`, `none`, or
 * several of them with commas in between. `otlp` is the one that knows what arrived.
 */
export function makeExporters(env: Environment) {
  const given = env.readList('OTEL_TRACES_EXPORTER', EXPORTER, 'otlp is used') ?? ['otlp'];
  const names = new Set(given.map((name) => name ?? 'otlp'));
  const otlp = names.has('otlp') ? makeOtlp(env) : undefined;
  const processors = [
    ...(otlp === undefined ? [] : [otlp]),
    ...(names.has('console') ? [new SimpleSpanProcessor(new ConsoleSpanExporter())] : []),
  ];
  return { processors, otlp };
}

function makeOtlp(env: Environment): OtlpSpanProcessor {
  const count = (name: string) => env.read(`OTEL_${name}`, wholeNumber(1));
  const ofTraces = count('EXPORTER_OTLP_TRACES_TIMEOUT');
  const timeoutMillis = ofTraces ?? count('EXPORTER_OTLP_TIMEOUT') ?? EXPORT_TIMEOUT_MILLIS;
  const limits = {
    maxPending: count('BSP_MAX_QUEUE_SIZE') ?? QUEUE_SIZE,
    maxPendingBytes: env.read('HOTSPAN_MAX_QUEUE_BYTES', wholeNumber(1)) ?? QUEUE_BYTES,
    batchSize: count('BSP_MAX_EXPORT_BATCH_SIZE') ?? BATCH_SIZE,
    delayMillis: count('BSP_SCHEDULE_DELAY') ?? DELAY_MILLIS,
    timeoutMillis: Math.min(timeoutMillis, count('BSP_EXPORT_TIMEOUT') ?? timeoutMillis),
  };
  return new OtlpSpanProcessor(otlpSettings(env), limits, env.log);
}

/** Returns the name of the variable for traces if it is set, and else of that for all signals. */
function otlpVariable(env: Environment, name: string): string {
  const specific = `${PREFIX}TRACES_${name}`;
  return env.text(specific) === undefined ? `${PREFIX}${name}` : specific;
}

export function otlpSettings(env: Environment): OtlpSettings {
  const url = urlFrom(env);
  const file = (name: string) => env.read(otlpVariable(env, name), FILE);
  const protocol = env.read(otlpVariable(env, 'PROTOCOL'), PROTOCOL, `${DEFAULT_PROTOCOL} is used`);
  return {
    protocol: protocol ?? DEFAULT_PROTOCOL,
    url: url.href,
    endpoint: `${url.protocol}//${url.host}${url.pathname}`,
    headers: { ...headersFrom(env, 'HEADERS'), ...headersFrom(env, 'TRACES_HEADERS') },
    isCompressed: env.read(otlpVariable(env, 'COMPRESSION'), COMPRESSION) ?? false,
    tls: { ca: file('CERTIFICATE'), cert: file('CLIENT_CERTIFICATE'), key: file('CLIENT_KEY') },
  };
}

function urlFrom(env: Environment): URL {
  const name = otlpVariable(env, 'ENDPOINT');
  const url = env.read(name, HTTP_URL, `${DEFAULT_ENDPOINT} is used`);
  if (url === undefined) return new URL(DEFAULT_ENDPOINT);
  const isOfAllSignals = name === `${PREFIX}ENDPOINT`;
  if (isOfAllSignals) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url;
}

function headersFrom(env: Environment, which: string): Record<string, string> {
  const name = `${PREFIX}${which}`;
  const text = env.text(name) ?? '';
  const headers = parseKeyPairsIntoRecord(text);
  const entries = text.split(',').filter((entry) => entry.trim() !== '');
  const keys = new Set(entries.map((entry) => entry.split('=', 1)[0]?.trim()));
  if (Object.keys(headers).length < keys.size) {
    // Without the text, which may be a key.
    env.complain(name, 'key=value,key=value', 'the other parts are ignored');
  }
  return headers;
}
