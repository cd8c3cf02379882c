/**
 * Programs in which timing decides, for experiments: a single flight, a hedged request, and the pool and the threads of
 * `programs.js` with segments that begin when a connection or a thread is there and end before it is given back.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCache } from 'async-cache-dedupe';
import { createPool } from 'generic-pool';
import { Pool } from 'undici';
import { segment } from '../../dist/doors/hotspan.js';
import { Threads } from './threads.js';

function singleFlight() {
  let world;
  let flights = 0;
  // Nothing is kept: only who asks while an answer is on its way gets the same.
  const cache = createCache({ ttl: 0 });
  cache.define('config', () => world.step('refresh', 60, (flights += 1)).then(() => 'config'));
  return {
    name: 'async-cache-dedupe: one refresh for all who ask while it runs',
    run: (worldOfRun, count = 50) => {
      world = worldOfRun;
      flights = 0;
      return world.requests('request', { count, everyMillis: 25 }, async (index) => {
        await world.step('auth', 10, index);
        await segment('config', () => cache.config());
        await world.step('render', 20, index);
      });
    },
    close: () => Promise.resolve(),
  };
}

/** How long to wait for the first mirror before the second is asked. */
const HEDGE_MILLIS = 60;

async function hedge() {
  const server = createServer(async ({ url }, response) => {
    await sleep(Number(url.slice(1)));
    response.end('done');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const mirrors = new Pool(`http://127.0.0.1:${server.address().port}`, { connections: 64 });
  return {
    name: 'undici: a second mirror is asked if the first is late',
    run: (world, count = 40) =>
      world.requests('request', { count, everyMillis: 40 }, async (index) => {
        const mirror = (name, signal) =>
          segment(name, async () => {
            const path = `/${world.millis(name, 60, index)}`;
            const { body } = await mirrors.request({ method: 'GET', path, signal });
            return body.text();
          });
        await world.step('plan', 15, index);
        const done = new AbortController();
        const { signal } = done;
        const late = sleep(HEDGE_MILLIS, undefined, { signal }).then(() =>
          mirror('mirror b', signal),
        );
        await Promise.any([mirror('mirror a', signal), late]);
        done.abort();
        await world.step('answer', 20, index);
      }),
    close: async () => {
      await mirrors.close();
      server.close();
    },
  };
}

function connectionHeld() {
  const pool = createPool(
    { create: () => Promise.resolve({ query: sleep }), destroy: () => Promise.resolve() },
    { max: 2 },
  );
  return {
    name: 'generic-pool: two connections, held around each query',
    run: (world, count = 50) =>
      world.requests('request', { count, everyMillis: 26 }, async (index) => {
        const query = (name, mean) =>
          pool.use(({ query }) => segment(name, () => query(world.millis(name, mean, index))));
        await world.step('auth', 10, index);
        await query('select user', 6);
        if (index % 4 === 1) await query('report', 110);
        await query('select orders', 12);
        await world.step('render', 25, index);
      }),
    close: async () => {
      await pool.drain();
      await pool.clear();
    },
  };
}

function threadHeld() {
  const pool = new Threads(2);
  return {
    name: 'worker_threads: two threads, held around each job',
    run: (world, count = 36) =>
      world.requests('upload', { count, everyMillis: 34 }, async (index) => {
        const job = (name, mean) =>
          pool.run(world.millis(name, mean, index), (work) => segment(name, work));
        await world.step('receive', 15, index);
        if (index % 3 === 1) await job('pdf', 120);
        await job('thumbnail', 18);
        await world.step('store', 12, index);
      }),
    close: () => pool.close(),
  };
}

export const TIMING_PROGRAMS = { singleFlight, hedge, connectionHeld, threadHeld };
