import { AsyncLocalStorage } from 'node:async_hooks';
import {
  LimitExceededError,
  requireCount,
  requireFunction,
  requireObject,
  requireOptions,
  requirePositive,
  wrongUse,
  type LimitName,
  type RunSpending,
} from '../errors.js';
import type { Timeout } from './wait.js';

/** Budgets of a whole run. What is absent is not limited. */
export interface Limits {
  /**
   * Attempts of all `retry`, `llmCall` and steps together, the first tries included. An `llmCall` in a
   * step counts as two, its own and the step's.
   */
  readonly maxAttempts?: number | undefined;
  /** USD of all `llmCall` together. An attempt that is running may go beyond it. */
  readonly maxCostUsd?: number | undefined;
  /** From the start of the run. An attempt that is running then fails. */
  readonly maxMillis?: number | undefined;
}

/** Not the context of OpenTelemetry: that is not there without a provider, and a budget must be. */
const current = new AsyncLocalStorage<Spending>();

/** What a run has used so far, and what it may use. */
export class Spending {
  readonly #limits: Limits;
  readonly #outer: Spending | undefined;
  readonly #startMillis = performance.now();
  readonly #errors = new WeakMap<object, LimitExceededError>();
  #attempts = 0;
  #costUsd: number | undefined;

  constructor(limits: Limits, outer: Spending | undefined) {
    this.#limits = limits;
    this.#outer = outer;
  }

  /** As data. */
  get spent(): RunSpending {
    const millis = performance.now() - this.#startMillis;
    const costUsd = this.#costUsd;
    return { attempts: this.#attempts, ...(costUsd === undefined ? {} : { costUsd }), millis };
  }

  /**
   * Counts an attempt that is about to start, here and in the runs around.
   *
   * @throws LimitExceededError when a budget is used up; then nothing is counted
   */
  startAttempt(previousError: unknown): void {
    this.requireBudget(previousError, 0);
    for (const run of Spending.#outwards(this)) run.#attempts += 1;
  }

  /**
   * Throws when a budget is used up, or will be after a wait.
   *
   * @throws LimitExceededError with the error of the attempt before as its cause
   */
  requireBudget(previousError: unknown, waitMillis: number): void {
    for (const run of Spending.#outwards(this)) run.#check(previousError, waitMillis);
  }

  /** Adds the cost of a call, here and in the runs around. */
  addCost(usd: number): void {
    for (const run of Spending.#outwards(this)) run.#costUsd = (run.#costUsd ?? 0) + usd;
  }

  /** The time that is left, of the run that has the least; undefined when none is limited. */
  timeLeft(): Timeout | undefined {
    let least: Timeout | undefined;
    for (const run of Spending.#outwards(this)) {
      const { maxMillis } = run.#limits;
      if (maxMillis === undefined) continue;
      const millis = Math.max(0, maxMillis - run.spent.millis);
      if (least === undefined || millis < least.millis) {
        least = { millis, error: () => run.#exceeded('maxMillis', maxMillis, undefined) };
      }
    }
    return least;
  }

  static *#outwards(from: Spending | undefined): Iterable<Spending> {
    for (let run = from; run !== undefined; run = run.#outer) yield run;
  }

  #check(previousError: unknown, waitMillis: number): void {
    const { maxAttempts, maxCostUsd, maxMillis } = this.#limits;
    const { attempts, costUsd = 0, millis } = this.spent;
    const isUsedUp = (used: number, allowed: number | undefined): allowed is number =>
      allowed !== undefined && used >= allowed;
    if (isUsedUp(attempts, maxAttempts)) {
      throw this.#exceeded('maxAttempts', maxAttempts, previousError);
    }
    if (isUsedUp(costUsd, maxCostUsd)) {
      throw this.#exceeded('maxCostUsd', maxCostUsd, previousError);
    }
    if (isUsedUp(millis + waitMillis, maxMillis)) {
      const wait = isUsedUp(millis, maxMillis) ? 0 : waitMillis;
      throw this.#exceeded('maxMillis', maxMillis, previousError, wait);
    }
  }

  #exceeded(limit: LimitName, allowed: number, cause: unknown, waitMillis = 0): LimitExceededError {
    // Seen again by an operation around.
    const earlier = this.#errors.get(cause as object);
    if (earlier !== undefined) return earlier;
    const error = new LimitExceededError(limit, allowed, this.spent, cause, waitMillis);
    this.#errors.set(error, error);
    return error;
  }
}

/** The run that is going on in this async context, if its spending is watched. */
export function currentSpending(): Spending | undefined {
  return current.getStore();
}

/** Runs `fn` as a part of the run whose spending is watched in `spending`. */
export function withSpending<T>(spending: Spending, fn: () => T): T {
  return current.run(spending, fn);
}

/** Throws on wrong limits. */
export function checkLimits(where: string, limits: Limits | undefined): void {
  if (limits === undefined) return;
  requireOptions(where, limits, ['maxAttempts', 'maxCostUsd', 'maxMillis']);
  requireCount(where, '`maxAttempts`', limits.maxAttempts);
  requirePositive(where, '`maxCostUsd`', limits.maxCostUsd);
  requirePositive(where, '`maxMillis`', limits.maxMillis);
}

/**
 * Runs `fn` under budgets for all the attempts that `retry`, `llmCall` and `runSteps` make inside,
 * however deep. When one is used up, no further attempt starts: a {@link LimitExceededError} is
 * thrown in its place. Limits nest; each counts what is inside it.
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
 * @returns what `fn` returns
 * @throws TypeError on wrong arguments; else what `fn` throws
 */
export function withLimits<T>(limits: Limits, fn: () => T): T {
  const where = 'withLimits';
  if ((limits as unknown) === undefined) throw wrongUse(where, '`limits` to be an object', limits);
  requireObject(where, '`limits`', limits);
  checkLimits(where, limits);
  requireFunction(where, '`fn`', fn);
  return withSpending(new Spending(limits, currentSpending()), fn);
}
