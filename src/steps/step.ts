import type { Attributes, Span } from '@opentelemetry/api';
import { requireName } from '../errors.js';
import { RETRY_POLICY, type AttemptOptions } from '../instrument/attempts.js';
import { readArguments } from '../instrument/segment.js';
import { aFunction, aList, anObject, type Shape } from '../options.js';

/** The argument of a step's function. */
export interface StepContext<Results> {
  /** The values of the steps in `after`, by their names. */
  readonly results: Results;
  /** Aborted when the attempt's time is up, or the run is stopped. */
  readonly signal: AbortSignal;
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  /** The span of the step. */
  readonly span: Span;
}

/** One step of a run, made by {@link step} for {@link runSteps}. */
export interface Step<Name extends string = string, Value = unknown> {
  readonly name: Name;
  readonly options: StepOptions<never, readonly Step[]>;
  readonly run: (context: StepContext<never>) => Value | PromiseLike<Value>;
}

/** The values of steps, by their names. */
export type ResultsOf<Steps extends readonly Step[]> = {
  readonly [S in Steps[number] as S['name']]: S extends Step<string, infer Value> ? Value : never;
};

/** The verdict of a `check`: `true`, or `false` or a reason to reject the value. */
export type CheckResult = boolean | string;

/** Options of {@link step}. `maxAttempts` is 1 by default. */
export interface StepOptions<Value, After extends readonly Step[]> extends Omit<
  AttemptOptions,
  'signal'
> {
  /**
   * The steps whose values this one needs. It starts when they have ended, side by side with others, and
   * is skipped when one of them failed. With an empty list it starts at once. Default: it starts when
   * all steps before it in the list have ended, and receives no results.
   */
  readonly after?: After | undefined;
  /**
   * Decides whether to run the step. Not called when the step is skipped for another reason. If it returns
   * `false`, the steps that come `after` this one receive `undefined` as its value.
   */
  readonly when?: ((results: ResultsOf<After>) => boolean | Promise<boolean>) | undefined;
  /**
   * Checks the value of an attempt. The attempt fails if this returns `false` or a reason. TypeScript may
   * need the type of the value: `(value: string) => value !== ''`.
   */
  readonly check?: ((value: Value) => CheckResult | Promise<CheckResult>) | undefined;
  /** Attributes of the step's span. */
  readonly attributes?: Attributes | undefined;
}

const OPTIONS: Shape<StepOptions<never, readonly Step[]>> = {
  ...RETRY_POLICY,
  after: aList,
  when: aFunction,
  check: aFunction,
  attributes: anObject,
};

/**
 * Makes a step for {@link runSteps}. A step has ended when `fn` has: read streams inside it.
 *
 * ```ts
 * import { step } from 'hotspan';
 *
 * const load = step('load', { timeoutMillis: 2_000, maxAttempts: 3 }, () => ['a', 'b']);
 * const count = step('count', { after: [load] }, ({ results }) => results.load.length);
 * ```
 *
 * @param name the name of the step, of its segment, and of its value in the `results` of later steps
 * @param fn the work
 * @throws TypeError when an argument is wrong
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
export function step(
  name: string,
  optionsOrFn: Step['options'] | Step['run'],
  maybeFn?: Step['run'],
): Step {
  requireName('step', '`name`', name);
  const { options, fn } = readArguments(`step "${name}"`, name, OPTIONS, optionsOrFn, maybeFn);
  return { name, options, run: fn };
}
