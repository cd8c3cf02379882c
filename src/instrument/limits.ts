import {
  LimitExceededError,
  requireFunction,
  type LimitName,
  type RunSpending,
} from '../errors.js';
import * as kinds from '../options.js';
import { shorter, type Timeout } from './cancellation.js';
import { Scoped } from './scoped.js';

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

export const LIMITS: kinds.Shape<Limits> = {
  maxAttempts: kinds.aCount,
  maxCostUsd: kinds.aPositiveNumber,
  maxMillis: kinds.aPositiveNumber,
};
const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

const current = new Scoped<Spending>('limits.1');

/** A run may be inside one of another copy of hotspan: they use the public methods of each other alone. */
export class Spending {
  readonly #outer = currentSpending();
  readonly #startMillis = performance.now();
  readonly #errors = new WeakMap<object, LimitExceededError>();
  #attempts = 0;
  #costUsd: number | undefined;

  constructor(private readonly limits: Limits) {}

  get cost(): { readonly costUsd?: number } {
    return this.#costUsd === undefined ? {} : { costUsd: this.#costUsd };
  }

  get spent(): RunSpending {
    const millis = performance.now() - this.#startMillis;
    return { attempts: this.#attempts, ...this.cost, millis };
  }

  run<T>(fn: () => T): T {
    return current.run(this, fn);
  }

  /** Counts an attempt, here and in the runs around, unless a limit is reached. */
  startAttempt(previousError: unknown): void {
    this.check(previousError);
    this.addAttempt();
  }

  addAttempt(): void {
    this.#attempts += 1;
    this.#outer?.addAttempt();
  }

  /** Throws when a limit of this run or of one around is reached, or will be after a wait. */
  check(previousError?: unknown, waitMillis = 0): void {
    const { attempts, costUsd = 0, millis } = this.spent;
    const used = { maxAttempts: attempts, maxCostUsd: costUsd, maxMillis: millis + waitMillis };
    for (const limit of LIMIT_NAMES) {
      const allowed = this.limits[limit];
      if (allowed === undefined || used[limit] < allowed) continue;
      const isTheWait = limit === 'maxMillis' && millis < allowed;
      throw this.#exceeded(limit, allowed, previousError, isTheWait ? waitMillis : 0);
    }
    this.#outer?.check(previousError, waitMillis);
  }

  addCost(usd: number): void {
    this.#costUsd = (this.#costUsd ?? 0) + usd;
    this.#outer?.addCost(usd);
  }

  /** The time that is left to the run that has the least. */
  timeLeft(previousError?: unknown): Timeout | undefined {
    const outer = this.#outer?.timeLeft(previousError);
    const { maxMillis } = this.limits;
    if (maxMillis === undefined) return outer;
    const millis = Math.max(0, maxMillis - this.spent.millis);
    const error = () => this.#exceeded('maxMillis', maxMillis, previousError, 0);
    return shorter({ millis, error }, outer);
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

export function currentSpending(): Spending | undefined {
  return current.get();
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
  const shape = { limits: kinds.required(kinds.options(LIMITS)) };
  kinds.checkOptions('withLimits', { limits }, shape);
  requireFunction('withLimits', '`fn`', fn);
  return new Spending(limits).run(fn);
}
