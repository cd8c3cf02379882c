import type { SdkSpanProcessor } from '../processor/sdk-span.js';
import type { Instrumentation } from './instrumentations.js';
import type { Launched } from './launch.js';

/**
 * Keeps what `hotspan/register` has started, and adds to what the program starts in its place. The program
 * may have another copy of hotspan, of another version: these members stay as they are.
 */
export interface Keeper {
  /** The name of the service where neither options nor environment have one. */
  readonly serviceName: string | undefined;
  readonly spanProcessors: readonly SdkSpanProcessor[];
  readonly instrumentations: readonly Instrumentation[];
  readonly log: (line: string) => void;
  /** Ends what is running now, since the program starts tracing itself. Its summary counts. */
  stepBack(): void;
  /** Ends this one with the process, and adds its summary to that of the run. */
  keep(launched: Launched): void;
}

const KEEPER = Symbol.for('hotspan.register');

type Global = Partial<Record<typeof KEEPER, Keeper>>;

export function currentKeeper(): Keeper | undefined {
  return (globalThis as Global)[KEEPER];
}

export function setKeeper(keeper: Keeper): void {
  (globalThis as Global)[KEEPER] = keeper;
}

/** Takes the place of the tracing that `hotspan/register` has started, if it has. */
export function takeOver(): Keeper | undefined {
  const keeper = currentKeeper();
  keeper?.stepBack();
  return keeper;
}
