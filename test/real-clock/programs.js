/**
 * Five programs in which many requests share one thing: a limiter, a pool, a batcher, the connections to a server, and
 * threads. `run` handles the requests of one run; `close` gives back what the program holds.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import DataLoader from 'dataloader';
import { createPool } from 'generic-pool';
import pLimit from 'p-limit';
import { Pool } from 'undici';
import { segment } from '../../dist/doors/hotspan.js';
import { Threads } from './threads.js';

const range = (length) => Array.from({ length }, (_, index) => index);

function limiter() {
  const limit = pLimit(3);
  return {
    name: 'p-limit: three at a time, for all requests',
    run: (world, count = 30) =>
      world.requests('ingest', { count, everyMillis: 42 }, async (index) => {
        await world.step('list', 10, index);
        const docs = range(3).map((doc) => {
          const key = `${index}.${doc}`;
          const work = async () => {
            await world.step('fetch', 8, key);
            await world.step('summarize', 28, key);
          };
          return segment('doc', () => limit(work));
        });
        await Promise.all(docs);
        await world.step('merge', 12, index);
      }),
    close: () => Promise.resolve(),
  };
}

function databasePool() {
  const pool = createPool(
    { create: () => Promise.resolve({ query: sleep }), destroy: () => Promise.resolve() },
    { max: 2 },
  );
  return {
    name: 'generic-pool: two connections, waited for inside the query',
    run: (world, count = 50) =>
      world.requests('request', { count, everyMillis: 26 }, async (index) => {
        const query = (name, mean) =>
          segment(name, () => pool.use(({ query }) => query(world.millis(name, mean, index))));
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

function batcher() {
  let world;
  let batches = 0;
  const load = (keys) =>
    world.step('batch users', 45, (batches += 1)).then(() => keys.map((key) => ({ key })));
  const options = { cache: false, batchScheduleFn: (start) => setTimeout(start, 5) };
  const users = new DataLoader(load, options);
  return {
    name: 'dataloader: one batch for all who ask within 5 ms',
    run: (worldOfRun, count = 35) => {
      world = worldOfRun;
      batches = 0;
      return world.requests('graphql', { count, everyMillis: 30 }, async (index) => {
        await world.step('posts', 15, index);
        const authors = range(5).map((author) =>
          segment('resolve author', async () => {
            await users.load(`${index}.${author}`);
            await world.step('format author', 6, `${index}.${author}`);
          }),
        );
        await Promise.all(authors);
        await world.step('serialize', 12, index);
      });
    },
    close: () => Promise.resolve(),
  };
}

async function connections() {
  const server = createServer(async ({ url }, response) => {
    await sleep(Number(url.slice(1)));
    response.end('done');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pool = new Pool(`http://127.0.0.1:${server.address().port}`, { connections: 2 });
  return {
    name: 'undici: two connections to a server',
    run: (world, count = 40) =>
      world.requests('page', { count, everyMillis: 30 }, async (index) => {
        const get = (name, mean) =>
          segment(name, async () => {
            const path = `/${world.millis(name, mean, index)}`;
            const { body } = await pool.request({ method: 'GET', path });
            return body.text();
          });
        await world.step('session', 10, index);
        await get('get profile', 12);
        if (index % 3 === 1) await get('export', 90);
        await get('get cart', 12);
        await world.step('render', 20, index);
      }),
    close: async () => {
      await pool.close();
      server.close();
    },
  };
}

function threads() {
  const pool = new Threads(2);
  return {
    name: 'worker_threads: two threads for all jobs',
    run: (world, count = 36) =>
      world.requests('upload', { count, everyMillis: 34 }, async (index) => {
        const job = (name, mean) => segment(name, () => pool.run(world.millis(name, mean, index)));
        await world.step('receive', 15, index);
        if (index % 3 === 1) await job('pdf', 120);
        await job('thumbnail', 18);
        await world.step('store', 12, index);
      }),
    close: () => pool.close(),
  };
}

export const PROGRAMS = { limiter, databasePool, batcher, connections, threads };
