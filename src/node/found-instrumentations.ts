import { join } from 'node:path';
import { fields } from '../fields.js';
import type { Application } from './application.js';
import type { Environment, EnvKind } from '../environment.js';
import { hookImports } from './hook-imports.js';
import { isInstrumentation, leftOut, type Instrumentation } from './instrumentations.js';

/** Brings most of OpenTelemetry's instrumentations, and reads the variables below itself. */
const ALL = '@opentelemetry/auto-instrumentations-node';
/** Packages with instrumentations, and what their variables call them. */
const PACKAGES = [
  /^@opentelemetry\/instrumentation-(.+)$/,
  /^@traceloop\/instrumentation-(.+)$/,
  /^@arizeai\/openinference-instrumentation-(.+)$/,
  /^opentelemetry-instrumentation-(.+)$/,
  /^@(fastify)\/otel$/,
  /^@(prisma)\/instrumentation$/,
];
/** What a package needs to work without a further call. */
const OPTIONS: Readonly<Record<string, object>> = {
  '@fastify/otel': { registerOnInitialization: true },
};
/**
 * `fs` makes a span for each file that is looked at. Those of LangChain report calls of models beside the
 * requests that they end in, not around them, so that each call would count twice.
 */
const OFF_BY_DEFAULT = ['fs', 'langchain'];
const NAME: EnvKind<string> = { expected: 'a name', parse: (text) => text };

type Require = NodeJS.Require;
type Constructor = new (options?: object) => unknown;

/** Returns whether an instrumentation of this short name, such as `http`, is wanted. */
export function wantedInstrumentations(env: Environment): (name: string) => boolean {
  const enabled = env.readList('OTEL_NODE_ENABLED_INSTRUMENTATIONS', NAME);
  const disabled = env.readList('OTEL_NODE_DISABLED_INSTRUMENTATIONS', NAME) ?? [];
  return (name) => {
    const isOn = enabled?.includes(name) ?? !OFF_BY_DEFAULT.includes(name);
    return isOn && !disabled.includes(name);
  };
}

/**
 * Makes the instrumentations that an application has installed, by the names of their packages. One that
 * cannot be loaded or made is left out, and the log says so.
 */
export function findInstrumentations(
  { folder, dependencies }: Application,
  isWanted: (name: string) => boolean,
  log: (line: string) => void,
): Map<string, Instrumentation> {
  const found = new Map<string, Instrumentation>();
  const wanted = [...dependencies].filter((name) => {
    const short = shortName(name);
    return name === ALL || (short !== undefined && isWanted(short));
  });
  if (wanted.length === 0) return found;
  // A bundler would follow an import of it, and warn that it cannot.
  const { createRequire } = process.getBuiltinModule('node:module');
  const require = createRequire(join(folder, 'package.json'));
  hookImports(require, wanted, log);
  for (const name of wanted.sort((a, b) => Number(b === ALL) - Number(a === ALL))) {
    if (found.has(name)) continue;
    try {
      for (const each of makeAll(name, require)) found.set(each.instrumentationName, each);
    } catch (error) {
      log(leftOut(name, error));
    }
  }
  // They patch what is loaded from now on, and these are.
  for (const name of ['http', 'https']) require(name);
  return found;
}

/** Returns `undefined` for a package of another kind. */
function shortName(name: string): string | undefined {
  for (const pattern of PACKAGES) {
    const match = pattern.exec(name);
    if (match !== null) return match[1];
  }
  return undefined;
}

function makeAll(name: string, require: Require): Instrumentation[] {
  const exports = fields(require(name));
  if (name === ALL) return (exports.getNodeAutoInstrumentations as () => Instrumentation[])();
  const classes = new Set(Object.values(exports).filter(isInstrumentationClass));
  return [...classes].map((each) => new each(OPTIONS[name])).filter(isInstrumentation);
}

function isInstrumentationClass(value: unknown): value is Constructor {
  return typeof value === 'function' && isInstrumentation(value.prototype);
}
