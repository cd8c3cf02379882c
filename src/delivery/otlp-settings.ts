import { readFileSync } from 'node:fs';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';

/** What docker-compose.yml opens, and the default of OpenTelemetry. */
export const DEFAULT_ENDPOINT = 'http://localhost:4318/v1/traces';

/** Where and how traces are sent. Plain data, so that another thread can be given it. */
export interface OtlpSettings {
  /** May hold credentials: for no log. */
  readonly url: string;
  /** For people: without the credentials and parameters that the URL may hold. */
  readonly endpoint: string;
  /** May hold keys: for no log. */
  readonly headers: Readonly<Record<string, string>>;
  readonly isCompressed: boolean;
  /** What TLS needs, as `node:https` names it. */
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

type Log = (line: string) => void;

/**
 * What the `OTEL_EXPORTER_OTLP_*` variables ask for; those with `_TRACES_` in them come first. What
 * cannot be used is said, and left out.
 */
export function otlpSettings(env: NodeJS.ProcessEnv, log: Log): OtlpSettings {
  const url = urlFrom(env, log);
  return {
    url: url.href,
    endpoint: `${url.protocol}//${url.host}${url.pathname}`,
    headers: {
      ...headersFrom(env, 'OTEL_EXPORTER_OTLP_HEADERS', log),
      ...headersFrom(env, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS', log),
    },
    isCompressed: isCompressed(env, log),
    tls: {
      ...file(env, 'CERTIFICATE', 'ca', log),
      ...file(env, 'CLIENT_CERTIFICATE', 'cert', log),
      ...file(env, 'CLIENT_KEY', 'key', log),
    },
  };
}

function urlFrom(env: NodeJS.ProcessEnv, log: Log): URL {
  const specific = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim() ?? '';
  const generic = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim() ?? '';
  const given = specific !== '' ? specific : generic;
  if (given === '') return new URL(DEFAULT_ENDPOINT);
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    log(
      `hotspan: expected the OTLP endpoint in OTEL_* to be an http(s) URL; ${DEFAULT_ENDPOINT} is used.`,
    );
    return new URL(DEFAULT_ENDPOINT);
  }
  if (specific === '') url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url;
}

/** What cannot be read is not quoted: it may be a key. */
function headersFrom(env: NodeJS.ProcessEnv, name: string, log: Log): Record<string, string> {
  const headers = parseKeyPairsIntoRecord(env[name]);
  const entries = (env[name] ?? '').split(',').filter((entry) => entry.trim() !== '');
  const keys = new Set(entries.map((entry) => entry.split('=', 1)[0]?.trim()));
  if (Object.keys(headers).length < keys.size) {
    log(
      `hotspan: expected ${name} to be key=value,key=value; what cannot be read of it is left out.`,
    );
  }
  return headers;
}

function isCompressed(env: NodeJS.ProcessEnv, log: Log): boolean {
  const { name, value } = variable(env, 'COMPRESSION');
  if (!['', 'none', 'gzip'].includes(value)) {
    log(`hotspan: expected ${name} to be gzip or none, got "${value}"; none is used.`);
  }
  return value === 'gzip';
}

function variable(env: NodeJS.ProcessEnv, name: string): { name: string; value: string } {
  const specific = `OTEL_EXPORTER_OTLP_TRACES_${name}`;
  const generic = `OTEL_EXPORTER_OTLP_${name}`;
  const isSpecific = (env[specific]?.trim() ?? '') !== '';
  const found = isSpecific ? specific : generic;
  return { name: found, value: env[found]?.trim() ?? '' };
}

/** Without a file that cannot be read the receiver is not trusted, or does not trust us. */
function file(
  env: NodeJS.ProcessEnv,
  which: string,
  key: keyof OtlpSettings['tls'],
  log: Log,
): OtlpSettings['tls'] {
  const { name, value } = variable(env, which);
  if (value === '') return {};
  try {
    return { [key]: readFileSync(value) };
  } catch {
    log(`hotspan: expected ${name} to be a file that can be read; it is ignored.`);
    return {};
  }
}
