/** Sides that are compared take turns in one process. */
import { setImmediate as turn } from 'node:timers/promises';
import { Bench } from 'tinybench';
import { ratiosOf, spreadOf, type Spread } from './statistics.js';

/** One of the things that are compared. */
export interface Side {
  readonly name: string;
  /** Gets ready; not measured. */
  prepare?(): void | Promise<void>;
  /** What is measured. */
  run(): void | Promise<void>;
}

/** How often, and for how much. */
export interface Turns {
  readonly rounds: number;
  /** Rounds before those that count, in which the code is compiled and the caches fill. */
  readonly warmUp: number;
  /** Calls of `run` in a round. */
  readonly iterations?: number;
  /** What one call of `run` does so many of; figures are for one. */
  readonly units: number;
}

/** What a side took in one round, for one unit. */
export interface Cost {
  /** Microseconds for which the event loop was busy: time on the clock, less that spent waiting for I/O. */
  readonly busy: number;
  /** Microseconds of processor time of the whole process, garbage collector and compiler included. */
  readonly cpu: number;
}

/** The costs of a side in all rounds, in their order. */
export interface Measured {
  readonly name: string;
  readonly costs: readonly Cost[];
}

/** Lets the sides take turns, the order alternating. */
export async function takeTurns(sides: readonly Side[], turns: Turns): Promise<Measured[]> {
  const measured = sides.map(({ name }) => ({ name, costs: [] as Cost[] }));
  for (let round = -turns.warmUp; round < turns.rounds; round += 1) {
    const order = sides.map((_, index) => index);
    if (round % 2 !== 0) order.reverse();
    for (const index of order) {
      const cost = await measure(sides[index]!, turns);
      if (round >= 0) measured[index]!.costs.push(cost);
    }
  }
  return measured;
}

/** One side's turn. */
async function measure(side: Side, { iterations = 1, units }: Turns): Promise<Cost> {
  await side.prepare?.();
  // What the other side left to be done is not this one's.
  await turn();
  const bench = new Bench({ iterations, time: 0, warmup: false, throws: true, now: busyMillis });
  bench.add(side.name, () => side.run(), { async: true });
  const cpu = process.cpuUsage();
  const [task] = await bench.run();
  const { user, system } = process.cpuUsage(cpu);
  const result = task!.result;
  if (result.state !== 'completed') throw new Error(`${side.name}: ${result.state}`);
  return { busy: (result.latency.mean * 1e3) / units, cpu: (user + system) / iterations / units };
}

/** How long the event loop has been busy since its start, in milliseconds. */
function busyMillis(): number {
  return performance.eventLoopUtilization().active;
}

/** A figure of all rounds. */
export function spread({ costs }: Measured, figure: keyof Cost = 'busy'): Spread {
  return spreadOf(costs.map((cost) => cost[figure]));
}

/** The ratios of the rounds. */
export function ratio(of: Measured, against: Measured, figure: keyof Cost = 'busy'): Spread {
  const figures = ({ costs }: Measured) => costs.map((cost) => cost[figure]);
  return spreadOf(ratiosOf(figures(of), figures(against)));
}
