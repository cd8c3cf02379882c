/**
 * Names of spans in which a program waits for something from a pool, whatever else they do.
 *
 * | written by | name |
 * |---|---|
 * | OpenTelemetry's instrumentation of `pg`, Datadog | `pg-pool.connect` |
 * | OpenTelemetry's instrumentation of `generic-pool` | `generic-pool.acquire`, up to 0.38 `generic-pool.aquire` |
 * | otelpgx, many by hand | `pool.acquire` |
 * | Prisma | `prisma:engine:connection` |
 * | OpenTelemetry's agent for JDBC | `HikariDataSource.getConnection` |
 */
const NAMES: readonly RegExp[] = [
  /pool[ .:_-]?(?:ac?quire|connect|checkout|check out|wait)$/i,
  /(?:^|[ .:_-])(?:acquire|checkout|get)[ _-]?(?:db[ _-])?connection$/i,
  /(?:^|[ .:_-])connection[ .:_-](?:acquire|checkout)$/i,
  /^prisma:engine:connection$/,
];

const MAX_LENGTH = 100;

export function isPoolWait(name: string): boolean {
  return name.length <= MAX_LENGTH && NAMES.some((pattern) => pattern.test(name));
}
