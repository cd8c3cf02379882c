import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RunningCode } from '../../src/cpu-profile/cpu-profile-table.js';
import { SwitchLog } from '../../src/cpu-profile/segment-tracker.js';

const a: RunningCode = { segment: 'a', enclosing: [] };
const b: RunningCode = { segment: 'b', enclosing: [] };

let nowMillis = 0;
function at(millis: number): void {
  nowMillis = millis;
}

function newLog(): SwitchLog {
  vi.spyOn(performance, 'now').mockImplementation(() => nowMillis);
  at(0);
  return new SwitchLog();
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** Who began, and how many milliseconds after the first. */
function taken(log: SwitchLog): [number, string | undefined][] {
  const { atMicros, running } = log.take();
  return running.map((each, index) => [
    Math.round(atMicros[index]! - atMicros[0]!) / 1e3,
    each?.segment,
  ]);
}

describe('the log of turns', () => {
  it('notes who begins, and when nobody has a turn', () => {
    const log = newLog();
    at(1);
    log.enter(a);
    at(2);
    log.enter(b);
    at(3);
    log.enter(undefined);
    at(4);
    log.enter(a);
    at(5);
    log.enter(undefined);
    at(6);
    log.enter(b);
    expect(taken(log)).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, undefined],
      [3, 'a'],
      [4, undefined],
      [5, 'b'],
    ]);
  });

  it('takes a pause of some microseconds for none when nobody else had a turn', () => {
    const log = newLog();
    at(1);
    log.enter(a);
    for (const millis of [2, 3, 4]) {
      at(millis);
      log.enter(undefined);
      at(millis + 0.01);
      log.enter(a);
    }
    at(5);
    log.enter(undefined);
    at(5.5);
    log.enter(a);
    expect(taken(log)).toEqual([
      [0, 'a'],
      [4, undefined],
      [4.5, 'a'],
    ]);
  });

  it('goes on with the same turn after it was taken', () => {
    const log = newLog();
    log.enter(a);
    taken(log);
    expect(log.current).toBe(a);
    expect(taken(log)).toEqual([[0, 'a']]);
    log.enter(undefined);
    taken(log);
    expect(taken(log)).toEqual([]);
  });

  it('is on the clock of process.hrtime', () => {
    const log = new SwitchLog();
    const before = Number(process.hrtime.bigint()) / 1e3;
    log.enter(a);
    const after = Number(process.hrtime.bigint()) / 1e3;
    const [moment] = log.take().atMicros;
    expect(moment).toBeGreaterThan(before - 50);
    expect(moment).toBeLessThan(after + 50);
  });

  it('stops when it is full, says so, and leaves what follows to nobody', () => {
    const log = newLog();
    for (let n = 0; n < 600_000; n += 1) {
      at(n);
      log.enter(n % 2 === 0 ? a : b);
    }
    expect(log.isHalfFull).toBe(true);
    const { running, atMicros, isComplete } = log.take();
    expect(isComplete).toBe(false);
    expect(running.length).toBe(524_288);
    expect(atMicros.length).toBe(524_288);
    expect(running.at(-1)).toBeUndefined();
    expect(running.at(-2)).toBeDefined();
    expect(log.take()).toMatchObject({ running: [b], isComplete: true });
    expect(log.isHalfFull).toBe(false);
  });
});
