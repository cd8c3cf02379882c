import picocolors from 'picocolors';

/** What a stream can show. */
export interface Look {
  readonly color: boolean;
  /** Its columns. Absent if it is no terminal. */
  readonly width?: number;
  readonly ascii: boolean;
}

/**
 * Returns what a stream, by default stdout, can show. Respects `NO_COLOR` (https://no-color.org), `FORCE_COLOR`, and
 * the locale in `LC_ALL`, `LC_CTYPE` or `LANG`.
 */
export function lookOf(
  stream: Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>> = process.stdout,
  env: NodeJS.ProcessEnv = process.env,
): Look {
  const { isTTY: isTerminal = false, columns = 0 } = stream;
  // A stream that does not know its size has 0 columns.
  const size = isTerminal && columns > 0 ? { width: columns } : {};
  return { color: wantsColor(isTerminal, env), ...size, ascii: isAsciiLocale(env) };
}

function wantsColor(isTerminal: boolean, { NO_COLOR = '', FORCE_COLOR }: NodeJS.ProcessEnv) {
  if (NO_COLOR !== '' || FORCE_COLOR === '0' || FORCE_COLOR === 'false') return false;
  return FORCE_COLOR !== undefined || (isTerminal && picocolors.isColorSupported);
}

/** Many containers set no locale, and show UTF-8 all the same. */
function isAsciiLocale({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((name) => name !== undefined && name !== '');
  return locale !== undefined && !/utf-?8/i.test(locale);
}
