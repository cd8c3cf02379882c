import { beforeAll, describe } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import {
  pause,
  together,
  chat,
  checkScenarios,
  limited,
  many,
  sequence,
  span,
  tool,
  type Scenario,
} from './work.js';

beforeAll(async () => {
  await loadPrices();
});

const AGENTS: readonly Scenario[] = [
  {
    name: 'tools that a model asked for together',
    must: ['sequential-calls'],
    request: () => sequence(chat(900, 300), tool('weather', 400), tool('news', 500)),
  },
  {
    name: 'tools that nobody asked for together',
    must: [],
    request: () => sequence(tool('search', 400), tool('open result', 500), chat(900, 300)),
  },
  {
    name: 'tools that a model chose one by one',
    must: [],
    request: () => many(3, () => sequence(chat(900, 400), tool('search'))),
  },
  {
    name: 'a plan, and its answer',
    must: [],
    request: () => sequence(chat(1_500, 500), chat(900, 500), span('store', 300)),
  },
  {
    name: 'a long beginning that the cache never has',
    must: ['unused-prompt-cache'],
    says: /cache the beginning: saves up to \$/,
    request: (index) => chat(8_000 + ((index * 31) % 200)),
  },
  {
    name: 'a long beginning that the cache has',
    must: [],
    request: (index) => chat(8_000 + ((index * 31) % 200), 700, { cacheReadTokens: 7_800 }),
  },
  {
    name: 'a short beginning',
    must: [],
    request: (index) => chat(900 + ((index * 31) % 200)),
  },
  {
    name: 'inputs of all sizes',
    must: [],
    request: (index) => chat(3_000 + ((index * 7_919) % 30_000)),
  },
  {
    name: 'an agent whose context grows',
    must: ['growing-context'],
    request: () => many(8, (step) => sequence(chat(1_000 + step * 1_500), tool('x', 100))),
  },
  {
    name: 'a tool that is called again and again with one input',
    must: ['agent-loop'],
    says: /up to 5 times, with nothing new .* stop at the second call/,
    request: () =>
      many(5, (step) =>
        sequence(chat(900 + step * 20, 400), tool('search flights', 300, { inputHash: 'a' })),
      ),
  },
  {
    name: 'two tools in turn, with nothing new',
    must: ['agent-loop'],
    request: () =>
      many(8, (step) =>
        sequence(chat(900 + step * 20, 400), tool('search', 300, { inputHash: `${step % 2}` })),
      ),
  },
  {
    name: 'a tool that fails again and again',
    must: ['agent-loop'],
    request: () =>
      many(5, () => sequence(chat(900, 400), tool('run query', 300, { inputHash: 'a' }, 'Error'))),
  },
  {
    name: 'a look at a page after each step',
    must: [],
    request: () =>
      many(5, (step) =>
        sequence(
          chat(900, 400),
          tool('snapshot', 100, { inputHash: 'a' }),
          chat(900, 400),
          tool('click', 200, { inputHash: `button ${step}` }),
        ),
      ),
  },
  {
    name: 'a tool with another input each time',
    must: [],
    request: () =>
      many(5, (step) => sequence(chat(900, 400), tool('search', 300, { inputHash: `${step}` }))),
  },
  {
    name: 'a tool that was tried twice',
    must: [],
    request: () =>
      many(2, (step) =>
        sequence(
          chat(900, 400),
          tool('search', 300, { inputHash: 'a' }, step === 0 ? 'Error' : undefined),
        ),
      ),
  },
  {
    name: 'a job that an agent looks at until it is done',
    must: [],
    request: () =>
      many(6, () => sequence(chat(900, 400), tool('get job status', 100, { inputHash: 'a' }))),
  },
  {
    name: 'a history that is sent anew in each trace of a session',
    must: ['growing-context'],
    says: /from trace to trace of 5 sessions.* Let the provider cache it/,
    traces: 40,
    request: (index) =>
      chat(1_000 + (index % 8) * 3_000, 700, { sessionId: `s${Math.floor(index / 8)}` }),
  },
  {
    name: 'a history that the cache of the provider has',
    must: ['growing-context'],
    says: /came from the provider's cache. Shorten or summarize/,
    traces: 40,
    request: (index) =>
      chat(1_000 + (index % 8) * 3_000, 700, {
        sessionId: `s${Math.floor(index / 8)}`,
        ...(index % 8 === 0 ? {} : { cacheReadTokens: (index % 8) * 3_000 - 2_000 }),
      }),
  },
  {
    name: 'sessions with questions of all sizes',
    must: [],
    traces: 40,
    request: (index) =>
      chat(1_000 + ((index * 7_919) % 9_000), 700, { sessionId: `s${Math.floor(index / 8)}` }),
  },
  {
    name: 'a stream whose words are spoken as they come',
    must: [],
    request: () =>
      together(
        chat(900, 1_000),
        sequence(
          pause(100),
          many(6, () => span('speak', 150)),
        ),
      ),
  },
  {
    name: 'a question that is classified, planned and answered',
    must: [],
    request: () => sequence(chat(700, 300), chat(1_200, 500), chat(900, 900)),
  },
  {
    name: 'questions one by one, that need nothing of each other',
    must: ['sequential-calls'],
    says: /Start all 6 before awaiting any/,
    request: () => many(6, (at) => chat(1_000 + ((at * 997) % 700), 600)),
  },
  {
    name: 'documents that a model reads three at a time',
    must: ['small-pool'],
    says: /at most 3 at a time/,
    request: () =>
      limited(
        3,
        Array.from({ length: 12 }, (_, index) => chat(1_000 + ((index * 997) % 700), 600)),
      ),
  },
];

describe('what is said of agents, and what is not', () => {
  checkScenarios(AGENTS);
});
