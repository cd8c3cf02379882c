import { CheckFailedError, type LimitExceededError } from '../errors.js';
import { runAttempts, type AttemptContext } from '../instrument/attempts.js';
import { untilAborted } from '../instrument/cancellation.js';
import type { SpanClock } from '../instrument/clock.js';
import { inSpan, quietly, type Failure } from '../instrument/in-span.js';
import { Spending } from '../instrument/limits.js';
import { nameWithoutSecrets } from '../secrets.js';
import * as semconv from '../semconv.js';
import type { StepOutcome } from '../semconv.js';
import type { RunOptions, RunResult, StepProgress, StepResult } from './run-steps.js';
import type { Step } from './step.js';

interface Running {
  readonly step: Step;
  readonly index: number;
  readonly startSeconds: number;
  readonly spending: Spending;
  attempts: number;
  timeout: Failure | undefined;
}

export class Run {
  readonly #results = new Map<Step, StepResult>();
  /** Steps that their `when` kept from running; steps after them run without their values. */
  readonly #unwanted = new Set<Step>();
  #firstFailure: Failure | undefined;

  constructor(
    private readonly name: string,
    private readonly steps: readonly Step[],
    private readonly options: RunOptions,
    private readonly spending: Spending,
    private readonly clock: SpanClock,
  ) {}

  /** Never rejects. */
  async finish(): Promise<RunResult> {
    const ended = new Map<Step, Promise<void>>();
    for (const [index, step] of this.steps.entries()) {
      const { after } = step.options;
      const before = after === undefined ? [...ended.values()] : after.map((it) => ended.get(it)!);
      const run = async () => {
        await Promise.all(before);
        this.#results.set(step, await this.#runStep(step, index));
      };
      ended.set(step, run());
    }
    await Promise.all(ended.values());
    const results = this.steps.map((step) => this.#results.get(step)!);
    const failure = this.#firstFailure;
    return {
      name: this.name,
      outcome: failure === undefined ? 'completed' : 'failed',
      steps: Object.fromEntries(results.map((result) => [result.name, result])),
      ...failure,
      seconds: this.clock.elapsedSeconds(),
      attempts: results.reduce((sum, { attempts }) => sum + attempts, 0),
      ...this.spending.cost,
    };
  }

  async #runStep(step: Step, index: number): Promise<StepResult> {
    const startSeconds = this.clock.elapsedSeconds();
    const spending = new Spending({});
    const running = { step, index, startSeconds, spending, attempts: 0, timeout: undefined };
    try {
      const reason = await this.#reasonToSkip(step);
      if (reason !== undefined) {
        this.#tell('skipped', running, { reason });
        return { ...this.#factsOf(running), seconds: 0, outcome: 'skipped', reason };
      }
      this.#tell('started', running);
      const value = await spending.run(() => this.#attempt(running));
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
    const policy = { ...options, signal: this.options.signal };
    const results = this.#resultsFor(step);
    const { after } = options;
    const attributes = {
      ...options.attributes,
      [semconv.HOTSPAN_STEP_INDEX]: index,
      ...(after && {
        [semconv.HOTSPAN_STEP_AFTER]: after.map((other) => nameWithoutSecrets(other.name)),
      }),
    };
    return inSpan(name, { attributes }, async (span) => {
      const end = (outcome: StepOutcome) =>
        span.setAttribute(semconv.HOTSPAN_STEP_OUTCOME, outcome);
      const tryOnce = async ({ signal, attempt }: AttemptContext) => {
        running.attempts = attempt;
        return checked(step, await step.run({ results, signal, attempt, span }));
      };
      try {
        const value = await runAttempts(name, policy, span, tryOnce, {
          onFailure: (error, attempt) => {
            if (attempt.outcomeOf(error) === 'timeout') running.timeout = { error };
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

  async #reasonToSkip(step: Step): Promise<string | undefined> {
    const { onFailure = 'stop', signal } = this.options;
    const { after, when } = step.options;
    if (signal?.aborted === true) {
      this.#firstFailure ??= { error: signal.reason };
      return 'the run was aborted';
    }
    const missing = after?.find(
      (other) => this.#results.get(other)?.outcome !== 'completed' && !this.#unwanted.has(other),
    );
    if (missing !== undefined) return `${missing.name} was not completed`;
    if (this.#firstFailure !== undefined && onFailure === 'stop') return 'another step failed';
    try {
      this.spending.check();
    } catch (error) {
      this.#firstFailure ??= { error };
      return (error as LimitExceededError).message;
    }
    if (when === undefined) return undefined;
    const ask = () => when(this.#resultsFor(step));
    if (await untilAborted(ask, signal, this.spending.timeLeft())) return undefined;
    this.#unwanted.add(step);
    return '`when` returned false';
  }

  #resultsFor({ options }: Step): never {
    const entries = (options.after ?? []).map((other) => {
      const result = this.#results.get(other);
      return [other.name, result?.outcome === 'completed' ? result.value : undefined] as const;
    });
    return Object.fromEntries(entries) as never;
  }

  #factsOf({ step, index, startSeconds, spending, attempts }: Running) {
    const seconds = this.clock.elapsedSeconds() - startSeconds;
    return { name: step.name, index, seconds, attempts, ...spending.cost };
  }

  #tell(
    type: StepProgress['type'],
    { step, index }: Running,
    more: Pick<StepProgress, 'attempt' | 'error' | 'reason'> = {},
  ): void {
    const at = { run: this.name, step: step.name, index, count: this.steps.length };
    const elapsedSeconds = this.clock.elapsedSeconds();
    quietly(() => {
      const told: unknown = this.options.onProgress?.({ type, ...at, elapsedSeconds, ...more });
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
