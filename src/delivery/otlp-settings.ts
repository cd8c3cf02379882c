import { readFileSync } from 'node:fs';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { oneOfWords, type Environment, type EnvKind } from '../environment.js';
import { DEFAULT_ENDPOINT } from './delivery-log.js';
import type { OtlpSettings } from './otlp-client.js';

const PREFIX = 'OTEL_EXPORTER_OTLP_';
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

/** Returns the name of the variable for traces if it is set, and else of that for all signals. */
function otlpVariable(env: Environment, name: string): string {
  const specific = `${PREFIX}TRACES_${name}`;
  return env.text(specific) === undefined ? `${PREFIX}${name}` : specific;
}

/** `true` if the environment says where spans go. */
export function hasOtlpEndpoint(env: Environment): boolean {
  return env.text(otlpVariable(env, 'ENDPOINT')) !== undefined;
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
