/**
 * Makes spans on one side and prints its memory at some moments, after garbage collections:
 * `node --expose-gc memory-process.js SCENARIO bare|hotspan SPANS`.
 */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { ROOT_CONTEXT, trace, type Span } from '@opentelemetry/api';
import { ranked, sdk, started, use, useAsyncContext } from './sdk.js';
import { bareAsync, hotspanAsync } from './span-work.js';
import { ThrownAway } from './thrown-away.js';

/** The memory of the process at one moment, in bytes. */
export interface Memory {
  readonly heap: number;
  readonly resident: number;
}

const [scenario = '', sideName = '', count = ''] = process.argv.slice(2);
const spans = Number(count);
const isHotspan = sideName === 'hotspan';
const moments: Memory[] = [];

async function look(): Promise<void> {
  // Later turns may have work left, and some garbage takes a second collection.
  await sleep(200);
  for (let times = 0; times < 3; times += 1) {
    globalThis.gc!();
    await turn();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  moments.push({ heap: heapUsed + external, resident: rss });
}

const tracer = () => trace.getTracer('bench');
const attributes = { 'app.text': 'text', 'app.number': 3, 'app.flag': true };
const start = (name: string, parent?: Span) =>
  tracer().startSpan(
    name,
    { attributes },
    parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent),
  );

async function inTurns(times: number, work: (at: number) => void): Promise<void> {
  for (let at = 0; at < times; at += 1) {
    work(at);
    if (at % 100 === 99) await turn();
  }
}

const SCENARIOS: Record<string, () => Promise<void>> = {
  /** Makes pairs and reads the memory ten times. */
  growth: async () => {
    const work = isHotspan ? hotspanAsync : bareAsync;
    for (let part = 0; part < 10; part += 1) {
      await work(spans / 20);
      await look();
    }
  },
  /** Keeps traces of 10 spans open, of which only the local root has not ended. */
  open: async () => {
    const roots: Span[] = [];
    await inTurns(spans / 10, () => {
      const root = start('root');
      for (let child = 1; child < 10; child += 1) start('step', root).end();
      roots.push(root);
    });
    await look();
    await inTurns(roots.length, (at) => roots[at]!.end());
    roots.length = 0;
    await look();
  },
  /** Makes one large trace. */
  large: async () => {
    const root = start('root');
    await inTurns(spans - 1, () => start('step', root).end());
    await look();
    root.end();
    // hotspan analyzes it in the turns of the event loop that follow.
    // The analysis takes a while, a few milliseconds in each turn.
    await sleep(10_000);
    await look();
  },
  /** Gives each span a different name that does not look like data. */
  names: async () => {
    const letters = (at: number) =>
      [at, at / 26, at / 26 ** 2, at / 26 ** 3]
        .map((digit) => String.fromCharCode(97 + (Math.floor(digit) % 26)))
        .join('');
    await inTurns(spans, (at) => start(`step ${letters(at)}`).end());
    await look();
  },
  /** Makes spans that wait, because nobody receives them. */
  waiting: async () => {
    const absent = started('http://127.0.0.1:9');
    use(absent);
    await look();
    await hotspanAsync(spans / 2);
    await look();
    const { pending } = absent.tracing.delivery();
    if (pending !== spans) throw new Error(`expected ${spans} spans to wait, got ${pending}`);
  },
};

useAsyncContext();
use(isHotspan ? ranked(new ThrownAway()) : sdk(new ThrownAway()));
await (isHotspan ? hotspanAsync : bareAsync)(20_000);
await look();
await SCENARIOS[scenario]!();
console.log(JSON.stringify(moments));
