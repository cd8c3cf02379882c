import { Channel, Slots, type Program, type Segment } from './simulator.js';

/** A program, to predict how long it takes with some work faster. */
export interface Case {
  readonly title: string;
  /** One sentence: what runs beside what. */
  readonly what: string;
  /** Why the order of events does not decide how long it takes; absent if it does. */
  readonly otherwise?: string;
  readonly program: Program;
}

const each = <T>(items: readonly T[], body: (item: T, index: number) => Promise<unknown>) =>
  Promise.all(items.map(body));

/** Programs in which a start waits for the last ends before it, and an end for all children. */
const determined: readonly Case[] = [
  {
    title: 'Sequence',
    what: 'One step after another, with work of the request in between.',
    program: async (request) => {
      await request.work(12);
      await request.segment('load', 180);
      await request.segment('retrieve', 420);
      await request.work(35);
      await request.segment('answer', 1300);
      await request.work(8);
    },
  },
  {
    title: 'Promise.all',
    what: 'Three searches run side by side, then an answer uses all of them.',
    program: async (request) => {
      await request.segment('plan', 310);
      await Promise.all([
        request.segment('search web', 1900),
        request.segment('search papers', 1750),
        request.segment('search notes', 240),
      ]);
      await request.segment('answer', 900);
    },
  },
  {
    title: 'Promise.allSettled',
    what: 'One of three sources fails, and the answer uses the other two.',
    program: async (request) => {
      await Promise.allSettled([
        request.segment('source a', 640),
        request.segment('source b', async (source) => {
          await source.work(1100);
          throw new RangeError('no such page');
        }),
        request.segment('source c', 800),
      ]);
      await request.work(15);
      await request.segment('answer', 700);
    },
  },
  {
    title: 'Nested agents',
    what: 'A conductor asks two agents side by side. Each calls a model and tools.',
    program: async (request) => {
      await request.segment('conductor', async (conductor) => {
        await conductor.segment('chat', 800);
        await Promise.all([
          conductor.segment('researcher', async (agent) => {
            await agent.segment('chat', 950);
            await agent.segment('web search', 1200);
            await agent.work(20);
            await agent.segment('chat', 1400);
          }),
          conductor.segment('analyst', async (agent) => {
            await agent.segment('sql', 2600);
            await agent.work(140);
            await agent.segment('chat', 700);
          }),
        ]);
        await conductor.segment('chat', 1100);
      });
    },
  },
  {
    title: 'Retries with backoff',
    what: 'A call fails twice, with a longer wait each time. Another call beside it succeeds at once.',
    program: async (request) => {
      await Promise.all([
        request.segment('chat', async (chat) => {
          await chat.attempt(1, 'error', (attempt) => attempt.work(300));
          await chat.timer(200);
          await chat.attempt(2, 'error', (attempt) => attempt.work(310), 200);
          await chat.timer(400);
          await chat.attempt(3, 'success', (attempt) => attempt.work(900), 400);
        }),
        request.segment('embed', 1600),
      ]);
      await request.segment('store', 90);
    },
  },
  {
    title: 'Branches with segments of their own',
    what: 'Documents are fetched, cleaned and summarized side by side, each in its own segment.',
    program: async (request) => {
      const documents = [
        { fetch: 420, clean: 60, summarize: 1500 },
        { fetch: 1210, clean: 90, summarize: 640 },
        { fetch: 150, clean: 30, summarize: 1800 },
        { fetch: 700, clean: 400, summarize: 850 },
      ];
      await each(documents, ({ fetch, clean, summarize }) =>
        request.segment('document', async (document) => {
          await document.segment('fetch', fetch);
          await document.work(clean);
          await document.segment('summarize', summarize);
        }),
      );
      await request.segment('combine', 1000);
    },
  },
  {
    title: 'Chains side by side',
    what: 'Two chains of steps in one segment. Each step starts as soon as its own chain is ready.',
    program: async (request) => {
      const chain = async (steps: readonly (readonly [string, number])[]) => {
        for (const [name, millis] of steps) await request.segment(name, millis);
      };
      await Promise.all([
        chain([
          ['transcribe', 500],
          ['translate', 710],
          ['speak', 230],
        ]),
        chain([
          ['detect faces', 400],
          ['blur', 330],
          ['encode', 900],
        ]),
      ]);
      await request.segment('upload', 350);
    },
  },
  {
    title: 'Rounds of fan-out',
    what: 'Three rounds. In each, several models draft side by side and one votes on the drafts.',
    program: async (request) => {
      for (const slow of [0, 400, 150]) {
        await Promise.all([
          request.segment('draft small', 500 + slow / 2),
          request.segment('draft large', 900 + slow),
          request.segment('draft local', 1100),
        ]);
        await request.segment('vote', 300);
      }
    },
  },
  {
    title: 'Work started early',
    what: 'The request loads the user profile first, but awaits it only when it answers.',
    program: async (request) => {
      const profile = request.segment('profile', 1500);
      await request.segment('classify', 300);
      await request.segment('retrieve', 1400);
      await profile;
      await request.segment('answer', 800);
    },
  },
  {
    title: 'Fire and forget',
    what: 'The request writes a log that nobody waits for. It still runs at the end.',
    program: async (request) => {
      await request.segment('check', 200);
      void request.segment('log', 5000);
      await request.segment('chat', 1200);
      await request.segment('store', 150);
    },
  },
  {
    title: 'A handler that tidies up',
    what: 'The span of the request ends with its response. Its handler continues after that.',
    program: async (request) => {
      await request.segment('authenticate', 45);
      await new Promise<void>((respond) => {
        void request.segment('handler', async (handler) => {
          await handler.work(30);
          await Promise.all([handler.segment('chat', 900), handler.segment('prices', 700)]);
          await handler.segment('render', 60);
          respond();
          await handler.segment('tidy', 500);
        });
      });
    },
  },
  {
    title: 'Recursion',
    what: 'A task splits into two, three levels deep. Each part is planned, done and merged.',
    program: async (request) => {
      const solve = (parent: Segment, depth: number, size: number): Promise<void> =>
        parent.segment('solve', async (self) => {
          await self.segment('plan', 50 + size / 10);
          if (depth === 0) return self.segment('do', size);
          await Promise.all([
            solve(self, depth - 1, size * 0.6),
            solve(self, depth - 1, size * 0.75),
          ]);
          await self.segment('merge', 80);
        });
      await solve(request, 3, 1000);
    },
  },
];

/** Programs that change what they do when some work gets faster. */
const undetermined: readonly Case[] = [
  {
    title: 'Race',
    what: 'The request asks two providers and takes the first answer. The other call keeps running.',
    otherwise: 'A loser that gets fast enough wins. Its span does not show this.',
    program: async (request) => {
      await request.segment('prepare', 100);
      await Promise.race([request.segment('provider a', 900), request.segment('provider b', 1000)]);
      await request.segment('answer', 300);
    },
  },
  {
    title: 'Race with cancellation',
    what: 'As above, but the request cancels the other call.',
    otherwise: 'Nobody knows how long the cancelled call would have taken.',
    program: async (request) => {
      await request.segment('prepare', 100);
      const cancel = new AbortController();
      const ask = (name: string, millis: number) =>
        request.segment(name, (self) => self.work(millis, cancel.signal));
      const asked = [ask('provider a', 900), ask('provider b', 1400)];
      await Promise.race(asked);
      cancel.abort();
      await Promise.allSettled(asked);
      await request.segment('answer', 300);
    },
  },
  {
    title: 'Timeout and fallback',
    what: 'The request gives up on a call that takes too long, and a smaller model answers.',
    otherwise: 'The call takes as long as the timer, not as long as its work.',
    program: async (request) => {
      await request.segment('retrieve', 250);
      const cancel = new AbortController();
      const call = request.segment('large model', (self) => self.work(4000, cancel.signal));
      const timer = request.timer(1500).then(() => cancel.abort());
      await Promise.race([
        call.catch(() => request.segment('small model', 700)),
        timer.then(() => new Promise(() => undefined)),
      ]);
      await request.segment('store', 60);
    },
  },
  {
    title: 'Hedged call',
    what: 'If a call has no answer after a while, the request makes a second one. The first answer counts.',
    otherwise: 'If the first call is faster, the request never makes the second.',
    program: async (request) => {
      const first = request.segment('first call', 2500);
      const second = request.timer(800).then(() => request.segment('second call', 500));
      await Promise.race([first, second]);
      await request.segment('answer', 400);
    },
  },
  {
    title: 'Work beside a log',
    what: 'The request writes a log that nobody waits for, and works without a segment meanwhile.',
    otherwise: 'The request seems to have waited for what still ran at its end.',
    program: async (request) => {
      void request.segment('log', 3000);
      await request.segment('chat', 1200);
      await request.work(150);
      await request.segment('store', 100);
    },
  },
  {
    title: 'Worker pool',
    what: 'Nine pages of different lengths are read, three at a time.',
    program: async (request) => {
      const slots = new Slots(3);
      const pages = [400, 900, 300, 700, 200, 1100, 500, 350, 600];
      await each(pages, (millis, index) =>
        slots.use(() => request.segment(index % 3 === 1 ? 'scan' : 'read', millis)),
      );
      await request.segment('summarize', 700);
    },
  },
  {
    title: 'Pipeline',
    what: 'Items go through three stages. Each stage works on one item at a time.',
    otherwise:
      'A stage waits for the stage before it or for its own last item, whichever is later.',
    program: async (request) => {
      const parsed = new Channel<number>();
      const embedded = new Channel<number>();
      const items = [0, 1, 2, 3, 4];
      const parse = async () => {
        for (const item of items) {
          await request.segment('parse', 200 + 30 * item);
          await parsed.put(item);
        }
      };
      const embed = async () => {
        for (let left = items.length; left > 0; left -= 1) {
          const item = await parsed.take();
          await request.segment('embed', 310 - 25 * item);
          await embedded.put(item);
        }
      };
      const store = async () => {
        for (let left = items.length; left > 0; left -= 1)
          await request.segment('store', 90 + 7 * (await embedded.take()));
      };
      await Promise.all([parse(), embed(), store()]);
    },
  },
  {
    title: 'Producer and consumer',
    what: 'A producer fills a queue with room for two items, and waits while it is full.',
    otherwise: 'As in a pipeline, and the producer also waits for the consumer.',
    program: async (request) => {
      const queue = new Channel<number>(2);
      const items = [0, 1, 2, 3, 4, 5];
      const produce = async () => {
        for (const item of items) {
          await request.segment('produce', 110 + 13 * item);
          await queue.put(item);
        }
      };
      const consume = async () => {
        for (let left = items.length; left > 0; left -= 1)
          await request.segment('consume', 370 - 9 * (await queue.take()));
      };
      await Promise.all([produce(), consume()]);
    },
  },
  {
    title: 'One thread',
    what: 'Two uploads are compressed side by side on the one thread of the process.',
    otherwise: 'A segment that waits for the thread looks as if it worked.',
    program: async (request) => {
      const upload = (name: string, read: number, compress: number) =>
        request.segment(name, async (self) => {
          await self.segment(`read ${name}`, read);
          await self.segment(`compress ${name}`, (step) => step.cpu(compress));
        });
      await Promise.all([upload('photo', 200, 600), upload('video', 350, 900)]);
      await request.segment('commit', 80);
    },
  },
  {
    title: 'Streaming',
    what: 'While an answer streams in, each sentence is spoken as soon as it is complete.',
    otherwise: 'No span shows when a sentence was complete, because that happens inside the call.',
    program: async (request) => {
      const sentences = new Channel<number>();
      const answer = request.segment('chat', async (chat) => {
        for (const millis of [500, 620, 580, 700]) {
          await chat.work(millis);
          await sentences.put(millis);
        }
      });
      for (let spoken = 0; spoken < 4; spoken += 1) {
        const millis = await sentences.take();
        await request.segment('speak', millis / 2);
      }
      await answer;
    },
  },
  {
    title: 'Work beside a child',
    what: 'The request works while a call runs, then waits for the call.',
    otherwise: 'Work without a segment is invisible while a child runs.',
    program: async (request) => {
      const call = request.segment('chat', 900);
      await request.work(600);
      await call;
      await request.segment('store', 200);
    },
  },
  {
    title: 'Chains with work between',
    what: 'Two chains in one segment, with work outside of segments between their steps.',
    otherwise: 'hotspan assumes that a step followed the one that ended last.',
    program: async (request) => {
      const chain = async (name: string, load: number, work: number, save: number) => {
        await request.segment(`load ${name}`, load);
        await request.work(work);
        await request.segment(`save ${name}`, save);
      };
      await Promise.all([chain('users', 500, 300, 700), chain('orders', 620, 110, 640)]);
    },
  },
  {
    title: 'Chains of different lengths',
    what: 'A single call runs beside a chain of calls, all in one segment.',
    otherwise: 'The step after the single call seems to have waited for it.',
    program: async (request) => {
      const chain = async () => {
        await request.segment('plan', 400);
        await request.segment('search', 500);
        await request.segment('read', 900);
      };
      await Promise.all([chain(), request.segment('profile', 700)]);
      await request.segment('answer', 1000);
    },
  },
];

/** All programs. Those that the order of events decides come first. */
export const CASES: readonly Case[] = [...determined, ...undetermined];
