import type { Environment, EnvKind } from '../environment.js';
import * as kinds from '../options.js';
import { PAGE_PORT } from './view.js';

/** How a process serves its page. */
export interface ViewOptions {
  /**
   * The port of this machine, or the next one that is free if it is taken; 0 for any. Default 4319.
   */
  readonly port?: number | undefined;
}

const MAX_PORT = 65_535;
const aPort = kinds.aValue(
  `a port from 0 to ${MAX_PORT}`,
  (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_PORT,
);

/** What the option `view` may be. */
export const VIEW = kinds.aBooleanOr(kinds.options<ViewOptions>({ port: aPort }));
/** The variable where the option is not given. */
export const VIEW_VARIABLE = 'HOTSPAN_VIEW';

const FROM_VARIABLE: EnvKind<number | false> = {
  expected: '1, 0 or a port',
  parse: (text) => {
    if (text === '0') return false;
    const port = text === '1' ? PAGE_PORT : Number(text);
    return aPort.accepts(port) ? port : undefined;
  },
};

/** Returns the first port to try; `undefined` if there is to be no page. */
export function viewPort(
  option: boolean | ViewOptions | undefined,
  env: Environment,
): number | undefined {
  const asked = option ?? env.read(VIEW_VARIABLE, FROM_VARIABLE) ?? false;
  if (typeof asked === 'number') return asked;
  if (asked === false) return undefined;
  return asked === true ? PAGE_PORT : (asked.port ?? PAGE_PORT);
}
