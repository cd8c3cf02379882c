/** Measures what the processor adds to a span, with its part of the analysis. */
import { setTimeout as sleep } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { segment } from 'hotspan';
import { BottleneckSpanProcessor } from 'hotspan/processor';
import { takeTurns, type Cost, type Side } from './compare.js';
import { cells, micros, table } from './markdown.js';
import { NO_PROVIDER, use, useAsyncContext } from './sdk.js';
import { atMost, type Findings, type Section, type Settings } from './section.js';
import { spreadOf, type Spread } from './statistics.js';

/** How many spans a side makes in one turn. */
const SPANS = 10_000;
/** How long the analysis may continue after the last span. This waiting time does not count. */
const SETTLE_MILLIS = 5;
const SETTLE_MILLIS_PER_SPAN = 0.005;

/** hotspan analyzes such traces in several turns of the event loop. */
const LARGE = 10_000;
/** How many traces the processor has seen before. */
const SAMPLED_BEFORE = 20_000;
const HOUR_MILLIS = 3_600_000;

const SHAPES = ['one after another', 'at the same time'] as const;
type Shape = (typeof SHAPES)[number];

/** Runs work in a span. */
type InSpan = <T>(name: string, work: () => T) => T;

const attributes = () => ({ 'app.text': 'text', 'app.number': 3, 'app.flag': true });

const inSegment: InSpan = (name, work) => segment(name, { attributes: attributes() }, work);

/** Makes a span with the API, whose times the processor has to read. */
const byHand: InSpan = (name, work) =>
  trace.getTracer('bench').startActiveSpan(name, { attributes: attributes() }, (span) => {
    const result = work();
    if (!(result instanceof Promise)) {
      span.end();
      return result;
    }
    return result.finally(() => {
      span.end();
    }) as typeof result;
  });

/** Constant names, because V8 hashes a new string again. */
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((letter) => `step ${letter}`);
const nameOf = (at: number) => NAMES[at % NAMES.length]!;

/** Makes one trace of `size` spans. */
async function makeTrace(inSpan: InSpan, size: number, shape: Shape): Promise<void> {
  if (shape === 'one after another') {
    inSpan('root', () => {
      for (let at = 1; at < size; at += 1) inSpan(nameOf(at), () => at);
    });
    return;
  }
  await inSpan('root', async () => {
    const children: Promise<void>[] = [];
    for (let at = 1; at < size; at += 1) {
      children.push(
        inSpan(nameOf(at), async () => {
          await Promise.resolve();
        }),
      );
    }
    await Promise.all(children);
  });
}

const NOTHING: SpanProcessor = {
  onStart: () => undefined,
  onEnding: () => undefined,
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/** How much more a span costs than with a processor that does nothing. */
interface Added {
  readonly busy: Spread;
  /** The median. */
  readonly cpu: number;
}

/**
 * Fills the sample of traces that hotspan replays to work out savings. It replays the first 120, and later
 * ones less and less often, because the slowest traces in the full sample are slower than those measured.
 */
function fillSample(processor: BottleneckSpanProcessor): void {
  const tracer = new NodeTracerProvider({ spanProcessors: [processor] }).getTracer('bench');
  for (let at = 0; at < SAMPLED_BEFORE; at += 1) {
    tracer.startSpan('before', { startTime: Date.now() - HOUR_MILLIS }).end();
  }
}

async function added(
  processor: BottleneckSpanProcessor,
  inSpan: InSpan,
  size: number,
  shape: Shape,
  rounds: number,
): Promise<Added> {
  const count = Math.max(1, Math.round(SPANS / size));
  const side = (name: string, spanProcessor: SpanProcessor): Side => {
    const provider = new NodeTracerProvider({ spanProcessors: [spanProcessor] });
    return {
      name,
      prepare: () => use({ ...NO_PROVIDER, provider }),
      run: async () => {
        for (let at = 0; at < count; at += 1) await makeTrace(inSpan, size, shape);
        // hotspan analyzes a large trace bit by bit, after the turn in which it ended.
        await sleep(Math.max(SETTLE_MILLIS, size * SETTLE_MILLIS_PER_SPAN));
      },
    };
  };
  processor.reset();
  fillSample(processor);
  const warmUp = Math.max(20, Math.ceil(rounds / 3));
  const sides = [side('processor', processor), side('nothing', NOTHING)];
  const [ranked, bare] = await takeTurns(sides, { rounds, warmUp, units: count * size });
  const { spans, warnings } = processor.summary();
  const expected = SAMPLED_BEFORE + count * size * (rounds + warmUp);
  if (spans.analyzed !== expected) {
    throw new Error(`expected ${expected} spans to be analyzed, got ${spans.analyzed}`);
  }
  if (warnings.length > 0) throw new Error(`expected no warnings, got: ${warnings.join('; ')}`);
  const difference = (figure: keyof Cost) =>
    spreadOf(ranked!.costs.map((cost, round) => cost[figure] - bare!.costs[round]![figure]));
  return { busy: difference('busy'), cpu: difference('cpu').median };
}

async function run({ isQuick }: Settings): Promise<Findings> {
  useAsyncContext();
  // As in a program: V8 optimizes for the symbol that one processor puts on its spans.
  const processor = new BottleneckSpanProcessor();
  const rows: string[][] = [];
  /** The cost in the slowest kind of trace, by size. */
  const most = { usual: 0, large: 0 };
  for (const size of [1, 2, 10, 100, LARGE]) {
    for (const shape of size === 1 ? SHAPES.slice(0, 1) : SHAPES) {
      for (const [spans, inSpan] of [
        ['`segment`', inSegment],
        ['the API', byHand],
      ] as const) {
        const { busy, cpu } = await added(processor, inSpan, size, shape, isQuick ? 15 : 60);
        const kind = size === LARGE ? 'large' : 'usual';
        most[kind] = Math.max(most[kind], busy.median);
        rows.push([size.toLocaleString('en'), shape, spans, ...cells(busy, micros), micros(cpu)]);
      }
    }
  }
  const head = [
    'spans of a trace',
    'children',
    'made by',
    'min',
    'median',
    'max',
    'processor time',
  ];
  const goal = (of: string) =>
    `the processor, per span, with the critical path (slowest kind of trace with ${of} spans)`;
  return {
    text: table(head, rows),
    goals: [
      atMost(goal('1 to 100'), 0.4, most.usual, micros),
      atMost(goal(LARGE.toLocaleString('en')), 0.4, most.large, micros),
    ],
  };
}

/** The section. */
export const processorSection: Section = {
  name: 'processor',
  title: 'The processor alone',
  about:
    "This is what a `BottleneckSpanProcessor` adds to a span, with the span's part in the " +
    'analysis of its trace. A provider with the processor and a provider whose processor does ' +
    'nothing make the same spans, in turns. One processor ranks all of them. For a span made ' +
    'with the API that took more than some 10 µs, hotspan reads the clock once more than for ' +
    'one of `segment`.\n\n' +
    'The processor has seen 20,000 traces before, so it rarely replays a trace to work out ' +
    'savings. `min` and `max` are of the differences in each round.',
  run,
};
