import { all, Batcher, Loader, times, type SharedCase } from './shared-parts.js';
import { Channel, Slots } from './simulator.js';

/** Further programs of many requests: other pools, locks, queues and batches. */
export const MORE_SHARED_CASES: readonly SharedCase[] = [
  {
    title: 'Pool with a transaction',
    what: 'Three connections. A transaction holds one for several statements, each with a span.',
    program: async (world) => {
      const pool = new Slots(3);
      await world.requests(80, 170, 'POST /order', async (request, index) => {
        await request.segment('check', 30);
        await request.segment('transaction', (self) =>
          pool.use(async () => {
            await self.segment('insert order', 60);
            for (let line = index % 4; line > 0; line -= 1) {
              await self.segment('insert line', 70);
            }
            await self.segment('commit', 90);
          }),
        );
        await request.segment('confirm', 50);
      });
    },
  },
  {
    title: 'Mutex inside a span',
    what: 'One ledger entry at a time. The span includes the wait for the lock.',
    program: async (world) => {
      const lock = new Slots(1);
      await world.requests(80, 180, 'POST /entry', async (request) => {
        await request.segment('parse', 40);
        await request.segment('ledger', (self) => lock.use(() => self.work(150)));
        await request.segment('receipt', 70);
      });
    },
  },
  {
    title: 'Two pools',
    what: 'Queries wait for one of two connections, pictures for one of two workers.',
    program: async (world) => {
      const connections = new Slots(2);
      const workers = new Slots(2);
      await world.requests(90, 190, 'GET /page', async (request) => {
        await request.segment('query', (self) => connections.use(() => self.work(90)));
        await request.segment('resize', (self) => workers.use(() => self.work(320)));
        await request.segment('send', 60);
      });
    },
  },
  {
    title: 'Keep-alive sockets',
    what: 'Four sockets to one host. A request’s span includes its wait for a socket.',
    program: async (world) => {
      const sockets = new Slots(4);
      await world.requests(70, 150, 'GET /trip', async (request) => {
        await all(
          ['GET flights', 'GET hotels', 'GET cars'].map((name, at) =>
            request.segment(name, (self) => sockets.use(() => self.work(120 + 60 * at))),
          ),
        );
        await request.segment('merge', 80);
      });
    },
  },
  {
    title: 'Limiter for agents',
    what: 'Two agents at a time; each thinks and uses a tool.',
    program: async (world) => {
      const places = new Slots(2);
      await world.requests(50, 900, 'POST /agent', async (request) => {
        await request.segment('read', 60);
        await request.segment('queue', (self) =>
          places.use(() =>
            self.segment('agent', async (agent) => {
              await agent.segment('think', 600);
              await agent.segment('tool', 350);
              await agent.segment('think', 600);
            }),
          ),
        );
      });
    },
  },
  {
    title: 'Back-pressure of a log',
    what: 'Writes go to a buffer of three, which one writer empties.',
    program: async (world) => {
      const buffer = new Channel<number>(3);
      const count = 80;
      const writer = async () => {
        for (let left = count; left > 0; left -= 1) {
          await buffer.take();
          await world.request('flush', (flush) => flush.segment('write block', 130));
        }
      };
      await all([
        writer(),
        world.requests(count, 150, 'POST /log', async (request, index) => {
          await request.segment('validate', 35);
          await request.segment('append', () => buffer.put(index));
          await request.segment('answer', 45);
        }),
      ]);
    },
  },
  {
    title: 'Batch of inserts',
    what: 'Rows of all requests are inserted six at a time, or after 80 ms.',
    program: async (world) => {
      const batcher = new Batcher(6, 80, () =>
        world.request('flush rows', (flush) => flush.segment('bulk insert', 260)),
      );
      await world.requests(100, 45, 'POST /row', async (request) => {
        await request.segment('parse', 50);
        await request.segment('insert', (self) => batcher.add(self));
        await request.segment('answer', 30);
      });
    },
  },
  {
    title: 'Loader in its caller',
    what: 'The request that asks first loads the settings, in a span of its own; others wait.',
    program: async (world) => {
      const loader = new Loader();
      let until = 0;
      await world.requests(90, 60, 'GET /config', async (request) => {
        await request.segment('auth', 40);
        if (world.clock.nowNanos >= until) {
          await loader.get(async () => {
            await request.segment('load settings', 500);
            until = world.clock.nowNanos + 700e6;
          });
        }
        await request.segment('render', 90);
      });
    },
  },
  {
    title: 'Cron job on the pool',
    what: 'A report every three seconds takes all connections that queries wait for.',
    program: async (world) => {
      const pool = new Slots(2);
      const cron = async () => {
        for (let round = 0; round < 6; round += 1) {
          await world.clock.sleep(3_000e6);
          await world.request('nightly', (job) =>
            all(
              times(2).map(() =>
                job.segment('aggregate', (self) => pool.use(() => self.work(900))),
              ),
            ),
          );
        }
      };
      await all([
        cron(),
        world.requests(110, 190, 'GET /user', async (request) => {
          await request.segment('parse', 20);
          await request.segment('find user', (self) => pool.use(() => self.work(60)));
          await request.segment('html', 70);
        }),
      ]);
    },
  },
  {
    title: 'Stages with a worker each',
    what: 'Jobs pass three workers, one after another, each with a trace of its own.',
    program: async (world) => {
      const stages = ['extract', 'transform', 'load'];
      const millis = [140, 330, 90];
      const queues = stages.map(() => new Channel<() => void>());
      const count = 50;
      const worker = async (at: number) => {
        for (let left = count; left > 0; left -= 1) {
          const done = await queues[at]!.take();
          await world.request(`worker ${stages[at]!}`, (job) =>
            job.segment(stages[at]!, millis[at]!),
          );
          const next = queues[at + 1];
          if (next === undefined) done();
          else void next.put(done);
        }
      };
      await all([
        ...stages.map((_, at) => worker(at)),
        world.requests(count, 420, 'POST /import', async (request) => {
          await request.segment('upload', 80);
          await request.segment('import', () => {
            return new Promise<void>((resolve) => void queues[0]!.put(resolve));
          });
        }),
      ]);
    },
  },
  {
    title: 'Chat and tools on one thread',
    what: 'Tokens are counted on the one thread, and answers of models wait for it.',
    program: async (world) => {
      await world.requests(70, 260, 'POST /chat', async (request, index) => {
        await request.segment('chat', 420);
        await request.segment('count tokens', (self) => self.cpu(index % 2 === 0 ? 340 : 40));
        await request.segment('store', 60);
      });
    },
  },
  {
    title: 'Pages read in slots',
    what: 'Each request reads 20 pages, four at a time; some are scanned.',
    program: async (world) => {
      await world.requests(15, 6_000, 'ingest', async (request) => {
        const places = new Slots(4);
        await all(
          times(20).map((at) =>
            places.use(() =>
              at % 4 === 0 ? request.segment('scan', 800) : request.segment('read', 180),
            ),
          ),
        );
        await request.segment('index', 260);
      });
    },
  },
  {
    title: 'Two tenants and one limiter',
    what: 'Long calls of one tenant hold the places that short ones of the other wait for.',
    program: async (world) => {
      const places = new Slots(3);
      const call = (name: string, millis: number, every: number, count: number) =>
        world.requests(count, every, `POST /${name}`, async (request) => {
          await request.segment('auth', 25);
          await request.segment(`${name} call`, (self) => places.use(() => self.work(millis)));
        });
      await all([call('large', 1_400, 620, 30), call('small', 110, 160, 110)]);
    },
  },
  {
    title: 'Sleeping poller',
    what: 'A job is asked for each half second until it is ready.',
    program: async (world) => {
      await world.requests(30, 800, 'POST /render', async (request, index) => {
        await request.segment('submit', 120);
        const ready = world.clock.nowNanos + 1_500e6 + 1_500e6 * world.chance(`job ${index}`);
        do {
          await request.timer(500);
          await request.segment('poll', 40);
        } while (world.clock.nowNanos < ready);
        await request.segment('download', 300);
      });
    },
  },
];
