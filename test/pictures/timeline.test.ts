import { describe, expect, it } from 'vitest';
import { TimelineSteps } from '../../src/pictures/timeline.js';
import { SpanNode } from '../../src/trace/trace-tree.js';
import { records } from '../support/trace.js';

const rootOf = (millis: number) =>
  new SpanNode(records([{ id: 'ask', start: 0, end: millis }])[0]!);

function stepsOf(epochSeconds: readonly number[]): TimelineSteps {
  const steps = new TimelineSteps();
  for (const seconds of epochSeconds) steps.addRoot(rootOf(50), seconds * 1_000);
  return steps;
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);

describe('figures over time', () => {
  it('have at most 60 steps of one length, which start at its multiples', () => {
    for (const apart of [0.01, 1, 3_600, 86_400 * 3]) {
      const times = Array.from({ length: 1_000 }, (_, at) => 1.7e9 + at * apart);
      const timeline = stepsOf(times).fields().timeline!;
      expect(timeline.calls.length).toBeLessThanOrEqual(60);
      expect(timeline.calls.length).toBeGreaterThan(25);
      expect(sumOf(timeline.calls)).toBe(1_000);
      expect(sumOf(timeline.totalSeconds)).toBeCloseTo(50);
      expect(timeline.startEpochSeconds % timeline.stepSeconds).toBe(0);
      expect(timeline.startEpochSeconds).toBeLessThanOrEqual(times[0]!);
    }
  });

  it('leave out the few whose clock is years wrong', () => {
    const times = Array.from({ length: 1_000 }, (_, at) => 1.7e9 + at / 100);
    const { calls, stepSeconds } = stepsOf([...times, 5, 1e13]).fields().timeline!;
    expect(stepSeconds).toBeLessThan(1);
    expect(sumOf(calls)).toBe(1_000);
  });

  it('of several processes are those of one', () => {
    const times = Array.from({ length: 100 }, (_, at) => 1.7e9 + at * 7);
    const all = stepsOf(times).fields().timeline!;
    const merged = new TimelineSteps();
    merged.addTimeline(stepsOf(times.slice(0, 90)).fields().timeline!);
    merged.addTimeline(stepsOf(times.slice(90)).fields().timeline!);
    expect(merged.fields().timeline).toMatchObject({ calls: all.calls, errors: all.errors });
  });

  it('have the cost of the ten dearest models, and of the rest together', () => {
    const steps = stepsOf([1.7e9]);
    for (let at = 1; at <= 300; at += 1) {
      const call = { provider: 'openai', model: `model-${String.fromCharCode(97 + (at % 26))}` };
      steps.addCost(1.7e9 + at, call, at);
    }
    const costUsd = steps.fields().timeline!.costUsd!;
    expect(costUsd).toHaveLength(11);
    expect(costUsd.at(-1)!.model).toBeUndefined();
    expect(sumOf(costUsd.flatMap((each) => each.steps))).toBe(45_150);
  });

  it('are absent where there was nothing', () => {
    expect(new TimelineSteps().fields()).toEqual({});
  });
});
