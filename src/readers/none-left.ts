import { BadInputError } from '../errors.js';
import { listOf } from './list-of.js';

/** By what traces were chosen. */
interface Choice {
  readonly service?: string | undefined;
  readonly name?: string | undefined;
  /** In words that go on "a start since". */
  readonly since?: string | Date | number | undefined;
}

/** The error for sources in which no trace was as it should be, with the services that there are. */
export function noTraceWith(
  where: string,
  { service, name, since }: Choice,
  services: readonly string[],
): BadInputError {
  const wanted = [
    ...(service === undefined ? [] : [`a span of service "${service}"`]),
    ...(name === undefined ? [] : [`a span named "${name}"`]),
    ...(since === undefined ? [] : [`a start since ${String(since)}`]),
  ];
  return new BadInputError(
    `${where}: no trace with ${wanted.join(' and ')}; services in it: ${listOf(services)}`,
  );
}
