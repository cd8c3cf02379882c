import type { Attributes, Span } from '@opentelemetry/api';
import {
  requireFunction,
  requireName,
  requireObject,
  requireOptions,
  wrongUse,
} from '../errors.js';
import { ATTEMPT_OPTIONS, checkAttempts, type AttemptOptions } from '../instrument/attempts.js';
import { splitArguments } from '../instrument/segment.js';

/** What the function of a step gets. */
export interface StepContext<Results> {
  /** The values of the steps that it comes `after`, by their names. */
  readonly results: Results;
  /** Aborted when the attempt's time is up, or the run is stopped. */
  readonly signal: AbortSignal;
  /** From 1. */
  readonly attempt: number;
  /** The span of the step. */
  readonly span: Span;
}

/** One step of a run: what {@link step} makes and {@link runSteps} runs. */
export interface Step<Name extends string = string, Value = unknown> {
  readonly name: Name;
  readonly options: StepOptions<never, readonly Step[]>;
  readonly run: (context: StepContext<never>) => Value | PromiseLike<Value>;
}

/** The values of steps, by their names. */
export type ResultsOf<Steps extends readonly Step[]> = {
  readonly [S in Steps[number] as S['name']]: S extends Step<string, infer Value> ? Value : never;
};

/** What a `check` says: true, or why not. */
export type CheckResult = boolean | string;

/** When and how a step runs; `maxAttempts` is 1 by default. */
export interface StepOptions<Value, After extends readonly Step[]> extends Omit<
  AttemptOptions,
  'signal'
> {
  /**
   * The steps whose values it needs: it starts when they have ended, side by side with others. When one
   * of them failed, it is skipped. Default: it starts when all steps before it in the list have
   * ended, and gets no results. With an empty list it starts at once.
   */
  readonly after?: After | undefined;
  /** Whether the step is to run at all. When not, its value is undefined for those that come after. */
  readonly when?: ((results: ResultsOf<After>) => boolean | Promise<boolean>) | undefined;
  /**
   * Whether the value will do: true, or false or a reason, and then the attempt has failed. Where
   * TypeScript cannot tell the type of the value, write it: `(value: string) => value !== ''`.
   */
  readonly check?: ((value: Value) => CheckResult | Promise<CheckResult>) | undefined;
  /** Attributes of the step's span. */
  readonly attributes?: Attributes | undefined;
}

const OPTIONS = [
  ...ATTEMPT_OPTIONS.filter((name) => name !== 'signal'),
  'after',
  'when',
  'check',
  'attributes',
];

/**
 * Makes a step for {@link runSteps}. A stream is to be read inside: a step has ended when `fn` has.
 *
 * @param name of the step, its segment, and its value in the `results` of later steps
 * @throws TypeError on wrong arguments
 */
export function step<const Name extends string, Value>(
  name: Name,
  fn: (context: StepContext<unknown>) => Value | PromiseLike<Value>,
): Step<Name, Value>;
export function step<
  const Name extends string,
  Value,
  const After extends readonly Step[] = readonly [],
>(
  name: Name,
  options: StepOptions<Value, After> & { readonly when?: undefined },
  fn: (context: StepContext<ResultsOf<After>>) => Value | PromiseLike<Value>,
): Step<Name, Value>;
export function step<
  const Name extends string,
  Value,
  const After extends readonly Step[] = readonly [],
>(
  name: Name,
  options: StepOptions<Value, After>,
  fn: (context: StepContext<ResultsOf<After>>) => Value | PromiseLike<Value>,
): Step<Name, Value | undefined>;
export function step(name: string, optionsOrFn: unknown, maybeFn?: unknown): Step {
  const { options, fn } = splitArguments<Step['options'], Step['run']>(
    optionsOrFn as Step['options'],
    maybeFn as Step['run'],
  );
  requireName('step', '`name`', name);
  const where = `step "${name}"`;
  requireFunction(where, '`fn`', fn);
  requireOptions(where, options, OPTIONS);
  requireObject(where, '`attributes`', options.attributes);
  checkAttempts(where, options);
  if (options.when !== undefined) requireFunction(where, '`when`', options.when);
  if (options.check !== undefined) requireFunction(where, '`check`', options.check);
  if (options.after !== undefined && !Array.isArray(options.after)) {
    throw wrongUse(where, '`after` to be a list of steps', options.after);
  }
  return { name, options, run: fn };
}
