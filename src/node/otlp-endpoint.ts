/** What docker-compose.yml opens, and the default of OpenTelemetry. */
const DEFAULT_ENDPOINT = 'http://localhost:4318/v1/traces';

/**
 * Where the exporter sends traces, as it reads it from the `OTEL_EXPORTER_OTLP_*` variables. For
 * people: credentials and parameters that the URL may hold are left out.
 */
export function otlpEndpoint(env: NodeJS.ProcessEnv): string {
  const specific = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim();
  const generic = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim();
  const url =
    parse(specific) ??
    parse(generic === undefined ? undefined : `${generic.replace(/\/$/, '')}/v1/traces`);
  return url === undefined ? DEFAULT_ENDPOINT : `${url.protocol}//${url.host}${url.pathname}`;
}

function parse(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}
