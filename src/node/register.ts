import { existsSync } from 'node:fs';
import { FetchInstrumentation } from '../http/fetch-instrumentation.js';
import { HttpInstrumentation } from '../http/http-instrumentation.js';
import { ModelCallInstrumentation } from '../llm-http/model-call-instrumentation.js';
import { currentRunFolder, RunFolder } from '../run/run-folder.js';
import { openProcessPage } from '../view/process-page.js';
import { findApplication, type Application } from './application.js';
import { Environment } from '../environment.js';
import { findInstrumentations, wantedInstrumentations } from './found-instrumentations.js';
import type { Instrumentation } from './instrumentations.js';
import { currentKeeper, setKeeper } from './keeper.js';
import { launch } from './launch.js';
import { summaryOutput } from './print-summary.js';
import { Collector, Contributor } from './run-keeper.js';

/** Starts hotspan for a program that does not know of it. Never throws. */
export function registerTracing(): void {
  try {
    start();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(`hotspan: ${message}; the program runs without hotspan.`);
  }
}

function start(): void {
  if (currentKeeper() !== undefined) return;
  const path = currentRunFolder();
  // The run that this process belongs to is over.
  if (path !== undefined && !existsSync(path)) return;
  const env = new Environment(process.env, log);
  const application = findApplication(process.argv[1]);
  const options = {
    serviceName: application.name,
    instrumentations: instrumentationsFor(application, env),
    log,
  };
  const output = summaryOutput(undefined, env, true);
  const keeper =
    path === undefined
      ? new Collector(options, output)
      : new Contributor(options, new RunFolder(path));
  const launched = launch({}, env, keeper, () => Promise.resolve());
  if (!launched.isOn) return;
  keeper.keep(launched);
  setKeeper(keeper);
  keeper.watch(application.folder);
  // The page of a run is served by its first process.
  if (!(keeper instanceof Collector)) return;
  openProcessPage(
    undefined,
    env,
    () => keeper.summary(),
    (newest) => keeper.follow(newest),
  );
}

/** Every process of a run has the same to say: it is said once. */
function log(line: string): void {
  const path = currentRunFolder();
  if (path === undefined || new RunFolder(path).isFirstToSay(line)) console.error(line);
}

/**
 * The application's own come before those that hotspan brings. Calls of models come last, since a call
 * holds the requests that it makes: what is switched on later is outside of what was there.
 */
function instrumentationsFor(application: Application, env: Environment): Instrumentation[] {
  const isWanted = wantedInstrumentations(env);
  const found = findInstrumentations(application, isWanted, env.log);
  const own = [
    { name: 'http', make: () => new HttpInstrumentation() },
    { name: 'undici', make: () => new FetchInstrumentation() },
  ];
  const missing = own.filter(
    ({ name }) => isWanted(name) && !found.has(`@opentelemetry/instrumentation-${name}`),
  );
  return [
    ...missing.map(({ make }) => make()),
    ...found.values(),
    new ModelCallInstrumentation({ enabled: false }),
  ];
}
