/** What docker-compose.yml opens, and the default of OpenTelemetry. */
export const DEFAULT_ENDPOINT = 'http://localhost:4318/v1/traces';

/** Where traces are sent. */
export interface OtlpEndpoint {
  /** For people: without the credentials and parameters that the URL may hold. */
  readonly url: string;
  /** False when a variable names something that is not an http(s) URL: then it is the default. */
  readonly isValid: boolean;
}

/** Where the exporter sends traces, as it reads it from the `OTEL_EXPORTER_OTLP_*` variables. */
export function otlpEndpoint(env: NodeJS.ProcessEnv): OtlpEndpoint {
  const specific = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim() ?? '';
  const generic = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim() ?? '';
  const given = specific !== '' ? specific : generic;
  if (given === '') return { url: DEFAULT_ENDPOINT, isValid: true };
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return { url: DEFAULT_ENDPOINT, isValid: false };
  }
  const path = specific !== '' ? url.pathname : `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return { url: `${url.protocol}//${url.host}${path}`, isValid: true };
}
