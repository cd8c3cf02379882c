import { beforeAll, expect, it } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { seededRandom, type Random } from '../support/random.js';
import {
  adviceIn,
  chat,
  fanOut,
  many,
  pause,
  sequence,
  span,
  together,
  tool,
  type Work,
} from './work.js';

beforeAll(async () => {
  await loadPrices();
});

const PROGRAMS = 100;

type Part = (request: Request) => Work;
interface Request {
  readonly index: number;
  /** Of the program: the same in all of its requests. */
  readonly fixed: Random;
  readonly random: Random;
}

/** Work that takes about so long, as work does: most calls near the median, few much longer. */
const takes = (millis: number, random: Random, sigma = 0.35) =>
  pause(random.lognormal(millis, sigma));
const one = (random: Random, ...from: readonly string[]) =>
  from[Math.floor(random.uniform() * from.length)]!;
const between = (random: Random, least: number, most: number) =>
  least + Math.floor(random.uniform() * (most - least + 1));

/** Each decides once what it is, and returns what it does in a request. */
const PARTS: readonly ((fixed: Random) => Part)[] = [
  (fixed) => {
    const name = one(fixed, 'validate', 'authorize', 'render', 'publish event', 'store answer');
    const millis = 20 + fixed.uniform() * 200;
    return ({ random }) => span(name, takes(millis, random));
  },
  () =>
    ({ random }) =>
      sequence(
        span('embed', takes(90, random)),
        span('vector search', takes(150, random, 0.5)),
        span('rerank', takes(120, random)),
      ),
  // Different things side by side.
  (fixed) => {
    const millis = [0, 1, 2].map(() => 80 + fixed.uniform() * 300);
    const names = ['load profile', 'load history', 'moderate input'];
    return ({ random }) =>
      together(...names.map((name, at) => span(name, takes(millis[at]!, random))));
  },
  // Many of one kind side by side.
  (fixed) => {
    const [count, sigma] = [between(fixed, 2, 12), 0.2 + fixed.uniform() * 0.5];
    return ({ random }) => fanOut(count, () => span('query shard', takes(140, random, sigma)));
  },
  // A read, and another one that needs it.
  () =>
    ({ random }) =>
      sequence(
        span('get session', takes(30, random)),
        span('get cart', takes(60, random)),
        span('price cart', takes(60, random)),
      ),
  (fixed) => {
    const tokens = 300 + fixed.uniform() * 6_000;
    const spread = 0.5 + fixed.uniform();
    return ({ random }) =>
      chat(Math.round(random.lognormal(tokens, spread)), 500 + random.uniform() * 900);
  },
  // An agent that chooses its tools one by one.
  (fixed) => {
    const steps = between(fixed, 2, 4);
    return ({ random, index }) =>
      many(between(random, 2, steps), (step) =>
        sequence(
          chat(2_000 + 150 * step, random.lognormal(600, 0.3)),
          tool(one(random, 'search', 'open page', 'calculate'), random.lognormal(250, 0.5), {
            inputHash: `${index} ${step}`,
          }),
        ),
      );
  },
  // A session whose past the cache of the provider has.
  () =>
    ({ random, index }) =>
      chat(6_000 + (index % 5) * 200, random.lognormal(700, 0.3), {
        sessionId: `s${Math.floor(index / 5)}`,
        cacheReadTokens: 5_800 + (index % 5) * 200,
      }),
  // A retry now and then, which helps.
  () =>
    ({ random }) =>
      sequence(
        ...(random.happens(0.06) ? [span('call api', takes(80, random), {}, 'Error')] : []),
        span('call api', takes(180, random)),
      ),
  () =>
    ({ random }) =>
      many(between(random, 1, 4), () => span('list next objects', takes(70, random))),
];

function programOf(seed: number): (index: number) => Work {
  const fixed = seededRandom(seed * 7_919 + 13);
  for (let skipped = 0; skipped < 5; skipped += 1) fixed.uniform();
  const left = [...PARTS];
  const parts = Array.from({ length: between(fixed, 2, 6) }, () => {
    const [part] = left.splice(between(fixed, 0, left.length - 1), 1);
    return part!(fixed);
  });
  const random = seededRandom(seed * 104_729 + 7);
  return (index) =>
    sequence(...parts.map((part) => part({ index, fixed, random })), span('log', takes(5, random)));
}

it('says nothing of programs in which nothing is wrong', () => {
  const alarms = new Map<string, number>();
  const examples: string[] = [];
  for (let seed = 1; seed <= PROGRAMS; seed += 1) {
    const traces = [20, 40, 100][seed % 3]!;
    for (const { kind, message } of adviceIn({
      name: `${seed}`,
      traces,
      request: programOf(seed),
    })) {
      alarms.set(kind, (alarms.get(kind) ?? 0) + 1);
      examples.push(`${seed} ${kind}: ${message}`);
    }
  }
  expect(examples, [...alarms].join(' ')).toEqual([]);
}, 60_000);
