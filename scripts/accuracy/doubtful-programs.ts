import type { SavingDoubt } from '../../src/summary.js';
import type { SharedCase } from './shared-programs.js';
import type { Segment, World } from './simulator.js';

/** A program of which some savings cannot be known from its spans. */
export interface DoubtfulCase extends SharedCase {
  /** The rows of these savings, by their names. */
  readonly rows: readonly string[];
  readonly doubt: SavingDoubt;
}

const REQUESTS = 40;

type Body = (request: Segment, world: World, index: number) => Promise<unknown>;

const requests =
  (body: Body, everyMillis = 5_000) =>
  (world: World) =>
    world.requests(REQUESTS, everyMillis, 'request', async (request, index) => {
      await body(request, world, index);
    });

/** Two mirrors are asked, and the first answer counts; the other goes on. */
const race = requests(async (request) => {
  await request.segment('plan', 150);
  await Promise.race([request.segment('eu', 500), request.segment('us', 520)]);
  await request.segment('answer', 700);
});

/** As above, and the request ends with the first. */
const raceAtTheEnd = requests(async (request) => {
  await request.segment('plan', 150);
  await Promise.race([request.segment('eu', 500), request.segment('us', 520)]);
});

const cancelled = requests(async (request) => {
  await request.segment('plan', 150);
  const cancel = new AbortController();
  const asked = ['eu', 'us'].map((mirror) =>
    request.segment(mirror, (self) => self.work(500, cancel.signal)),
  );
  await Promise.race(asked);
  cancel.abort();
  await Promise.allSettled(asked);
  await request.segment('answer', 300);
});

const timeouts = requests(async (request, world, index) => {
  await request.segment('retrieve', 300);
  const isHung = world.chance(`hangs ${index}`) < 0.3;
  await request.segment('chat', async (self) => {
    if (isHung) await self.attempt(1, 'timeout', (one) => one.timer(1_000));
    await self.attempt(isHung ? 2 : 1, 'success', (one) => one.work(400));
  });
});

/** What all of them wait for is no span. */
const singleFlight = (world: World) => {
  let flight: Promise<void> | undefined;
  return world.requests(90, 70, 'request', async (request, index) => {
    await request.segment('token', () => {
      const millis = 400 + 500 * world.chance(`flight ${index}`);
      flight ??= request.timer(millis).then(() => void (flight = undefined));
      return flight;
    });
    await request.segment('feed', 110);
  });
};

const fallback = requests(async (request, world) => {
  await request.segment('retrieve', 300);
  const from = world.clock.nowNanos;
  const large = request.segment('large', async (self) => {
    const work = self.work(500);
    await Promise.race([work, self.timer(700)]);
    if (world.clock.nowNanos - from >= 700e6) {
      throw Object.assign(new Error('too slow'), { name: 'TimeoutError' });
    }
  });
  await large.catch(() => request.segment('small', 400));
});

export const DOUBTFUL_CASES: readonly DoubtfulCase[] = [
  {
    title: 'Race whose losers run on',
    what: 'Two mirrors are asked, and the first answer counts.',
    ...{ rows: ['eu', 'us'], doubt: 'race', program: race },
  },
  {
    title: 'Race that ends the request',
    what: 'The same, and the request ends with the first answer.',
    ...{ rows: ['eu', 'us'], doubt: 'race', program: raceAtTheEnd },
  },
  {
    title: 'Race whose losers are cancelled',
    what: 'The mirror that is not first is told to stop.',
    ...{ rows: ['eu', 'us'], doubt: 'race', program: cancelled },
  },
  {
    title: 'Timeouts',
    what: 'A third of the calls hang, are given up after a second, and tried again.',
    ...{ rows: ['chat'], doubt: 'timeout', program: timeouts },
  },
  {
    title: 'Timeout and fallback',
    what: 'A call that takes more than 0.7 s is given up, and a small model answers.',
    ...{ rows: ['large'], doubt: 'timeout', program: fallback },
  },
  {
    title: 'Single flight without a span',
    what: 'All requests wait for one token, and what fetches it is not traced.',
    ...{ rows: ['token'], doubt: 'unknown-wait', program: singleFlight },
  },
];
