/** Measures how long the end of one large trace blocks the event loop. */
import { setImmediate as turn } from 'node:timers/promises';
import { ROOT_CONTEXT, trace, type Context, type Span } from '@opentelemetry/api';
import { cells, millis, table } from './markdown.js';
import { ranked, sdk, use, type Setup } from './sdk.js';
import { atMost, type Findings, type Section, type Settings } from './section.js';
import { spreadOf } from './statistics.js';
import { ThrownAway } from './thrown-away.js';

/** With the local root. By default, hotspan keeps no more of one trace. */
const SPANS = 100_000;
const SPANS_PER_TURN = 200;
/** How long to watch turns after the end of the trace. */
const WATCH_MILLIS = 1_000;
const CHILDREN_PER_SPAN = 8;

/** Ends all spans except the first one, and returns that one. */
type Shape = () => Promise<Span>;

function start(name: string, parent: Context): Span {
  const attributes = { 'app.text': 'text', 'app.number': 3, 'app.flag': true };
  return trace.getTracer('bench').startSpan(name, { attributes }, parent);
}

const within = (span: Span) => trace.setSpan(ROOT_CONTEXT, span);
const nameOf = (at: number) => `step ${'abcdefghijklmnopqrst'[at % 20]}`;

const oneAfterAnother: Shape = async () => {
  const root = start('root', ROOT_CONTEXT);
  for (let at = 1; at < SPANS; at += 1) {
    start(nameOf(at), within(root)).end();
    if (at % SPANS_PER_TURN === 0) await turn();
  }
  return root;
};

async function endAll(spans: readonly Span[]): Promise<void> {
  for (const [at, span] of spans.entries()) {
    span.end();
    if (at % SPANS_PER_TURN === 0) await turn();
  }
}

const atTheSameTime: Shape = async () => {
  const root = start('root', ROOT_CONTEXT);
  const children: Span[] = [];
  for (let at = 1; at < SPANS; at += 1) {
    children.push(start(nameOf(at), within(root)));
    if (at % SPANS_PER_TURN === 0) await turn();
  }
  await endAll(children);
  return root;
};

const asATree: Shape = async () => {
  const spans = [start('root', ROOT_CONTEXT)];
  for (let at = 1; at < SPANS; at += 1) {
    const parent = spans[Math.floor((at - 1) / CHILDREN_PER_SPAN)]!;
    spans.push(start(nameOf(at), within(parent)));
    if (at % SPANS_PER_TURN === 0) await turn();
  }
  await endAll(spans.slice(1).reverse());
  return spans[0]!;
};

const SHAPES: readonly (readonly [string, Shape])[] = [
  ['children one after another', oneAfterAnother],
  ['children at the same time', atTheSameTime],
  [`a tree, ${CHILDREN_PER_SPAN} children each`, asATree],
];

/** Returns the longest turn from the end of the local root on, in milliseconds. */
async function longestTurn(shape: Shape): Promise<number> {
  const root = await shape();
  await turn();
  const start = performance.now();
  root.end();
  let before = performance.now();
  let longest = before - start;
  while (before - start < WATCH_MILLIS) {
    await turn();
    const now = performance.now();
    longest = Math.max(longest, now - before);
    before = now;
  }
  return longest;
}

async function run({ isQuick }: Settings): Promise<Findings> {
  const rounds = isQuick ? 2 : 7;
  const hotspan = ranked(new ThrownAway());
  const sides: readonly (readonly [string, Setup])[] = [
    ['bare', sdk(new ThrownAway())],
    ['hotspan', hotspan],
  ];
  const rows: string[][] = [];
  let longest = 0;
  for (const [what, shape] of SHAPES) {
    const found = sides.map(() => [] as number[]);
    for (let round = 0; round < rounds; round += 1) {
      for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
        use(sides[index]![1]);
        found[index]!.push(await longestTurn(shape));
      }
    }
    for (const [index, [name]] of sides.entries()) {
      const spread = spreadOf(found[index]!);
      rows.push([what, name, ...cells(spread, millis)]);
      if (name === 'hotspan') longest = Math.max(longest, spread.median);
    }
  }
  const { spans } = hotspan.bottlenecks.summary();
  const made = SHAPES.length * rounds * SPANS;
  if (spans.analyzed !== made) throw new Error(`expected ${made} ranked, got ${spans.analyzed}`);
  const head = [`a trace of ${SPANS.toLocaleString('en')} spans`, 'side', 'min', 'median', 'max'];
  const goal = 'longest block of the event loop by a trace of 100,000 spans (worst kind of trace)';
  return { text: table(head, rows), goals: [atMost(goal, 20, longest, millis)] };
}

/** The section. */
export const eventLoopSection: Section = {
  name: 'event-loop',
  title: 'The event loop',
  about:
    'This is the longest turn in the second after the local root ends, including that end. The ' +
    'bare SDK has nothing to do then, so its figures show the garbage collector and the rest ' +
    'of the machine.',
  run,
};
