import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fields } from '../fields.js';
import type { Application } from './application.js';
import type { Environment, EnvKind } from './environment.js';
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
const HOOK = '@opentelemetry/instrumentation/hook.mjs';
/** It makes a span for each file that is looked at. */
const OFF_BY_DEFAULT = ['fs'];
/** A bundler would follow an import of it, and warn that it cannot. */
const nodeModule = () => process.getBuiltinModule('node:module');
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
  const require = nodeModule().createRequire(join(folder, 'package.json'));
  hookImports(require, wanted);
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

/**
 * Has OpenTelemetry's hook see what ES modules import. It takes a thread, so that it is there only where an
 * instrumentation needs it.
 */
function hookImports(require: Require, packages: readonly string[]): void {
  const places = [
    () => require,
    ...packages.map((name) => () => nodeModule().createRequire(require.resolve(name))),
  ];
  const { noDeprecation = false } = process;
  // Node 26 warns of `register`, which is how this hook is made to be used. Nobody can do anything about it.
  process.noDeprecation = true;
  for (const place of places) {
    try {
      nodeModule().register(pathToFileURL(place().resolve(HOOK)));
      break;
    } catch {
      // Package managers differ in what they let an application load.
    }
  }
  process.noDeprecation = noDeprecation;
}
