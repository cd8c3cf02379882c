import type { Attributes } from '@opentelemetry/api';
import {
  CheckFailedError,
  type LimitExceededError,
  requireFunction,
  requireName,
  requireObject,
  requireOptions,
  wrongUse,
} from '../errors.js';
import { HOTSPAN_STEP_INDEX, HOTSPAN_STEP_OUTCOME, type StepOutcome } from '../semconv.js';
import { runAttempts, type AttemptContext } from '../instrument/attempts.js';
import { inSpan, markFailed, quietly } from '../instrument/in-span.js';
import {
  checkLimits,
  currentSpending,
  Spending,
  withSpending,
  type Limits,
} from '../instrument/limits.js';
import type { ResultsOf, Step } from './step.js';
import { untilAborted } from '../instrument/wait.js';

/** How a step of a run ended, and what came of it. */
export type StepResult<Value = unknown> = {
  readonly name: string;
  /** Its place in the list, from 0. */
  readonly index: number;
  /** From its start to its end, retries and waits included; 0 when it was skipped. */
  readonly seconds: number;
  /** Tries that were made; 0 when it was skipped. */
  readonly attempts: number;
  /** USD of the `llmCall`s inside whose price is known; absent when there is none. */
  readonly costUsd?: number;
} & (
  | { readonly outcome: 'completed'; readonly value: Value }
  | { readonly outcome: 'failed' | 'timedOut'; readonly error: unknown }
  /** `reason` says why, for a person. */
  | { readonly outcome: 'skipped'; readonly reason: string }
);

/** What became of a run. Nothing that was completed is missing, whatever happened. */
export interface RunResult<Steps extends readonly Step[] = readonly Step[]> {
  readonly name: string;
  /** `failed` when a step failed, a limit was used up, or the run was aborted. */
  readonly outcome: 'completed' | 'failed';
  /** Every step's result, by its name; `index` is its place in the list. */
  readonly steps: {
    readonly [Name in keyof ResultsOf<Steps>]: StepResult<ResultsOf<Steps>[Name]>;
  };
  /** The error of the step that failed first, the limit's, or the reason of the abort. */
  readonly error?: unknown;
  readonly seconds: number;
  /** Of all steps; those of the calls inside are not among them. */
  readonly attempts: number;
  /** USD of all steps; absent when no price is known. */
  readonly costUsd?: number;
}

/** What happens in a run, while it does. */
export interface StepProgress {
  readonly type: 'started' | 'retrying' | 'succeeded' | 'failed' | 'skipped';
  /** The run's name. */
  readonly run: string;
  /** The step's name. */
  readonly step: string;
  /** The step's place in the list, from 0. */
  readonly index: number;
  /** How many steps the run has. */
  readonly count: number;
  /** Since the run's start. */
  readonly elapsedSeconds: number;
  /** The attempt that comes next, when `retrying`. */
  readonly attempt?: number;
  /** When `retrying` or `failed`. */
  readonly error?: unknown;
  /** Why it was `skipped`. */
  readonly reason?: string;
}

/** How the steps of a run go together. */
export interface RunOptions {
  /** Whether steps start when one has failed. Those that are running then run on. Default `stop`. */
  readonly onFailure?: 'stop' | 'continue' | undefined;
  /** Called at every turn; what it throws is ignored. */
  readonly onProgress?: ((event: StepProgress) => void) | undefined;
  /** Budgets of the whole run. */
  readonly limits?: Limits | undefined;
  /** Stops everything at once: what is running fails with its reason, the rest is skipped. */
  readonly signal?: AbortSignal | undefined;
  /** Attributes of the run's span. */
  readonly attributes?: Attributes | undefined;
}

/**
 * Runs steps, each a segment with attempts of its own, inside one segment for the run. A step starts
 * when those before it have ended, or those that it says it comes `after`; so steps may run side by
 * side. The result has every step's outcome, value or error, time and cost: a failure never throws away
 * what was completed, and is itself not thrown.
 *
 * ```ts
 * import { runSteps, step } from 'hotspan';
 * import { stepsToText } from 'hotspan/report';
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
 * console.log(stepsToText(run));
 * ```
 *
 * @param name of the run's segment
 * @returns what became of every step; never rejects for a step's sake
 * @throws TypeError on wrong arguments, at the call
 */
export function runSteps<const Steps extends readonly Step[]>(
  name: string,
  steps: Steps,
  options: RunOptions = {},
): Promise<RunResult<Steps>> {
  checkRun(name, steps, options);
  const spending = new Spending(options.limits ?? {}, currentSpending());
  return withSpending(spending, () =>
    inSpan(name, { attributes: options.attributes }, async (span, clock) => {
      const run = new Run(name, steps, options, spending, () => clock.elapsedSeconds());
      const result = await run.finish();
      if (result.outcome === 'failed') markFailed(span, clock, result.error);
      return result;
    }),
  );
}

function checkRun(name: string, steps: readonly Step[], options: RunOptions): void {
  const where = 'runSteps';
  requireName(where, '`name`', name);
  // Callers without types may pass anything.
  const list: unknown = steps;
  if (!Array.isArray(list) || !list.every(isStep)) {
    throw wrongUse(where, '`steps` to be a list of what `step()` makes', steps);
  }
  requireOptions(where, options, ['onFailure', 'onProgress', 'limits', 'signal', 'attributes']);
  const { onFailure, onProgress, limits, signal } = options;
  if (onFailure !== undefined && !ON_FAILURE.includes(onFailure)) {
    throw wrongUse(where, "`onFailure` to be 'stop' or 'continue'", onFailure);
  }
  if (onProgress !== undefined) requireFunction(where, '`onProgress`', onProgress);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrongUse(where, '`signal` to be an AbortSignal', signal);
  }
  requireObject(where, '`limits`', limits);
  checkLimits(where, limits);
  requireObject(where, '`attributes`', options.attributes);
  const before = new Set<Step>();
  const names = new Set<string>();
  for (const { name: own, options: how } of steps) {
    const missing = how.after?.find((other) => !before.has(other));
    if (missing !== undefined) {
      throw new TypeError(
        `${where}: step "${own}" comes after "${missing.name}", which is not before it in the list`,
      );
    }
    if (names.has(own)) throw new TypeError(`${where}: two steps are named "${own}"`);
    names.add(own);
    before.add(steps[names.size - 1]!);
  }
}

function isStep(value: unknown): value is Step {
  return value !== null && typeof value === 'object' && 'run' in value && 'options' in value;
}

const ON_FAILURE: readonly unknown[] = ['stop', 'continue'];

/** What is known of a step while it runs. */
interface Running {
  readonly step: Step;
  readonly index: number;
  readonly startSeconds: number;
  readonly spending: Spending;
  attempts: number;
  /** The error of an attempt whose time was up. */
  timeout: { readonly error: unknown } | undefined;
}

/** A run while it goes on. */
class Run {
  readonly #name: string;
  readonly #steps: readonly Step[];
  readonly #options: RunOptions;
  readonly #spending: Spending;
  readonly #elapsedSeconds: () => number;
  readonly #results = new Map<Step, StepResult>();
  /** Steps whose `when` said no: those after them know that there is no value. */
  readonly #unwanted = new Set<Step>();
  #firstFailure: { readonly error: unknown } | undefined;

  constructor(
    name: string,
    steps: readonly Step[],
    options: RunOptions,
    spending: Spending,
    elapsedSeconds: () => number,
  ) {
    this.#name = name;
    this.#steps = steps;
    this.#options = options;
    this.#spending = spending;
    this.#elapsedSeconds = elapsedSeconds;
  }

  /** Runs all steps, each as soon as it may. */
  async finish(): Promise<RunResult> {
    const ended = new Map<Step, Promise<void>>();
    let allBefore: Promise<unknown> = Promise.all([]);
    this.#steps.forEach((step, index) => {
      const { after } = step.options;
      const ready =
        after === undefined ? allBefore : Promise.all(after.map((other) => ended.get(other)!));
      const run = async () => {
        await ready;
        this.#results.set(step, await this.#runStep(step, index));
      };
      const end = run();
      ended.set(step, end);
      allBefore = Promise.all([allBefore, end]);
    });
    await Promise.all(ended.values());
    const results = this.#steps.map((step) => this.#results.get(step)!);
    const { costUsd } = this.#spending.spent;
    const failure = this.#firstFailure;
    return {
      name: this.#name,
      outcome: failure === undefined ? 'completed' : 'failed',
      steps: Object.fromEntries(results.map((result) => [result.name, result])),
      ...(failure === undefined ? {} : { error: failure.error }),
      seconds: this.#elapsedSeconds(),
      attempts: results.reduce((sum, { attempts }) => sum + attempts, 0),
      ...(costUsd === undefined ? {} : { costUsd }),
    };
  }

  /** Never rejects. */
  async #runStep(step: Step, index: number): Promise<StepResult> {
    const startSeconds = this.#elapsedSeconds();
    const spending = new Spending({}, this.#spending);
    const running: Running = {
      step,
      index,
      startSeconds,
      spending,
      attempts: 0,
      timeout: undefined,
    };
    try {
      const reason = this.#reasonToSkip(step) ?? (await this.#isUnwanted(step));
      if (reason !== undefined) {
        this.#tell('skipped', running, { reason });
        return { ...this.#factsOf(running), seconds: 0, outcome: 'skipped', reason };
      }
      this.#tell('started', running);
      const value = await withSpending(spending, () => this.#attempt(running));
      this.#tell('succeeded', running);
      return { ...this.#factsOf(running), outcome: 'completed', value };
    } catch (error) {
      this.#firstFailure ??= { error };
      this.#tell('failed', running, { error });
      return { ...this.#factsOf(running), outcome: outcomeOfFailed(running, error), error };
    }
  }

  #attempt(running: Running): Promise<unknown> {
    const { step, index } = running;
    const { name, options } = step;
    const policy = {
      ...options,
      maxAttempts: options.maxAttempts ?? 1,
      signal: this.#options.signal,
    };
    const results = this.#resultsFor(step);
    const attributes = { ...options.attributes, [HOTSPAN_STEP_INDEX]: index };
    return inSpan(name, { attributes }, async (span) => {
      const end = (outcome: StepOutcome) => span.setAttribute(HOTSPAN_STEP_OUTCOME, outcome);
      const tryOnce = async ({ signal, attempt }: AttemptContext) => {
        running.attempts = attempt;
        return checked(step, await step.run({ results, signal, attempt, span }));
      };
      try {
        const value = await runAttempts(name, policy, span, tryOnce, {
          onFailure: (error, _span, outcome) => {
            if (outcome === 'timeout') running.timeout = { error };
          },
          onRetry: (error, attempt) => this.#tell('retrying', running, { error, attempt }),
        });
        end('completed');
        return value;
      } catch (error) {
        end(outcomeOfFailed(running, error));
        throw error;
      }
    });
  }

  #reasonToSkip({ options }: Step): string | undefined {
    const { onFailure = 'stop', signal } = this.#options;
    if (signal?.aborted === true) {
      this.#firstFailure ??= { error: signal.reason };
      return 'the run was aborted';
    }
    const missing = options.after?.find(
      (other) => this.#results.get(other)?.outcome !== 'completed' && !this.#unwanted.has(other),
    );
    if (missing !== undefined) return `${missing.name} was not completed`;
    if (this.#firstFailure !== undefined && onFailure === 'stop') return 'another step failed';
    try {
      this.#spending.requireBudget(undefined, 0);
      return undefined;
    } catch (error) {
      this.#firstFailure ??= { error };
      return (error as LimitExceededError).message;
    }
  }

  async #isUnwanted(step: Step): Promise<string | undefined> {
    const { when } = step.options;
    if (when === undefined) return undefined;
    const ask = () => when(this.#resultsFor(step));
    const left = this.#spending.timeLeft();
    if (await untilAborted(ask, this.#options.signal, left)) return undefined;
    this.#unwanted.add(step);
    return '`when` said no';
  }

  #resultsFor({ options }: Step): never {
    const entries = (options.after ?? []).map((other) => {
      const result = this.#results.get(other);
      return [other.name, result?.outcome === 'completed' ? result.value : undefined] as const;
    });
    return Object.fromEntries(entries) as never;
  }

  #factsOf({ step, index, startSeconds, spending, attempts }: Running) {
    const { costUsd } = spending.spent;
    const seconds = this.#elapsedSeconds() - startSeconds;
    const cost = costUsd === undefined ? {} : { costUsd };
    return { name: step.name, index, seconds, attempts, ...cost };
  }

  #tell(
    type: StepProgress['type'],
    { step, index }: Running,
    more: Pick<StepProgress, 'attempt' | 'error' | 'reason'> = {},
  ): void {
    const at = { run: this.#name, step: step.name, index, count: this.#steps.length };
    const elapsedSeconds = this.#elapsedSeconds();
    quietly(() => {
      const told: unknown = this.#options.onProgress?.({ type, ...at, elapsedSeconds, ...more });
      // An async function fits as well, and may reject.
      Promise.resolve(told).catch(() => undefined);
    });
  }
}

function outcomeOfFailed({ timeout }: Running, error: unknown): 'timedOut' | 'failed' {
  return timeout !== undefined && timeout.error === error ? 'timedOut' : 'failed';
}

async function checked({ name, options }: Step, value: unknown): Promise<unknown> {
  const verdict = await options.check?.(value as never);
  if (verdict === undefined || verdict === true) return value;
  throw new CheckFailedError(name, verdict === false ? undefined : verdict);
}
