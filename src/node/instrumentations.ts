import { metrics, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import { wrongUse } from '../errors.js';
import { fields } from '../fields.js';
import type { SdkSpanProcessor } from '../processor/sdk-span.js';

/** An instrumentation, as OpenTelemetry's packages have them. */
export interface Instrumentation {
  /** The name of its package. */
  readonly instrumentationName: string;
  /** Starts to make spans. Does nothing if it does so already. */
  enable(): void;
  /** Makes no more spans. */
  disable(): void;
  /** Tells it which provider its spans are made with. */
  setTracerProvider(provider: TracerProvider): void;
  /** Tells it which provider its metrics are made with. */
  setMeterProvider?(provider: MeterProvider): void;
}

/** Instrumentations, also in lists of lists, as `getNodeAutoInstrumentations()` returns them. */
export type Instrumentations = readonly (Instrumentation | Instrumentations)[];

const PROCESSOR = ['onStart', 'onEnd', 'forceFlush', 'shutdown'];
const INSTRUMENTATION = ['enable', 'disable', 'setTracerProvider'];

function has(value: unknown, methods: readonly string[]): boolean {
  return methods.every((name) => typeof fields(value)[name] === 'function');
}

export function isInstrumentation(value: unknown): value is Instrumentation {
  return has(value, INSTRUMENTATION);
}

/** @throws TypeError for the first that is none */
export function checkSpanProcessors(where: string, given: readonly SdkSpanProcessor[] = []): void {
  given.forEach((each, at) => {
    if (has(each, PROCESSOR)) return;
    throw wrongUse(where, `\`spanProcessors[${at}]\` to have ${listed(PROCESSOR)}`, each);
  });
}

/**
 * Returns all of them in one list.
 *
 * @throws TypeError for the first that is none
 */
export function flatInstrumentations(
  where: string,
  given: Instrumentations = [],
  path = 'instrumentations',
): Instrumentation[] {
  return given.flatMap((each, at) => {
    const name = `${path}[${at}]`;
    if (Array.isArray(each)) return flatInstrumentations(where, each as Instrumentations, name);
    if (isInstrumentation(each)) return [each];
    const hint = typeof each === 'function' ? ' (it is a class: write `new` before it)' : '';
    throw wrongUse(where, `\`${name}\` to have ${listed(INSTRUMENTATION)}${hint}`, each);
  });
}

function listed(methods: readonly string[]): string {
  return `the methods ${methods.slice(0, -1).join(', ')} and ${methods.at(-1)}`;
}

/**
 * Has instrumentations make their spans with this provider, and their metrics with the global one, as OpenTelemetry's
 * `registerInstrumentations` does. One that fails is left out, and the log says
 * so. Returns a function that switches them off.
 */
export function switchOn(
  instrumentations: readonly Instrumentation[],
  provider: TracerProvider,
  log: (line: string) => void,
): () => void {
  const on = instrumentations.filter((each) => {
    try {
      each.setTracerProvider(provider);
      // Some have no instruments before, since their fields forget those of the constructor, and then throw.
      each.setMeterProvider?.(metrics.getMeterProvider());
      each.enable();
      return true;
    } catch (error) {
      log(leftOut(each.instrumentationName, error));
      return false;
    }
  });
  return () => {
    // What was patched last is on top.
    for (const each of on.reverse()) {
      try {
        each.disable();
      } catch {
        // What it patched stays as it is.
      }
    }
  };
}

/** The line that says that an instrumentation does not work, and why. */
export function leftOut(name: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [firstLine] = message.split('\n', 1);
  return `hotspan: ${name} could not be switched on, and is left out (${firstLine!}).`;
}
