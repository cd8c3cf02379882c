import type { Attributes } from '@opentelemetry/api';
import { requireName, wrongUse } from '../errors.js';
import { isObject } from '../fields.js';
import { inSpan, markFailed } from '../instrument/in-span.js';
import { LIMITS, Spending, type Limits } from '../instrument/limits.js';
import * as kinds from '../options.js';
import { Run } from './run.js';
import type { ResultsOf, Step } from './step.js';

/** The result of one step. */
export type StepResult<Value = unknown> = {
  readonly name: string;
  /** The place of the step in the list, from 0. */
  readonly index: number;
  /** Seconds from start to end, including retries and waits; 0 for a skipped step. */
  readonly seconds: number;
  /** How many attempts were made; 0 for a skipped step. */
  readonly attempts: number;
  /** Cost of the LLM calls inside, in USD; absent when none has a known price. */
  readonly costUsd?: number;
} & (
  | { readonly outcome: 'completed'; readonly value: Value }
  | { readonly outcome: 'failed' | 'timedOut'; readonly error: unknown }
  /** `reason` tells a person why. */
  | { readonly outcome: 'skipped'; readonly reason: string }
);

/** The result of a run. It has the values of all completed steps, even if others failed. */
export interface RunResult<Steps extends readonly Step[] = readonly Step[]> {
  readonly name: string;
  /** `failed` when a step failed, a limit was reached, or the run was aborted. */
  readonly outcome: 'completed' | 'failed';
  /** The result of every step, by its name. */
  readonly steps: {
    readonly [Name in keyof ResultsOf<Steps>]: StepResult<ResultsOf<Steps>[Name]>;
  };
  /** The first error: that of a step, of a limit, or the reason of the abort. */
  readonly error?: unknown;
  /** Seconds from the start of the run to its end. */
  readonly seconds: number;
  /** How many attempts all steps made; those of calls inside the steps are not counted. */
  readonly attempts: number;
  /** Cost of all steps, in USD; absent when no price is known. */
  readonly costUsd?: number;
}

/** One event of a run. */
export interface StepProgress {
  readonly type: 'started' | 'retrying' | 'succeeded' | 'failed' | 'skipped';
  /** The name of the run. */
  readonly run: string;
  /** The name of the step. */
  readonly step: string;
  /** The place of the step in the list, from 0. */
  readonly index: number;
  /** How many steps the run has. */
  readonly count: number;
  /** Seconds since the start of the run. */
  readonly elapsedSeconds: number;
  /** The number of the next attempt, when `retrying`. */
  readonly attempt?: number;
  /** The error, when `retrying` or `failed`. */
  readonly error?: unknown;
  /** The reason, when `skipped`. */
  readonly reason?: string;
}

/** Options of {@link runSteps}. */
export interface RunOptions {
  /**
   * `stop` to start no further step once a step has failed, or `continue`. Steps that are already running
   * finish either way. Default `stop`.
   */
  readonly onFailure?: 'stop' | 'continue' | undefined;
  /** Receives every event of the run. Errors that it throws are ignored. */
  readonly onProgress?: ((event: StepProgress) => void) | undefined;
  /** Limits of the whole run. Default: none. */
  readonly limits?: Limits | undefined;
  /** Stops the run at once: running steps fail with the signal's reason, the others are skipped. */
  readonly signal?: AbortSignal | undefined;
  /** Attributes of the run's span. */
  readonly attributes?: Attributes | undefined;
}

const OPTIONS: kinds.Shape<RunOptions> = {
  onFailure: kinds.oneOf(['stop', 'continue']),
  onProgress: kinds.aFunction,
  limits: kinds.options(LIMITS),
  signal: kinds.aSignal,
  attributes: kinds.anObject,
};

/**
 * Runs steps, each as a segment with attempts of its own, inside one segment for the run. A step starts
 * when all steps before it have ended, or those in its `after` option; so steps can run side by side.
 * The result tells how every step ended, with its value or error, time and cost.
 *
 * ```ts
 * import { runSteps, step } from 'hotspan';
 * import { toText } from 'hotspan/report';
 *
 * const search = step('search', { timeoutMillis: 2_000 }, async ({ signal }) => {
 *   signal.throwIfAborted();
 *   return ['Paris is the capital of France.'];
 * });
 * const prices = step('prices', { after: [] }, () => 3); // next to `search`
 * const answer = step(
 *   'answer',
 *   { after: [search, prices], maxAttempts: 2, check: (text: string) => text.includes('Paris') },
 *   ({ results }) => `${results.search.join()} ${results.prices}`,
 * );
 *
 * const run = await runSteps('trip', [search, prices, answer], { limits: { maxMillis: 10_000 } });
 * if (run.steps.answer.outcome === 'completed') console.log(run.steps.answer.value);
 * console.log(toText(run));
 * ```
 *
 * @param name the name of the run's segment
 * @param steps what {@link step} returned, each with a name of its own
 * @returns the results of all steps. Does not reject when a step fails: see `outcome`
 * @throws TypeError at the call when an argument is wrong
 */
export function runSteps<const Steps extends readonly Step[]>(
  name: string,
  steps: Steps,
  options: RunOptions = {},
): Promise<RunResult<Steps>> {
  requireName('runSteps', '`name`', name);
  kinds.checkOptions('runSteps', options, OPTIONS);
  checkSteps(steps);
  const spending = new Spending(options.limits ?? {});
  return spending.run(() =>
    inSpan(name, { attributes: options.attributes }, async (span, clock) => {
      const result = await new Run(name, steps, options, spending, clock).finish();
      if (result.outcome === 'failed') markFailed(span, clock, result.error);
      return result;
    }),
  );
}

function checkSteps(steps: unknown): asserts steps is readonly Step[] {
  if (!Array.isArray(steps) || !steps.every(isStep)) {
    throw wrongUse('runSteps', '`steps` to be a list of what `step()` returns', steps);
  }
  const before = new Map<string, Step>();
  for (const step of steps) {
    const { name, options } = step;
    const missing = options.after?.find((other) => before.get(other.name) !== other);
    if (missing !== undefined) {
      throw new TypeError(
        `runSteps: step "${name}" comes after "${missing.name}", which is not before it in the list`,
      );
    }
    if (before.has(name)) throw new TypeError(`runSteps: two steps are named "${name}"`);
    before.set(name, step);
  }
}

function isStep(value: unknown): value is Step {
  return isObject(value) && 'run' in value && 'options' in value;
}
