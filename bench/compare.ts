/** Compares sides that take turns in one process. */
import { setImmediate as turn } from 'node:timers/promises';
import { Bench } from 'tinybench';
import { ratiosOf, spreadOf, type Spread } from './statistics.js';

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  /** Prepares a turn. Not measured. */
  prepare?(): void | Promise<void>;
  /** The work to measure. */
  run(): void | Promise<void>;
}

/** How often each side runs, and how much it does. */
export interface Turns {
  readonly rounds: number;
  /** Rounds that do not count, in which V8 compiles the code and caches fill. */
  readonly warmUp: number;
  /** How many times a round calls `run`. */
  readonly iterations?: number;
  /** How many units of work one call of `run` does. Figures are per unit. */
  readonly units: number;
}

/** The cost of one unit in one round. */
export interface Cost {
  /** Microseconds in which the event loop was busy: time on the clock minus time waiting for I/O. */
  readonly busy: number;
  /** Microseconds of processor time of the whole process, with garbage collector and compiler. */
  readonly cpu: number;
}

/** The costs of a side in each round. */
export interface Measured {
  readonly name: string;
  readonly costs: readonly Cost[];
}

/** Lets the sides take turns, in alternating order. */
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

/** Runs one turn of a side. */
async function measure(side: Side, { iterations = 1, units }: Turns): Promise<Cost> {
  await side.prepare?.();
  // Finishes what the other side left for the next turn.
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

/** Returns how many milliseconds the event loop has been busy since its start. */
function busyMillis(): number {
  return performance.eventLoopUtilization().active;
}

/** Returns the spread of a figure over all rounds. */
export function spread({ costs }: Measured, figure: keyof Cost = 'busy'): Spread {
  return spreadOf(costs.map((cost) => cost[figure]));
}

/** Returns the spread of the ratios of all rounds. */
export function ratio(of: Measured, against: Measured, figure: keyof Cost = 'busy'): Spread {
  const figures = ({ costs }: Measured) => costs.map((cost) => cost[figure]);
  return spreadOf(ratiosOf(figures(of), figures(against)));
}
