import type { AttemptOutcome } from '../../src/semconv.js';
import { NO_FACTS, type SpanFacts, type SpanRecord } from '../../src/trace/span-record.js';

const NANOS = 1e6;
/** Work takes a multiple of this many nanoseconds, so that half and nine tenths of it are whole too. */
const GRAIN = 20;
const ROOT = 'request';

/** A program, which runs inside the segment `request`. */
export type Program = (root: Segment) => Promise<void>;

/** Makes the own work of one row take `factor` times as long. */
export interface SpeedUp {
  readonly row: string;
  readonly factor: number;
}

/** One run of a program. */
export interface Run {
  readonly records: readonly SpanRecord[];
  /** How long the user waited. */
  readonly totalNanos: number;
}

/**
 * Runs a program on a virtual clock until all its work has ended. Returns the same every time.
 *
 * @param seed chooses the work of each row at random, between half and twice as long as written. 0 keeps
 *   what is written.
 */
export async function simulate(program: Program, seed: number, speedUp?: SpeedUp): Promise<Run> {
  const world = new World(seed, speedUp);
  const root = new Segment(world, undefined, ROOT, ROOT, NO_FACTS);
  const done = root.run(() => program(root));
  await world.clock.runAll();
  await done;
  return { records: world.records, totalNanos: root.totalNanos };
}

/**
 * Runs a program of many requests, as {@link simulate} does one. The work of each call takes another time, by
 * chance, which is the same with every speed-up.
 */
export async function simulateMany(
  program: (world: World) => Promise<void>,
  seed: number,
  speedUp?: SpeedUp,
): Promise<Run> {
  const world = new World(seed, speedUp);
  const done = program(world);
  await world.clock.runAll();
  await done;
  const roots = world.records.filter(({ parentSpanId }) => parentSpanId === undefined);
  const totalNanos = roots.reduce(
    (sum, { startNanos, endNanos }) => sum + endNanos - startNanos,
    0,
  );
  return { records: world.records, totalNanos };
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that only moves when everything waits for it. */
class Clock {
  nowNanos = 0;
  readonly #sleepers: Sleeper[] = [];

  sleep(nanos: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ at: this.nowNanos + nanos, wake }));
  }

  async runAll(): Promise<void> {
    for (;;) {
      // After this, everything that can continue at the current time has done so.
      await new Promise((resolve) => setImmediate(resolve));
      const at = Math.min(...this.#sleepers.map((sleeper) => sleeper.at));
      if (at === Infinity) return;
      this.nowNanos = at;
      const next = this.#sleepers.findIndex((sleeper) => sleeper.at === at);
      this.#sleepers.splice(next, 1)[0]!.wake();
    }
  }
}

/** Where requests run, one or many, with what they share. */
export class World {
  readonly clock = new Clock();
  readonly records: SpanRecord[] = [];
  readonly thread = new Slots(1);
  readonly #seed: number;
  readonly #speedUp: SpeedUp | undefined;
  #spans = 0;
  readonly #requests = new Map<string, number>();

  constructor(seed: number, speedUp: SpeedUp | undefined) {
    this.#seed = seed;
    this.#speedUp = speedUp;
  }

  /** Runs one request: a trace of its own. Its steps take as long each time, whatever the speed-up. */
  request(name: string, body: (root: Segment) => Promise<unknown>): Promise<void> {
    // By its number among those of its name: whatever the speed-up, it draws the same.
    const number = (this.#requests.get(name) ?? 0) + 1;
    this.#requests.set(name, number);
    const trace = { id: `${name} ${number}`, draws: new Map<string, number>() };
    const root = new Segment(this, undefined, name, name, NO_FACTS, trace);
    return root.run(async () => {
      await body(root);
    });
  }

  /** Runs requests that come one by one, `everyMillis` apart on average. */
  async requests(
    count: number,
    everyMillis: number,
    name: string,
    body: (root: Segment, index: number) => Promise<unknown>,
  ): Promise<void> {
    const running: Promise<void>[] = [];
    for (let index = 0; index < count; index += 1) {
      running.push(this.request(name, (root) => body(root, index)));
      const share = -Math.log(1 - evenly(`${this.#seed} arrival ${index}`));
      await this.clock.sleep(Math.round(everyMillis * NANOS * share));
    }
    await Promise.all(running);
  }

  /** Returns a number from 0 to 1, the same for the same key in every run with this seed. */
  chance(key: string): number {
    return evenly(`${this.#seed} ${key}`);
  }

  nextSpanId(): string {
    this.#spans += 1;
    return String(this.#spans).padStart(4, '0');
  }

  nanosOf(row: string, millis: number, trace: Trace | undefined): number {
    const factor = this.#speedUp?.row === row ? this.#speedUp.factor : 1;
    const variation =
      trace === undefined ? variationOf(row, this.#seed) : drawOf(row, trace, this.#seed);
    const nanos = GRAIN * Math.round((millis * NANOS * variation) / GRAIN);
    return Math.round(nanos * factor);
  }
}

/** One of many requests. */
interface Trace {
  readonly id: string;
  /** How often each row has worked in it. */
  readonly draws: Map<string, number>;
}

/** Returns how much longer than written the next work of a row takes: log-normal, with a spread of 30 %. */
function drawOf(row: string, { id, draws }: Trace, seed: number): number {
  const nth = (draws.get(row) ?? 0) + 1;
  draws.set(row, nth);
  const key = `${seed} ${id} ${row} ${nth}`;
  const length = Math.sqrt(-2 * Math.log(1 - evenly(`${key} length`)));
  return Math.exp(0.3 * length * Math.cos(2 * Math.PI * evenly(`${key} angle`)));
}

/** Returns 0.5 to 2, always the same for a row and a seed (from the FNV-1a hash of both). */
function variationOf(row: string, seed: number): number {
  return seed === 0 ? 1 : 2 ** (2 * evenly(`${seed} ${row}`) - 1);
}

/** Returns a number from 0 to 1, always the same for a text. */
function evenly(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  // The last characters hardly affect the high bits yet.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 12)) >>> 0) / 2 ** 32;
}

/** A running segment, which records one span. */
export class Segment {
  totalNanos = 0;
  readonly #world: World;
  readonly #parent: Segment | undefined;
  readonly spanId: string;
  readonly #name: string;
  readonly #row: string;
  readonly #facts: SpanFacts;

  constructor(
    world: World,
    parent: Segment | undefined,
    name: string,
    row: string,
    facts: SpanFacts,
    readonly trace: Trace | undefined = parent?.trace,
  ) {
    this.#world = world;
    this.#parent = parent;
    this.spanId = world.nextSpanId();
    this.#name = name;
    this.#row = row;
    this.#facts = facts;
  }

  /** Runs a child segment: a function, or work for that many milliseconds. */
  segment<T = void>(name: string, body: number | ((self: Segment) => Promise<T>)): Promise<T> {
    const child = new Segment(this.#world, this, name, name, NO_FACTS);
    return child.run(() =>
      typeof body === 'number' ? (child.work(body) as Promise<T>) : body(child),
    );
  }

  /** Runs an attempt of this segment's operation. Its own work counts toward the operation. */
  attempt<T>(
    number: number,
    outcome: AttemptOutcome,
    body: (self: Segment) => Promise<T>,
    backoffMillis = 0,
  ): Promise<T> {
    const facts = { attempt: { number, outcome, backoffSeconds: backoffMillis / 1000 } };
    const child = new Segment(this.#world, this, `${this.#name} attempt`, this.#row, facts);
    return child.run(() => body(child));
  }

  /** Works while others can work too, until the signal stops it. */
  async work(millis: number, signal?: AbortSignal): Promise<void> {
    const stopped = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(new Stopped('stopped')), { once: true });
    });
    const slept = this.#world.clock.sleep(this.#world.nanosOf(this.#row, millis, this.trace));
    await Promise.race([slept, stopped]);
  }

  /** Works on the only thread. */
  cpu(millis: number): Promise<void> {
    return this.#world.thread.use(() => this.work(millis));
  }

  /** Waits for a timer, which no speed-up shortens. */
  timer(millis: number): Promise<void> {
    return this.#world.clock.sleep(millis * NANOS);
  }

  /** Runs `body` and records its span. */
  async run<T>(body: () => Promise<T>): Promise<T> {
    const startNanos = this.#world.clock.nowNanos;
    let errorType: string | undefined;
    try {
      return await body();
    } catch (error) {
      errorType = (error as Error).name;
      throw error;
    } finally {
      const endNanos = this.#world.clock.nowNanos;
      this.totalNanos = endNanos - startNanos;
      this.#world.records.push({
        traceId: this.trace?.id ?? 'simulated',
        spanId: this.spanId,
        parentSpanId: this.#parent?.spanId,
        parentIsRemote: false,
        name: this.#name,
        service: 'simulated',
        kind: 'internal',
        startNanos,
        endNanos,
        errorType,
        facts: this.#facts,
      });
    }
  }
}

/** The error of work that was stopped. */
class Stopped extends Error {
  override readonly name = 'AbortError';
}

/** Runs up to `count` bodies at a time. The rest wait in line. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async use<T>(body: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await body();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

/** A queue between producers and consumers, with room for some items. */
export class Channel<T> {
  readonly #items: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];
  readonly #givers: (() => void)[] = [];
  readonly #room: number;

  constructor(room = Infinity) {
    this.#room = room;
  }

  async put(item: T): Promise<void> {
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker(item);
      return;
    }
    if (this.#items.length >= this.#room) {
      await new Promise<void>((resolve) => this.#givers.push(resolve));
    }
    this.#items.push(item);
  }

  async take(): Promise<T> {
    const item = this.#items.shift();
    if (item === undefined) return new Promise((resolve) => this.#takers.push(resolve));
    this.#givers.shift()?.();
    return item;
  }
}
