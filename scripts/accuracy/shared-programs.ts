import { MORE_SHARED_CASES } from './more-shared-programs.js';
import { all, Batcher, Loader, times, type SharedCase } from './shared-parts.js';
import { Channel, Slots } from './simulator.js';

export type { SharedCase } from './shared-parts.js';

export const SHARED_CASES: readonly SharedCase[] = [
  {
    title: 'Pool of connections',
    what: 'Two connections for all queries. A query’s span includes its wait for one.',
    program: async (world) => {
      const pool = new Slots(2);
      await world.requests(70, 260, 'GET /cart', async (request, index) => {
        await request.segment('session', 30);
        const query = (name: string, millis: number) =>
          request.segment(name, (self) => pool.use(() => self.work(millis)));
        await query('find cart', 40);
        if (index % 5 === 0) await query('recommend', 1_100);
        await query('find prices', 55);
        await request.segment('page', 90);
      });
    },
  },
  {
    title: 'Limiter around calls of a model',
    what: 'Three calls at a time, whoever asks. The step includes its wait, the call does not.',
    program: async (world) => {
      const limiter = new Slots(3);
      await world.requests(60, 320, 'POST /ask', async (request) => {
        await request.segment('retrieve', 120);
        await request.segment('answer', (self) => limiter.use(() => self.segment('chat', 850)));
        await request.segment('store', 40);
      });
    },
  },
  {
    title: 'Single flight',
    what: 'The token of a service is fetched once; all requests meanwhile wait for it.',
    program: async (world) => {
      const flight = new Loader();
      let validUntil = 0;
      await world.requests(90, 70, 'GET /feed', async (request) => {
        await request.segment('token', async (self) => {
          if (world.clock.nowNanos < validUntil) return;
          await flight.get(async () => {
            await self.segment('refresh token', 600);
            validUntil = world.clock.nowNanos + 900e6;
          });
        });
        await request.segment('feed', 110);
      });
    },
  },
  {
    title: 'Job queue with workers',
    what: 'Two workers do jobs for requests, each as a trace of its own; a request waits for its result.',
    program: async (world) => {
      const jobs = new Channel<() => void>();
      const count = 60;
      let left = count;
      const worker = async () => {
        while (left > 0) {
          left -= 1;
          const done = await jobs.take();
          await world.request('job', async (job) => {
            await job.segment('download', 90);
            await job.segment('convert', 420);
          });
          done();
        }
      };
      await all([
        worker(),
        worker(),
        world.requests(count, 300, 'POST /convert', async (request) => {
          await request.segment('check', 35);
          await request.segment('wait for job', async () => {
            await new Promise<void>((resolve) => void jobs.put(resolve));
          });
          await request.segment('reply', 50);
        }),
      ]);
    },
  },
  {
    title: 'Hedged calls of a model',
    what: 'After 0.6 s without an answer a second call is made; the first answer counts.',
    program: async (world) => {
      await world.requests(50, 700, 'POST /chat', async (request) => {
        await request.segment('prompt', 150);
        await request.segment('model', async (self) => {
          const first = self.segment('call', 520);
          const second = self.timer(600).then(() => self.segment('second call', 300));
          await Promise.race([first, second]);
        });
        await request.segment('check answer', 400);
      });
    },
  },
  {
    title: 'Semaphore with two kinds of work',
    what: 'Four places for previews and exports of all requests; the segment includes the wait.',
    program: async (world) => {
      const places = new Slots(4);
      await world.requests(90, 130, 'GET /file', async (request, index) => {
        const kind = index % 3 === 0 ? 'export' : 'preview';
        await request.segment('load', 60);
        await request.segment(kind, (self) =>
          places.use(() => self.segment(`render ${kind}`, kind === 'export' ? 900 : 160)),
        );
      });
    },
  },
  {
    title: 'Cron job with a lock',
    what: 'Every two seconds an index is rebuilt, and requests wait for the lock.',
    program: async (world) => {
      const lock = new Slots(1);
      const cron = async () => {
        for (let round = 0; round < 8; round += 1) {
          await world.clock.sleep(2_000e6);
          await world.request('cron', async (job) => {
            await lock.use(() => job.segment('rebuild index', 900));
            await job.segment('report', 50);
          });
        }
      };
      await all([
        cron(),
        world.requests(100, 200, 'GET /search', async (request) => {
          await request.segment('parse', 25);
          await request.segment('search', (self) => lock.use(() => self.segment('look up', 35)));
          await request.segment('format', 60);
        }),
      ]);
    },
  },
  {
    title: 'Batcher with a timeout',
    what: 'Texts of all requests are embedded eight at a time, or after 50 ms.',
    program: async (world) => {
      const batcher = new Batcher(8, 50, () =>
        world.request('embed batch', (batch) => batch.segment('embeddings', 450)),
      );
      await world.requests(80, 60, 'POST /index', async (request) => {
        await request.segment('split', 70);
        await request.segment('embed', async (self) => {
          await batcher.add(self);
          await self.work(15);
        });
        await request.segment('upsert', 80);
      });
    },
  },
  {
    title: 'Cache stampede',
    what: 'Entries of a cache expire; the first reader loads, all others wait for it.',
    program: async (world) => {
      const keys = new Map<number, { loader: Loader; until: number }>();
      await world.requests(120, 50, 'GET /item', async (request, index) => {
        const number = Math.floor(world.chance(`key ${index}`) * 3);
        const entry = keys.get(number) ?? { loader: new Loader(), until: 0 };
        keys.set(number, entry);
        await request.segment('cached', async (self) => {
          if (world.clock.nowNanos < entry.until) return;
          await entry.loader.get(async () => {
            await self.segment('load item', 700);
            entry.until = world.clock.nowNanos + 1_000e6;
          });
        });
        await request.segment('show', 45);
      });
    },
  },
  {
    title: 'Sessions',
    what: 'A session is one trace. Its user thinks between the turns.',
    program: async (world) => {
      await world.requests(14, 900, 'session', async (session, index) => {
        for (const turn of times(5)) {
          await session.timer(2_000 * (0.3 + world.chance(`think ${index} ${turn}`)));
          await session.segment('turn', async (self) => {
            await self.segment('recall', 120);
            await self.segment('reply', 500);
          });
        }
      });
    },
  },
  {
    title: 'Blocks of the event loop',
    what: 'Each fourth request renders on the one thread, and all others wait for it.',
    program: async (world) => {
      await world.requests(90, 120, 'GET /report', async (request, index) => {
        await request.segment('rows', 180);
        if (index % 4 === 0) await request.segment('render', (self) => self.cpu(300));
        await request.segment('sign', (self) => self.cpu(6));
        await request.segment('archive', 70);
      });
    },
  },
  {
    title: 'Retries with backoff',
    what: 'A third of the calls fail at first, and are tried again after a pause.',
    program: async (world) => {
      await world.requests(50, 500, 'POST /pay', async (request, index) => {
        await request.segment('check', 200);
        await request.segment('charge', async (self) => {
          for (const nth of [1, 2, 3]) {
            const fails = nth < 3 && world.chance(`fails ${index} ${nth}`) < 0.35;
            const outcome = fails ? 'error' : 'success';
            await self.attempt(nth, outcome, (one) => one.work(240), nth > 1 ? 400 : 0);
            if (!fails) return;
            await self.timer(400);
          }
        });
        await request.segment('receipt', 90);
      });
    },
  },
  {
    title: 'Writers of one file',
    what: 'One writer at a time. The wait is in no segment.',
    program: async (world) => {
      const lock = new Slots(1);
      await world.requests(60, 210, 'POST /event', async (request) => {
        await request.segment('validate', 45);
        await lock.use(() => request.segment('append', 160));
        await request.segment('notify', 130);
      });
    },
  },
  {
    title: 'Readers slower than their model',
    what: 'A model streams into a small buffer while each sentence is spoken.',
    program: async (world) => {
      await world.requests(25, 3_000, 'call', async (request) => {
        const sentences = new Channel<number>(1);
        await request.segment('listen', 300);
        const model = request.segment('chat', async (self) => {
          for (const sentence of times(8)) {
            await self.work(60);
            await sentences.put(sentence);
          }
        });
        for (let spoken = 0; spoken < 8; spoken += 1) {
          await sentences.take();
          await request.segment('say', 180);
        }
        await model;
      });
    },
  },
  {
    title: 'Limiter inside a request',
    what: 'Each request reads 16 pages, three at a time, in segments that begin before they may.',
    program: async (world) => {
      await world.requests(20, 4_000, 'crawl', async (request) => {
        const places = new Slots(3);
        await all(
          times(16).map(() =>
            request.segment('page', (page) =>
              places.use(async () => {
                await page.segment('fetch', 220);
                await page.segment('extract', 130);
              }),
            ),
          ),
        );
        await request.segment('rank', 350);
      });
    },
  },
  {
    title: 'Nothing shared',
    what: 'Requests that overlap, with branches side by side, and wait for nobody.',
    program: async (world) => {
      await world.requests(80, 150, 'GET /home', async (request) => {
        await request.segment('auth', 60);
        await all([
          request.segment('news', (self) => self.segment('query news', 260)),
          request.segment('weather', 300),
          request.segment('friends', async (self) => {
            await self.segment('query friends', 120);
            await self.work(70);
          }),
        ]);
        await request.work(25);
        await request.segment('html', 80);
      });
    },
  },
  ...MORE_SHARED_CASES,
];
