import { AsyncLocalStorage } from 'node:async_hooks';
import {
  LimitExceededError,
  requireFunction,
  type LimitName,
  type RunSpending,
} from '../errors.js';
import {
  aCount,
  aPositiveNumber,
  checkOptions,
  options,
  required,
  type Shape,
} from '../options.js';
import { shorter, type Timeout } from './cancellation.js';

/** Limits of a whole run. A limit that is absent does not apply. */
export interface Limits {
  /**
   * The most attempts of all `retry`, `llmCall` and steps together, first tries included. An `llmCall`
   * in a step counts twice: its own attempt, and the step's.
   */
  readonly maxAttempts?: number | undefined;
  /** The most to spend on all `llmCall`s together, in USD. A running attempt may still exceed it. */
  readonly maxCostUsd?: number | undefined;
  /** The longest time since the start of the run, in milliseconds. A running attempt fails then. */
  readonly maxMillis?: number | undefined;
}

/** The shape of {@link Limits}. */
export const LIMITS: Shape<Limits> = {
  maxAttempts: aCount,
  maxCostUsd: aPositiveNumber,
  maxMillis: aPositiveNumber,
};
const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

/** OpenTelemetry's own context does not work without a provider; limits must. */
const current = new AsyncLocalStorage<Spending>();

/** How much a run has used so far, and how much it may use. */
export class Spending {
  readonly #limits: Limits;
  readonly #outer = currentSpending();
  readonly #startMillis = performance.now();
  readonly #errors = new WeakMap<object, LimitExceededError>();
  #attempts = 0;
  #costUsd: number | undefined;

  /** Begins a run, inside the current one if there is one. */
  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The cost so far, if it is known. */
  get cost(): { readonly costUsd?: number } {
    return this.#costUsd === undefined ? {} : { costUsd: this.#costUsd };
  }

  /** How much was used so far. */
  get spent(): RunSpending {
    const millis = performance.now() - this.#startMillis;
    return { attempts: this.#attempts, ...this.cost, millis };
  }

  /** Calls `fn` as a part of this run. */
  run<T>(fn: () => T): T {
    return current.run(this, fn);
  }

  /**
   * Counts an attempt that is about to start, here and in the runs around.
   *
   * @throws LimitExceededError when a limit is reached; nothing is counted then
   */
  startAttempt(previousError: unknown): void {
    this.check(previousError);
    for (const run of this.#outwards()) run.#attempts += 1;
  }

  /**
   * Checks the limits of this run and of those around.
   *
   * @throws LimitExceededError when one is reached, or will be after a wait; its cause is `previousError`
   */
  check(previousError?: unknown, waitMillis = 0): void {
    for (const run of this.#outwards()) {
      const { attempts, costUsd = 0, millis } = run.spent;
      const used = { maxAttempts: attempts, maxCostUsd: costUsd, maxMillis: millis + waitMillis };
      for (const limit of LIMIT_NAMES) {
        const allowed = run.#limits[limit];
        if (allowed === undefined || used[limit] < allowed) continue;
        const isTheWait = limit === 'maxMillis' && millis < allowed;
        throw run.#exceeded(limit, allowed, previousError, isTheWait ? waitMillis : 0);
      }
    }
  }

  /** Adds the cost of a call, here and in the runs around. */
  addCost(usd: number): void {
    for (const run of this.#outwards()) run.#costUsd = (run.#costUsd ?? 0) + usd;
  }

  /** Returns the time that is left to the run that has the least; undefined when no time is limited. */
  timeLeft(): Timeout | undefined {
    let least: Timeout | undefined;
    for (const run of this.#outwards()) {
      const { maxMillis } = run.#limits;
      if (maxMillis === undefined) continue;
      const millis = Math.max(0, maxMillis - run.spent.millis);
      const error = () => run.#exceeded('maxMillis', maxMillis, undefined, 0);
      least = shorter(least, { millis, error });
    }
    return least;
  }

  *#outwards(): Iterable<Spending> {
    yield this;
    if (this.#outer !== undefined) yield* this.#outer.#outwards();
  }

  #exceeded(limit: LimitName, allowed: number, cause: unknown, waitMillis: number) {
    // An operation around sees the same error again.
    const earlier = this.#errors.get(cause as object);
    if (earlier !== undefined) return earlier;
    const error = new LimitExceededError(limit, allowed, this.spent, cause, waitMillis);
    this.#errors.set(error, error);
    return error;
  }
}

/** Returns the run that this code is a part of, if its spending is counted. */
export function currentSpending(): Spending | undefined {
  return current.getStore();
}

/**
 * Runs `fn` under limits for all attempts that `retry`, `llmCall` and `runSteps` make inside it, at any
 * depth. Once a limit is reached, no further attempt starts: a {@link LimitExceededError} is thrown
 * instead. Limits nest, and each counts everything inside it.
 *
 * ```ts
 * import { llmCall, withLimits } from 'hotspan';
 *
 * const ask = () => ({ text: '42', usage: { prompt_tokens: 1_000, completion_tokens: 100 } });
 * const answer = await withLimits({ maxAttempts: 10, maxCostUsd: 0.05, maxMillis: 30_000 }, () =>
 *   llmCall({ provider: 'openai', model: 'gpt-4o', maxAttempts: 3 }, ask),
 * );
 * console.log(answer.text);
 * ```
 *
 * @returns the result of `fn`
 * @throws TypeError when an argument is wrong; otherwise whatever `fn` throws
 */
export function withLimits<T>(limits: Limits, fn: () => T): T {
  checkOptions('withLimits', { limits }, { limits: required(options(LIMITS)) });
  requireFunction('withLimits', '`fn`', fn);
  return new Spending(limits).run(fn);
}
