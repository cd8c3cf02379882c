import { beforeAll, describe } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import {
  checkScenarios,
  chat,
  exponential,
  fanOut,
  limited,
  many,
  pause,
  retried,
  sequence,
  span,
  together,
  type Scenario,
} from './work.js';

beforeAll(async () => {
  await loadPrices();
});

const SERVICES: readonly Scenario[] = [
  {
    name: 'a query for each order',
    must: ['many-short-calls'],
    request: () =>
      sequence(
        span('find orders', 30),
        many(25, () => span('SELECT item', 6)),
        span('render', 40),
      ),
  },
  {
    name: 'three reads that need nothing of each other',
    must: ['independent-calls'],
    says: /Start all of them before awaiting/,
    request: () =>
      sequence(span('load profile', 300), span('load orders', 350), span('load offers', 400)),
  },
  {
    name: 'two reads by names in camel case',
    must: ['independent-calls'],
    says: /Start both before awaiting/,
    request: () => sequence(span('fetchWeather', 300), span('fetchNews', 350), span('render', 90)),
  },
  {
    name: 'reads that need the one before',
    must: [],
    request: () =>
      sequence(span('load user', 300), span('load orders', 350), span('load order items', 400)),
  },
  {
    name: 'one read, and one for each that it found',
    must: ['sequential-calls'],
    request: () =>
      sequence(
        span('get order', 100),
        many(4, () => span('get item', 200)),
      ),
  },
  {
    name: 'a pipeline of steps',
    must: [],
    request: () =>
      sequence(span('embed', 200), span('search', 300), span('rerank', 250), chat(900, 400)),
  },
  {
    name: 'the same read twice',
    must: ['sequential-calls'],
    request: () =>
      sequence(
        many(2, () => span('fetch page', 600)),
        span('answer', 300),
      ),
  },
  {
    name: 'pages with a cursor',
    must: [],
    request: () => many(6, () => span('listObjects', 300)),
  },
  { name: 'the next page', must: [], request: () => many(6, () => span('fetch next page', 300)) },
  {
    name: 'a job that is asked for until it is done',
    must: [],
    request: () => many(5, () => sequence(span('get job', 100), pause(900))),
  },
  {
    name: 'few requests that are slow in one row',
    must: ['slow-tail'],
    says: /^the slowest 5 % of .* wait for `rerank`: .* Look at trace `t`/,
    traces: 200,
    request: (index) =>
      sequence(
        span('retrieve', 300),
        span('rerank', index % 20 === 7 ? 3_000 : 30),
        chat(900, 350),
      ),
  },
  {
    name: 'a row that is slow for one request in three',
    must: [],
    traces: 200,
    request: (index) => sequence(span('retrieve', 300), span('rerank', index % 3 === 0 ? 900 : 30)),
  },
  {
    name: 'few calls that are slow and hardly matter',
    must: [],
    traces: 200,
    request: (index) => sequence(span('retrieve', 900), span('log', index % 20 === 7 ? 90 : 3)),
  },
  {
    name: 'retries that never help',
    must: ['costly-retries'],
    says: /its retries never helped.* give up at once: saves/,
    request: () => sequence(retried(3, false), span('render', 50)),
  },
  {
    name: 'retries that help',
    must: [],
    request: (index) => sequence(retried(index % 5 === 0 ? 2 : 1, true), span('render', 250)),
  },
  {
    name: 'a healthy service',
    must: [],
    request: () =>
      sequence(
        span('auth', 60),
        together(span('retrieve', 300), span('profile', 280)),
        chat(900, 400),
        span('store', 90),
      ),
  },
  {
    name: 'one of many that takes much longer',
    must: ['straggler'],
    says: /^20 of 20 times that 12 calls of `shard` .* Ask again after \d+ ms/,
    request: (index) =>
      sequence(
        fanOut(12, (at) => span('shard', at === (index * 7) % 12 ? 900 : 100)),
        span('merge', 50),
      ),
  },
  {
    name: 'the same one of many, each time',
    must: ['straggler'],
    says: /It was the one that started after 3 others 20 times: split it/,
    request: () =>
      sequence(
        fanOut(8, (at) => span('region', at === 3 ? 900 : 100)),
        span('merge', 50),
      ),
  },
  {
    name: 'one host of many',
    must: ['straggler'],
    says: /It was `eu.example.com` 20 times/,
    request: () =>
      fanOut(5, (at) =>
        span('GET', at === 2 ? 900 : 100, {
          address: `${['us', 'ap', 'eu', 'af', 'sa'][at]!}.example.com`,
        }),
      ),
  },
  {
    name: 'many that take times as chance has it',
    must: [],
    traces: 100,
    request: () => fanOut(6, () => span('shard', exponential(200))),
  },
  {
    name: 'many of which one is late now and then',
    must: [],
    may: ['slow-tail'],
    traces: 100,
    request: (index) => fanOut(12, (at) => span('shard', at === 4 && index % 25 === 3 ? 900 : 100)),
  },
  {
    name: 'a late one that nobody waits for',
    must: [],
    request: (index) =>
      together(
        fanOut(12, (at) => span('shard', at === (index * 7) % 12 ? 900 : 100)),
        span('render', 2_000),
      ),
  },
  {
    name: 'many, three at a time',
    must: ['small-pool'],
    says: /^12 calls of `fetch` .* at most 3 at a time.* Raise the limit/,
    request: () =>
      sequence(
        limited(
          3,
          Array.from({ length: 12 }, () => span('fetch', 200)),
        ),
        span('render', 100),
      ),
  },
  {
    name: 'batches of four, each of which waits for its slowest',
    must: ['small-pool'],
    says: /in batches of 4.* Start the next one as soon as one has ended/,
    request: () => many(4, () => fanOut(4, () => span('resize', exponential(200)))),
  },
  {
    name: 'as many at once as there are',
    must: [],
    request: () => fanOut(12, () => span('fetch', 200)),
  },
  {
    name: 'a second wave that needs the first',
    must: [],
    request: () =>
      sequence(
        fanOut(4, () => span('fetch', 200)),
        span('decide', 100),
        fanOut(4, () => span('fetch', 200)),
      ),
  },
  {
    name: 'a model that is loaded by the first request',
    must: ['cold-start'],
    says: /^`load model` took .* in the first of `request`. Do it when the process starts/,
    traces: 30,
    request: (index) =>
      sequence(
        span('load model', index === 0 ? 8_000 : 1),
        span('predict', 120),
        span('format', 100),
      ),
  },
  {
    name: 'a connection that only the first request opens',
    must: ['cold-start'],
    says: /^`connect db` took \d\.\d+ s per call, and only in the first of `request`\. Do it when the process starts/,
    traces: 30,
    request: (index) =>
      sequence(
        ...(index === 0 ? [span('connect db', 3_000)] : []),
        span('query', 120),
        span('format', 100),
      ),
  },
  {
    name: 'instances that are started for a request',
    must: ['cold-start'],
    says: /Keep instances warm/,
    traces: 60,
    facts: (index) => (index % 12 === 5 ? { isColdStart: true } : {}),
    request: (index) =>
      sequence(span('init', index % 12 === 5 ? 2_000 : 1), span('answer', 300), span('store', 120)),
  },
  {
    name: 'a slow request in the midst',
    must: [],
    traces: 30,
    request: (index) =>
      sequence(span('load model', index === 11 ? 8_000 : 1), span('predict', 120), span('x', 100)),
  },
  {
    name: 'a first request that happens to be one of the slow ones',
    must: [],
    may: ['slow-tail'],
    traces: 60,
    request: (index) =>
      sequence(span('predict', 120), span('lock', index % 12 === 0 ? 3_000 : 20), span('x', 100)),
  },
  {
    name: 'calls that hardly ever work at once',
    must: ['costly-retries'],
    says: /^`ask` worked only when it was tried again in 16 of 20 calls, after 32 failures. Find out why, or wait \d+ ms before/,
    request: (index) => sequence(retried(index % 5 === 0 ? 1 : 3, true), span('render', 250)),
  },
  {
    name: 'calls that are too many for the other side',
    must: ['costly-retries'],
    says: /too many calls: send fewer at a time/,
    request: () => sequence(retried(2, true, 'RateLimitError'), span('render', 250)),
  },
];

describe('what is said of services, and what is not', () => {
  checkScenarios(SERVICES);
});
