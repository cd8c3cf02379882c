import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fields, text } from '../fields.js';

const PACKAGE = '@opentelemetry/instrumentation';
/** The hook of earlier ones (0.x) breaks ES modules that it cannot read, and with them the program. */
const FIRST_MINOR = 52;

/**
 * Has OpenTelemetry's hook see what ES modules import. It takes a thread, so that it is there only where an
 * instrumentation needs it. Of several copies the newest is taken: an application may have old ones, too.
 */
export function hookImports(
  require: NodeJS.Require,
  packages: readonly string[],
  log: (line: string) => void,
): void {
  const { createRequire, register } = process.getBuiltinModule('node:module');
  const hooks = [undefined, ...packages].flatMap((name) => {
    // Package managers differ in what they let an application load.
    try {
      const from = name === undefined ? require : createRequire(require.resolve(name));
      const file = from.resolve(`${PACKAGE}/hook.mjs`);
      return [{ file, ...versionBeside(file) }];
    } catch {
      return [];
    }
  });
  const [newest] = hooks.sort((a, b) => b.minor - a.minor);
  if (newest === undefined) return;
  if (newest.minor < FIRST_MINOR) {
    log(
      `hotspan: expected ${PACKAGE} 0.${FIRST_MINOR} or later, found ${newest.version}: ` +
        'its hook can break ES modules, so that only what is loaded with require() is instrumented.',
    );
    return;
  }
  const { noDeprecation = false } = process;
  // Node 26 warns of `register`, which is how this hook is made to be used. Nobody can do anything about it.
  process.noDeprecation = true;
  try {
    register(pathToFileURL(newest.file));
  } catch {
    // What is loaded with `require` is instrumented all the same.
  }
  process.noDeprecation = noDeprecation;
}

/** One whose version cannot be told counts as new. */
function versionBeside(file: string): { readonly version: string; readonly minor: number } {
  try {
    const json: unknown = JSON.parse(readFileSync(join(dirname(file), 'package.json'), 'utf8'));
    const version = text(fields(json).version) ?? '';
    const [major, minor] = version.split('.', 2).map(Number);
    return { version, minor: major === 0 && minor !== undefined ? minor : Infinity };
  } catch {
    return { version: '', minor: Infinity };
  }
}
