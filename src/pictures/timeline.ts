import { getOrMake, groupBounded, MAX_KINDS } from '../bounded.js';
import type { Timeline } from '../pictures.js';
import { plainModelName } from '../cost/plain-model-name.js';
import { defined } from '../sums.js';
import type { SpanNode } from '../trace/trace-tree.js';

const NANOS = 1e9;

const MAX_STEPS = 60;
/** More are kept than drawn, so that a few clocks that are years wrong do not leave the others one step. */
const MAX_KEPT = 4 * MAX_STEPS;
/** A 16th of a second; all lengths are this times a power of two, and start at a multiple of themselves. */
const FIRST_STEP_SECONDS = 1 / 16;
const MAX_MODELS = 10;
/** What is so far away from the others, and so little, has a wrong clock. */
const FAR = 0.9;
const LITTLE = 0.01;

interface Model {
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
}

interface Cost extends Model {
  readonly usd: number;
  readonly at: number;
}

/** The figures of one step while they are collected. */
class Step {
  calls = 0;
  errors = 0;
  totalSeconds = 0;
  maxSeconds = 0;
  readonly costs = new Map<Model, number>();

  merge(other: Step): void {
    this.calls += other.calls;
    this.errors += other.errors;
    this.totalSeconds += other.totalSeconds;
    this.maxSeconds = Math.max(this.maxSeconds, other.maxSeconds);
    for (const [model, usd] of other.costs) this.addCost(model, usd);
  }

  addCost(model: Model, usd: number): void {
    this.costs.set(model, (this.costs.get(model) ?? 0) + usd);
  }
}

/** Collects figures over time, in bounded memory: where there are too many steps, each becomes twice as long. */
export class TimelineSteps {
  #stepSeconds = FIRST_STEP_SECONDS;
  /** By the number of steps since 1970. */
  #steps = new Map<number, Step>();
  #lastIndex = NaN;
  #lastStep = new Step();
  /** Those beyond the most are one. */
  readonly #models = new Map<string, Model>();

  addRoot({ startNanos, endNanos, record }: SpanNode, originEpochMillis: number): void {
    const step = this.#at((originEpochMillis + startNanos / 1e6) / 1e3);
    const seconds = (endNanos - startNanos) / NANOS;
    step.calls += 1;
    if (record.errorType !== undefined) step.errors += 1;
    step.totalSeconds += seconds;
    if (seconds > step.maxSeconds) step.maxSeconds = seconds;
  }

  addCost(epochSeconds: number, call: Model | undefined, usd: number): void {
    const provider = call?.provider;
    const model = call?.model && plainModelName(call.model);
    const key = `${provider ?? ''}\n${model ?? ''}`;
    const isKnown = this.#models.size < MAX_KINDS || this.#models.has(key);
    const named = getOrMake(this.#models, isKnown ? key : '\n', () => {
      return isKnown ? { provider, model } : {};
    });
    this.#at(epochSeconds).addCost(named, usd);
  }

  /** Adds the steps of a summary; the longest steps come first. */
  addTimeline(timeline: Timeline): void {
    const { startEpochSeconds, stepSeconds, costUsd = [] } = timeline;
    while (this.#stepSeconds < stepSeconds) this.#double();
    for (const [at, calls] of timeline.calls.entries()) {
      const step = new Step();
      step.calls = calls;
      step.errors = timeline.errors[at] ?? 0;
      step.totalSeconds = timeline.totalSeconds[at] ?? 0;
      step.maxSeconds = timeline.maxSeconds[at] ?? 0;
      // From its middle: no rounding leads to the step before.
      const epochSeconds = startEpochSeconds + (at + 0.5) * stepSeconds;
      if (calls > 0) this.#at(epochSeconds).merge(step);
      for (const { steps, ...model } of costUsd)
        if ((steps[at] ?? 0) > 0) this.addCost(epochSeconds, model, steps[at]!);
    }
  }

  /** As a summary has it. */
  fields(): { timeline?: Timeline } {
    const indexes = withoutWrongClocks(this.#steps);
    return indexes.length === 0 ? {} : { timeline: this.#drawn(indexes) };
  }

  #drawn(indexes: readonly number[]): Timeline {
    let length = 1;
    const placeOf = (index: number) => Math.floor(index / length);
    const [first, last] = [indexes[0]!, indexes.at(-1)!];
    while (placeOf(last) - placeOf(first) >= MAX_STEPS) length *= 2;
    const steps = Array.from({ length: placeOf(last) - placeOf(first) + 1 }, () => new Step());
    for (const index of indexes) {
      steps[placeOf(index) - placeOf(first)]!.merge(this.#steps.get(index)!);
    }
    const stepSeconds = length * this.#stepSeconds;
    return {
      ...{ startEpochSeconds: placeOf(first) * stepSeconds, stepSeconds },
      calls: steps.map(({ calls }) => calls),
      errors: steps.map(({ errors }) => errors),
      totalSeconds: steps.map(({ totalSeconds }) => totalSeconds),
      maxSeconds: steps.map(({ maxSeconds }) => maxSeconds),
      ...costsOf(steps),
    };
  }

  #at(epochSeconds: number): Step {
    // Centuries away from the origin, rounding may lead to before the epoch.
    const index = Math.max(0, Math.floor(epochSeconds / this.#stepSeconds));
    if (index === this.#lastIndex) return this.#lastStep;
    const step = getOrMake(this.#steps, index, () => new Step());
    if (this.#steps.size > MAX_KEPT) {
      this.#double();
      return this.#at(epochSeconds);
    }
    this.#lastIndex = index;
    return (this.#lastStep = step);
  }

  #double(): void {
    const steps = new Map<number, Step>();
    for (const [index, step] of this.#steps) {
      getOrMake(steps, Math.floor(index / 2), () => new Step()).merge(step);
    }
    this.#steps = steps;
    this.#stepSeconds *= 2;
    this.#lastIndex = NaN;
  }
}

/** Returns the steps that there are, in order. */
function withoutWrongClocks(steps: ReadonlyMap<number, Step>): number[] {
  let indexes = [...steps.keys()].sort((a, b) => a - b);
  const callsIn = (some: readonly number[]) =>
    some.reduce((sum, index) => sum + steps.get(index)!.calls, 0);
  const few = LITTLE * callsIn(indexes);
  while (indexes.length > 1 && indexes.at(-1)! - indexes[0]! >= MAX_STEPS) {
    const range = indexes.at(-1)! - indexes[0]!;
    const gap = indexes.findIndex((index, at) => at > 0 && index - indexes[at - 1]! > FAR * range);
    if (gap < 0) break;
    const [before, after] = [indexes.slice(0, gap), indexes.slice(gap)];
    if (callsIn(before) <= few) indexes = after;
    else if (callsIn(after) <= few) indexes = before;
    else break;
  }
  return indexes;
}

function costsOf(steps: readonly Step[]): Pick<Timeline, 'costUsd'> {
  const costs: Cost[] = steps.flatMap((step, at) =>
    [...step.costs].map(([{ provider, model }, usd]) => ({ provider, model, usd, at })),
  );
  const keyOf = ({ provider = '', model = '' }: Model) => `${provider}\n${model}`;
  const groups = groupBounded<Model, Cost>(costs, MAX_MODELS, {}, keyOf, ({ usd }) => usd);
  if (groups.length === 0) return {};
  const costUsd = groups.map(({ items, named: { provider, model } }) => {
    const sums = steps.map(() => 0);
    for (const { at, usd } of items) sums[at]! += usd;
    return { ...defined({ provider, model }), steps: sums };
  });
  return { costUsd };
}
