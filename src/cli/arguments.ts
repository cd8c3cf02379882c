import { InvalidArgumentError, Option } from 'commander';
import { isHttpUrl } from '../report/jaeger-link.js';
import { BadInputError } from '../errors.js';

const EXPECTED_URL = 'an address such as http://localhost:16686';

/** Reads a count of an option. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new InvalidArgumentError('Expected a whole number of at least 1.');
  }
  return number;
}

/** `--jaeger-url`, where slow spans open. */
export function jaegerUrlOption(): Option {
  return new Option(
    '--jaeger-url <url>',
    'link to the slowest spans in the Jaeger UI there (default: HOTSPAN_JAEGER_URL, or the Jaeger that is read)',
  ).argParser((text) => {
    if (!isHttpUrl(text)) throw new InvalidArgumentError(`Expected ${EXPECTED_URL}.`);
    return text;
  });
}

/**
 * Where the Jaeger UI is: as the option says, or else where the traces were read from, or else as the
 * environment says; undefined when nobody says.
 *
 * @throws BadInputError when the variable holds something else
 */
export function findJaegerUrl(
  option: string | undefined,
  sources: readonly string[],
  env: NodeJS.ProcessEnv,
): string | undefined {
  const source = sources.find(isHttpUrl);
  if (option !== undefined) return uiOf(option);
  if (source !== undefined) return uiOf(source);
  const variable = env.HOTSPAN_JAEGER_URL?.trim() ?? '';
  if (variable === '') return undefined;
  if (!isHttpUrl(variable)) throw new BadInputError(`HOTSPAN_JAEGER_URL: expected ${EXPECTED_URL}`);
  return uiOf(variable);
}

/** The address of the UI, of any address of its pages or of its API. */
function uiOf(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname.replace(/\/(api|trace|search)(\/.*)?$/, '')}`;
}
