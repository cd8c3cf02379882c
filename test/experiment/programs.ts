import { context } from '@opentelemetry/api';
import { segment } from 'hotspan';
import { sleep } from '../support/clock.js';
import { seededRandom } from '../support/random.js';

/** Does a segment's own work: always the same for a key, so that runs differ by what was changed between them. */
export class Work {
  /**
   * @param changed the name of the segments whose work is changed
   * @param factor what its durations are multiplied by
   */
  constructor(
    private readonly changed?: string,
    private readonly factor = 0,
  ) {}

  millis(name: string, mean: number, key: number): number {
    const factor = name === this.changed ? this.factor : 1;
    return factor * seededRandom(seedOf(`${name} ${key}`)).lognormal(mean, 0.3);
  }

  step(name: string, mean: number, key: number): Promise<void> {
    return segment(name, () => sleep(this.millis(name, mean, key)));
  }
}

/** FNV-1a, mixed as MurmurHash3 ends: numbers of keys that follow each other do not. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return 1 + ((hash ^ (hash >>> 16)) >>> 2);
}

/** Starts a request every so many milliseconds, give or take some. Returns how many seconds one took, on average. */
async function requests(
  count: number,
  everyMillis: number,
  handle: (index: number) => Promise<unknown>,
): Promise<number> {
  const random = seededRandom(5);
  const all: Promise<unknown>[] = [];
  let millis = 0;
  for (let index = 0; index < count; index += 1) {
    const startMillis = performance.now();
    const request = segment('request', () => handle(index));
    all.push(request.then(() => (millis += performance.now() - startMillis)));
    await sleep(everyMillis * (0.5 + random.uniform()));
  }
  await Promise.all(all);
  return millis / count / 1000;
}

/** Lets so many in at a time; the others wait in the order in which they came. */
function slots(count: number) {
  let free = count;
  const queue: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free === 0) await new Promise<void>((resolve) => queue.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

export type Program = (work: Work, count: number) => Promise<number>;

/** Three at a time, for all requests. */
export const limiter: Program = (work, count) => {
  const limit = slots(3);
  return requests(count, 75, async (index) => {
    await work.step('list', 10, index);
    const docs = [0, 1, 2].map((doc) =>
      segment('doc', () => limit(() => work.step('summarize', 35, index * 3 + doc))),
    );
    await Promise.all(docs);
  });
};

/** One batch for all who ask within 10 ms; its segment is in the request that asked first. */
export const batcher: Program = (work, count) => {
  let waiting: (() => void)[] = [];
  let batches = 0;
  const send = () => {
    const batch = waiting;
    waiting = [];
    void work.step('batch users', 45, (batches += 1)).then(() => {
      for (const each of batch) each();
    });
  };
  const load = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      // A fake timer does not keep the context.
      if (waiting.length === 1) setTimeout(context.bind(context.active(), send), 10);
    });
  return requests(count, 8, async (index) => {
    await work.step('posts', 15, index);
    await segment('resolve author', async () => {
      await load();
      await work.step('format author', 12, index);
    });
    await work.step('serialize', 12, index);
  });
};

/** Who comes while a refresh runs waits for that one. */
export const singleFlight: Program = (work, count) => {
  let flight: Promise<void> | undefined;
  let flights = 0;
  return requests(count, 25, async (index) => {
    await work.step('auth', 10, index);
    await segment('config', () => {
      flight ??= work.step('refresh', 60, (flights += 1)).finally(() => (flight = undefined));
      return flight;
    });
    await work.step('render', 20, index);
  });
};

/** A second mirror is asked if the first has not answered after 60 ms; the first answer counts. */
export const hedge: Program = (work, count) =>
  requests(count, 40, async (index) => {
    await work.step('plan', 15, index);
    let isDone = false;
    const late = sleep(60).then(() => (isDone ? undefined : work.step('mirror b', 60, index)));
    const first = work.step('mirror a', 60, index).then(() => (isDone = true));
    await Promise.race([first, late]);
    isDone = true;
    await work.step('answer', 20, index);
  });

/** How a query takes one of two connections and gives it back, and where its segment is in that. */
type Use = (limit: ReturnType<typeof slots>, name: string, work: () => Promise<void>) => unknown;

/** A segment around the wait, as of a library that has the pool inside. */
const around: Use = (limit, name, work) => segment(name, () => limit(work));

const inside: Use = (limit, name, work) => limit(() => segment(name, work));

/** The wait is a segment of its own, and the work another; the connection is given back after that. */
const behind: Use = async (limit, name, work) => {
  const release = await segment('acquire', () => acquire(limit));
  await segment(name, work);
  release();
};

/** The connection is given back at the end of the work, in its segment. */
const until: Use = async (limit, name, work) => {
  const release = await segment('acquire', () => acquire(limit));
  await segment(name, () => work().then(release));
};

function acquire(limit: ReturnType<typeof slots>): Promise<() => void> {
  return new Promise((resolve) => {
    void limit(() => new Promise<void>((release) => resolve(release)));
  });
}

/** Two connections for all requests. */
export const pool =
  (use: keyof typeof USES): Program =>
  (work, count) => {
    const limit = slots(2);
    return requests(count, 34, async (index) => {
      const query = (name: string, mean: number) =>
        USES[use](limit, name, () => sleep(work.millis(name, mean, index)));
      await work.step('auth', 10, index);
      await query('select user', 6);
      if (index % 4 === 1) await query('report', 110);
      await query('select orders', 12);
      await work.step('render', 25, index);
    });
  };

const USES = { around, inside, behind, until };
