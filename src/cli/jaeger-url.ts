import { InvalidArgumentError, Option } from 'commander';
import { BadInputError } from '../errors.js';
import { isHttpUrl } from '../report/jaeger-link.js';

const EXPECTED_URL = 'an address such as http://localhost:16686';

export function jaegerUrlOption(): Option {
  return new Option(
    '--jaeger-url <url>',
    'link the slowest spans to the Jaeger UI there (default: HOTSPAN_JAEGER_URL, or the Jaeger that is read)',
  ).argParser((text) => {
    if (!isHttpUrl(text)) throw new InvalidArgumentError(`Expected ${EXPECTED_URL}.`);
    return text;
  });
}

/**
 * Finds the address of the Jaeger UI: in the option, or else among the sources, or else in the variable
 * HOTSPAN_JAEGER_URL.
 *
 * @throws BadInputError when the variable holds something else
 */
export function findJaegerUrl(
  option: string | undefined,
  sources: readonly string[],
  env: NodeJS.ProcessEnv,
): string | undefined {
  const variable = env.HOTSPAN_JAEGER_URL?.trim() ?? '';
  const address = option ?? sources.find(isHttpUrl) ?? variable;
  if (address === '') return undefined;
  if (!isHttpUrl(address)) throw new BadInputError(`HOTSPAN_JAEGER_URL: expected ${EXPECTED_URL}`);
  // It may be the address of any page of the UI, or of the API.
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname.replace(/\/(api|trace|search)(\/.*)?$/, '')}`;
}
